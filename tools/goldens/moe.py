"""Golden files for @sixtyone/moe from Hugging Face transformers: a tiny DeepSeek-V3 with random weights,
token ids and the logits and a gradient that transformers computes for them.

    python3 -m venv venv && venv/bin/pip install torch==2.13.0 transformers==5.23.0 safetensors
    venv/bin/python tools/goldens/moe.py packages/moe/test/goldens [--seed 0]

The tests read the files; they never need Python.
"""

import argparse
import json
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file
from transformers import DeepseekV3Config, DeepseekV3ForCausalLM

COMMON = dict(
    vocab_size=40, hidden_size=24, intermediate_size=32, moe_intermediate_size=12, num_hidden_layers=3,
    first_k_dense_replace=1, num_attention_heads=3, num_key_value_heads=3, n_shared_experts=1,
    n_routed_experts=8, num_experts_per_tok=3, n_group=4, topk_group=2, norm_topk_prob=True,
    routed_scaling_factor=2.5, kv_lora_rank=12, qk_nope_head_dim=6, qk_rope_head_dim=8, v_head_dim=5,
    max_position_embeddings=512, rms_norm_eps=1e-6, initializer_range=0.3, rope_theta=10000.0,
    bos_token_id=0, eos_token_id=1, attention_bias=False, tie_word_embeddings=False,
)
YARN = dict(
    type="yarn", rope_type="yarn", factor=4.0, original_max_position_embeddings=16, beta_fast=32.0,
    beta_slow=1.0, mscale=1.0, mscale_all_dim=1.0,
)
CASES = {
    "plain": dict(q_lora_rank=None, rope_scaling=None),
    "lora-yarn": dict(q_lora_rank=10, rope_scaling=YARN),
    # Two temperatures that differ, and an epsilon that the norms inside latent attention do not follow.
    "mscales": dict(
        q_lora_rank=8, rope_scaling={**YARN, "factor": 8.0, "mscale": 1.0, "mscale_all_dim": 0.707},
        rms_norm_eps=1e-2, hidden_size=16, intermediate_size=16, moe_intermediate_size=8, vocab_size=24,
    ),
}


def make(name, overrides, out, seed):
    torch.manual_seed(seed)
    config = DeepseekV3Config(**{**COMMON, **overrides})
    config._attn_implementation = "eager"
    model = DeepseekV3ForCausalLM(config).float().eval()
    with torch.no_grad():
        for key, p in model.named_parameters():
            if p.dim() > 1:
                p.normal_(0, 0.3)
            else:
                p.normal_(1, 0.1)
        for key, b in model.named_buffers():
            if key.endswith("e_score_correction_bias"):
                # Positive, so that -inf (DeepSeek's code) and 0 (transformers) mask alike.
                b.uniform_(0.0, 0.2)
    ids = torch.randint(0, config.vocab_size, (2, 21))
    logits = model(ids).logits
    loss = torch.nn.functional.cross_entropy(logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten())
    loss.backward()
    state = {}
    gradients = {}
    named = dict(model.named_parameters())
    for key, value in model.state_dict().items():
        for part, tensor in split(key, value, config):
            state[part] = tensor.contiguous().clone()
        if key in named and named[key].grad is not None:
            for part, tensor in split(key, named[key].grad, config):
                gradients[part] = tensor.contiguous().clone()
    meta = {"transformers": transformers.__version__, "torch": torch.__version__, "seed": str(seed)}
    ours = {k: v for k, v in {**COMMON, **overrides}.items()}
    ours["model_type"] = "deepseek_v3"
    meta["config"] = json.dumps(ours)
    save_file({k: v.float() for k, v in state.items()}, out / f"{name}.weights.safetensors", meta)
    keep = [
        "model.embed_tokens.weight", "model.layers.1.self_attn.kv_a_proj_with_mqa.weight",
        "model.layers.1.mlp.gate.weight", "model.layers.2.mlp.experts.3.up_proj.weight",
        "model.layers.2.mlp.experts.3.down_proj.weight", "model.layers.0.self_attn.kv_b_proj.weight",
        "model.layers.2.mlp.shared_experts.gate_proj.weight", "lm_head.weight", "model.norm.weight",
    ]
    expected = {"ids": ids.int(), "logits": logits.detach(), "loss": loss.detach().reshape(1)}
    expected.update({f"grad:{k}": gradients[k] for k in keep})
    save_file(expected, out / f"{name}.expected.safetensors", meta)
    print(name, float(loss), len(state), sum(v.numel() for v in state.values()))


def split(key, value, config):
    """Recent transformers keep experts stacked; the files name each expert as DeepSeek's checkpoints do."""
    if key.endswith("mlp.experts.gate_up_proj"):
        prefix = key[: -len("gate_up_proj")]
        width = config.moe_intermediate_size
        for e in range(config.n_routed_experts):
            yield f"{prefix}{e}.gate_proj.weight", value[e, :width]
            yield f"{prefix}{e}.up_proj.weight", value[e, width:]
    elif key.endswith("mlp.experts.down_proj"):
        prefix = key[: -len("down_proj")]
        for e in range(config.n_routed_experts):
            yield f"{prefix}{e}.down_proj.weight", value[e]
    else:
        yield key, value


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    for name, overrides in CASES.items():
        make(name, overrides, args.out, args.seed)
