"""The training steps of `pnpm bench train-step` in PyTorch on the CPU; called by benchmarks/engines/pytorch.ts.

Reads lines of JSON from standard input and answers each with one line:
  {"size": {...}, "parameters": [{"name", "shape", "values"}], "input": [...], "target": [...]}  -> {"ready": true}
  {"steps": n}  -> {"milliseconds": [...], "loss": the last loss}
"""

import json
import math
import sys
import time

import torch
import torch.nn.functional as F

torch.set_num_threads(int(sys.argv[1]))
print(json.dumps({"version": torch.__version__, "threads": torch.get_num_threads()}), flush=True)


def rms_norm(x, weight):
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-5) * weight


class Decoder:
    def __init__(self, request):
        self.size = request["size"]
        self.weights = {
            p["name"]: torch.tensor(p["values"], dtype=torch.float32).reshape(p["shape"]).requires_grad_() for p in request["parameters"]
        }
        batch, length = self.size["batch"], self.size["time"]
        self.input = torch.tensor(request["input"]).reshape(batch, length)
        self.target = torch.tensor(request["target"])
        self.optimizer = torch.optim.AdamW(self.weights.values(), lr=1e-3, weight_decay=0.01, fused=True)

    def loss(self):
        size, w = self.size, self.weights
        batch, length, width, heads = size["batch"], size["time"], size["width"], size["heads"]
        split = lambda x: x.reshape(batch, length, heads, width // heads).transpose(1, 2)
        x = F.embedding(self.input, w["embedding"]) + w["position"]
        for layer in range(size["layers"]):
            h = rms_norm(x, w[f"{layer}.norm1"])
            q, k, v = (split(h @ w[f"{layer}.{name}"]) for name in "qkv")
            mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True, scale=1 / math.sqrt(width // heads))
            x = x + mixed.transpose(1, 2).reshape(batch, length, width) @ w[f"{layer}.o"]
            m = rms_norm(x, w[f"{layer}.norm2"])
            x = x + F.gelu(m @ w[f"{layer}.up"]) @ w[f"{layer}.down"]
        hidden = rms_norm(x, w["norm"]).reshape(batch * length, width)
        return F.cross_entropy(hidden @ w["head"].T, self.target)

    def step(self):
        self.optimizer.zero_grad()
        loss = self.loss()
        loss.backward()
        self.optimizer.step()
        return loss.item()


model = None
for line in sys.stdin:
    request = json.loads(line)
    if "size" in request:
        model = Decoder(request)
        print(json.dumps({"ready": True}), flush=True)
        continue
    samples = []
    for _ in range(request["steps"]):
        start = time.perf_counter()
        loss = model.step()
        samples.append((time.perf_counter() - start) * 1000)
    print(json.dumps({"milliseconds": samples, "loss": loss}), flush=True)
