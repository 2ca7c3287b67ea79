"""Whether Python's safetensors reads what we write: packages/tensor/test/goldens/ours.safetensors, which
packages/tensor/test/safetensors.test.ts writes (SIXTYONE_UPDATE=1) and holds our writer to, byte by byte.

    pip install torch==2.13.0 safetensors==0.8.0
    python tools/goldens/safetensors_read.py packages/tensor/test/goldens/ours.safetensors
"""

import sys

import torch
from safetensors import safe_open

EXPECTED = {
    "model.layers.0.weight": torch.tensor([[0, -1.5, 2.0**-149], [3.4028234663852886e38, float("inf"), 0.1]]),
    "half": torch.tensor([1, 65504, -(2.0**-24)], dtype=torch.float16),
    "brain": torch.tensor([[1], [-3.140625]], dtype=torch.bfloat16),
    "signed": torch.tensor([-(2**31), 2**31 - 1], dtype=torch.int32),
    "unsigned": torch.tensor([0, 2**32 - 1], dtype=torch.uint32),
    "flags": torch.tensor([True, False, True]),
    "scalar": torch.tensor(42.0),
    "empty": torch.zeros(0, 4),
    'größe "x"': torch.tensor([7], dtype=torch.int32),
    "bytes": torch.tensor([-128, 127], dtype=torch.int8),
    "fp8": torch.tensor([1, 448, -(2.0**-9)]).to(torch.float8_e4m3fn),
}

with safe_open(sys.argv[1], framework="pt") as file:
    assert file.metadata() == {"format": "pt", "clé": "ünïcode"}, file.metadata()
    assert set(file.keys()) == set(EXPECTED), file.keys()
    for name, want in EXPECTED.items():
        got = file.get_tensor(name)
        assert got.dtype == want.dtype and got.shape == want.shape, (name, got, want)
        assert torch.equal(got.view(torch.uint8) if got.dtype == torch.float8_e4m3fn else got,
                           want.view(torch.uint8) if want.dtype == torch.float8_e4m3fn else want), (name, got, want)
print(f"{len(EXPECTED)} tensors read as they were written")
