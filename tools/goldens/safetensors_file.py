"""A file written by Python's safetensors, for packages/tensor/test/safetensors.test.ts.

    pip install torch==2.13.0 safetensors==0.8.0
    python tools/goldens/safetensors_file.py packages/tensor/test/goldens/python.safetensors
"""

import sys

import torch
from safetensors.torch import save_file

save_file(
    {
        "f32": torch.arange(6, dtype=torch.float32).reshape(2, 3) / 2,
        "f16": torch.tensor([0, 0.5, 1, 65504], dtype=torch.float16),
        "bf16": torch.tensor([0, 0.5, 1, -2], dtype=torch.bfloat16),
        "f64": torch.tensor([0.25, -3], dtype=torch.float64),
        "i32": torch.tensor([-(2**31), 2**31 - 1], dtype=torch.int32),
        "i64": torch.tensor([-5, 7], dtype=torch.int64),
        "i16": torch.tensor([-(2**15), 2**15 - 1], dtype=torch.int16),
        "u16": torch.tensor([0, 2**16 - 1], dtype=torch.uint16),
        "u32": torch.tensor([0, 2**32 - 1], dtype=torch.uint32),
        "u64": torch.tensor([0, 2**32 - 1], dtype=torch.uint64),
        "f8_e4m3": torch.arange(256, dtype=torch.uint8).view(torch.float8_e4m3fn),
        "f8_e5m2": torch.arange(256, dtype=torch.uint8).view(torch.float8_e5m2),
        "f8_e8m0": torch.arange(256, dtype=torch.uint8).view(torch.float8_e8m0fnu),
        # The same as PyTorch widens them.
        "f8_e4m3.wide": torch.arange(256, dtype=torch.uint8).view(torch.float8_e4m3fn).float(),
        "f8_e5m2.wide": torch.arange(256, dtype=torch.uint8).view(torch.float8_e5m2).float(),
        "f8_e8m0.wide": torch.arange(256, dtype=torch.uint8).view(torch.float8_e8m0fnu).float(),
        "f8_e4m3fnuz": torch.arange(4, dtype=torch.uint8).view(torch.float8_e4m3fnuz),
        "f4": torch.arange(6, dtype=torch.uint8).reshape(2, 3).view(torch.float4_e2m1fn_x2),
        "c64": torch.tensor([1 + 2j]),
        "i8": torch.tensor([-128, 127], dtype=torch.int8),
        "u8": torch.tensor([0, 255], dtype=torch.uint8),
        "bool": torch.tensor([True, False, True]),
        "scalar": torch.tensor(42.0),
        "empty": torch.zeros(0, 4),
    },
    sys.argv[1],
    {"made_by": "safetensors", "clé": "ünïcode"},
)
