"""FP8 as PyTorch has it, for packages/tensor/test/quantized.test.ts: every code with its value, values with
the codes they round to, and a weight stored as DeepSeek-V3's checkpoints store it.

    pip install torch==2.13.0 safetensors==0.8.0
    python tools/goldens/quantized.py packages/tensor/test/goldens/quantized.safetensors [--seed 0]
"""

import argparse

import torch
from safetensors.torch import save_file

parser = argparse.ArgumentParser()
parser.add_argument("out")
parser.add_argument("--seed", type=int, default=0)
args = parser.parse_args()
torch.manual_seed(args.seed)

codes = torch.arange(256, dtype=torch.int32).to(torch.uint8)
decoded = codes.view(torch.float8_e4m3fn).float()
# From far below the subnormals to the largest value, ties and zeros among them.
values = torch.cat([
    torch.randn(1000) * 2.0 ** torch.randint(-14, 8, (1000,)),
    (decoded[:126] + decoded[1:127]) / 2,
    torch.tensor([0.0, -0.0, 2.0**-10, 2.0**-11, -(2.0**-10), 448.0, -448.0]),
]).clamp(-448, 448)

rows, columns, block = 136, 150, 128
weight = torch.randn(rows, columns)
scale = torch.zeros(-(-rows // block), -(-columns // block))
stored = torch.zeros(rows, columns, dtype=torch.float8_e4m3fn)
dequantized = torch.zeros(rows, columns)
for i in range(scale.shape[0]):
    for j in range(scale.shape[1]):
        at = (slice(i * block, (i + 1) * block), slice(j * block, (j + 1) * block))
        scale[i, j] = weight[at].abs().max() / 448
        stored[at] = (weight[at] / scale[i, j]).to(torch.float8_e4m3fn)
        dequantized[at] = stored[at].float() * scale[i, j]
x = torch.randn(4, columns)

save_file(
    {
        "decoded": decoded,
        "values": values,
        "codes": values.to(torch.float8_e4m3fn).view(torch.uint8),
        "weight": weight,
        "layer.weight": stored,
        "layer.weight_scale_inv": scale,
        "dequantized": dequantized,
        "x": x,
        "y": torch.nn.functional.linear(x, dequantized),
    },
    args.out,
    {"torch": torch.__version__, "seed": str(args.seed)},
)
