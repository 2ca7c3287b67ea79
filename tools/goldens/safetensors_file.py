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
        "i8": torch.tensor([-128, 127], dtype=torch.int8),
        "u8": torch.tensor([0, 255], dtype=torch.uint8),
        "bool": torch.tensor([True, False, True]),
        "scalar": torch.tensor(42.0),
        "empty": torch.zeros(0, 4),
    },
    sys.argv[1],
    {"made_by": "safetensors", "clé": "ünïcode"},
)
