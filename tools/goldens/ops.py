"""Golden values of tensor ops from PyTorch: forward and gradient.

    python3 -m venv .venv && .venv/bin/pip install -r tools/goldens/requirements.txt
    .venv/bin/python tools/goldens/ops.py                 # rewrites the committed files
    .venv/bin/python tools/goldens/ops.py --seed 7 --out /tmp/fresh   # fresh numbers, same cases

The shapes are fixed, the numbers follow from the seed. Operands are float32 (or what a case says), and
float cases are evaluated in float64 and rounded once, so that the goldens hold the truth and not one
library's rounding. The gradient is that of sum(dy * y) for a random dy.

Writes torch-ops.json (what each case is, and where its arrays lie) and torch-ops.bin (little-endian).
packages/backend-testkit/src/goldens reads them; fresh files go through the same test by
SIXTYONE_GOLDENS=/tmp/fresh.
"""

import argparse
import json
import math
import pathlib
import platform

import numpy
import torch
import torch.nn.functional as F

EXPECTED = {"torch": "2.13.0", "numpy": "2.4.6"}
HERE = pathlib.Path(__file__).resolve().parent
OUT = HERE.parent.parent / "packages" / "backend-testkit" / "goldens"
NAMES = {
    torch.float32: "f32", torch.float64: "f32", torch.float16: "f16", torch.bfloat16: "bf16",
    torch.int32: "i32", torch.int64: "i32", torch.bool: "bool",
}


class Writer:
    def __init__(self, seed):
        self.random = numpy.random.default_rng(seed)
        self.blob = bytearray()
        self.cases = []

    def put(self, tensor):
        """Appends an array; 16-bit floats as raw words, bool and int64 as 32-bit integers."""
        dtype = NAMES[tensor.dtype]
        tensor = tensor.detach().contiguous()
        if dtype in ("f16", "bf16"):
            raw = tensor.view(torch.int16).numpy().astype("<i2")
        elif dtype == "f32":
            raw = tensor.to(torch.float32).numpy().astype("<f4")
        else:
            raw = tensor.numpy().astype("<i4")
        while len(self.blob) % 4:
            self.blob.append(0)
        entry = {"dtype": dtype, "shape": list(tensor.shape), "at": len(self.blob)}
        self.blob += raw.tobytes()
        return entry

    def values(self, shape, kind):
        shape = tuple(shape)
        if isinstance(kind, tuple) and kind[0] == "int":
            return torch.tensor(self.random.integers(kind[1], kind[2], shape), dtype=torch.int32)
        if isinstance(kind, list):
            return torch.tensor(numpy.resize(kind, shape), dtype=torch.float32)
        if kind == "bool":
            return torch.tensor(self.random.integers(0, 2, shape), dtype=torch.bool)
        if kind == "distinct":  # no ties, and nothing near 0
            count = math.prod(shape)
            numbers = (2 * self.random.permutation(count) + 1 - count - count % 2) * 0.125
            return torch.tensor(numbers.reshape(shape), dtype=torch.float32)
        if isinstance(kind, tuple):
            low, high = kind
            return torch.tensor(self.random.uniform(low, high, shape), dtype=torch.float32)
        return torch.tensor(self.random.standard_normal(shape), dtype=torch.float32)

    def case(self, op, inputs, fn, args=None, grad=True, dtype=None):
        """inputs: (shape, kind) pairs. dtype: evaluate in that type instead of float64."""
        operands = [self.values(shape, kind) for shape, kind in inputs]
        if dtype is not None:
            operands = [x.to(dtype) if x.is_floating_point() else x for x in operands]
        points = [
            (x if dtype else x.double()).detach().clone().requires_grad_(grad) if x.is_floating_point() else x
            for x in operands
        ]
        result = fn(*points)
        outputs = list(result) if isinstance(result, (tuple, list)) else [result]
        entry = {"op": op, "args": args or {}, "inputs": [self.put(x) for x in operands]}
        entry["outputs"] = [self.put(y) for y in outputs]
        tracked = [y.requires_grad and y.is_floating_point() for y in outputs]
        wanted = [x for x in points if x.is_floating_point()]
        if grad and any(tracked):
            seeds = [self.values(y.shape, (0.5, 1.5)) if t else None for y, t in zip(outputs, tracked)]
            loss = sum((y * s.to(y.dtype)).sum() for y, s in zip(outputs, seeds) if s is not None)
            slopes = iter(torch.autograd.grad(loss, wanted, allow_unused=True))
            entry["seeds"] = [None if s is None else self.put(s) for s in seeds]
            entry["gradients"] = []
            for x in points:
                slope = next(slopes) if x.is_floating_point() else None
                entry["gradients"].append(None if slope is None else self.put(slope.to(x.dtype)))
        self.cases.append(entry)

    def save(self, folder, seed):
        folder.mkdir(parents=True, exist_ok=True)
        versions = {"torch": torch.__version__.split("+")[0], "numpy": numpy.__version__, "python": platform.python_version()}
        manifest = {"generator": "tools/goldens/ops.py", "versions": versions, "seed": seed, "cases": self.cases}
        lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in self.cases)
        head = json.dumps({**manifest, "cases": []}, separators=(",", ":"))[:-2]
        (folder / "torch-ops.json").write_text(f"{head}\n{lines}\n]}}\n")
        (folder / "torch-ops.bin").write_bytes(bytes(self.blob))


# Expressions of several ops: rounded to 16 bits where an intermediate value is stored.
COMPOSITE = ("exp2", "expm1", "log2", "log10", "log1p", "tan", "asin", "acos", "sinh", "cosh")
SHAPES = [[3, 5], [], [2, 3, 4], [33]]
PAIRS = [([3, 5], [3, 5]), ([3, 1], [1, 5]), ([2, 3, 4], [4]), ([], [2, 3]), ([2, 1, 3], [4, 1])]


def elementwise(w):
    unary = {
        "neg": (torch.neg, "normal"), "abs": (torch.abs, "distinct"), "sign": (torch.sign, "distinct"),
        "floor": (torch.floor, "distinct"), "ceil": (torch.ceil, "distinct"),
        "round": (torch.round, (-9.0, 9.0)), "trunc": (torch.trunc, "distinct"),
        "sqrt": (torch.sqrt, (0.2, 9.0)), "rsqrt": (torch.rsqrt, (0.3, 9.0)),
        "reciprocal": (torch.reciprocal, (0.4, 4.0)), "square": (torch.square, "normal"),
        "exp": (torch.exp, (-6.0, 4.0)), "log": (torch.log, (0.05, 30.0)), "sin": (torch.sin, (-20.0, 20.0)),
        "cos": (torch.cos, (-20.0, 20.0)), "atan": (torch.atan, (-9.0, 9.0)), "tanh": (torch.tanh, (-4.0, 4.0)),
        "erf": (torch.erf, (-3.0, 3.0)), "sigmoid": (torch.sigmoid, (-8.0, 8.0)), "silu": (F.silu, (-8.0, 8.0)),
        "softplus": (F.softplus, (-8.0, 8.0)), "gelu": (F.gelu, "normal"),
        "exp2": (torch.exp2, (-6.0, 5.0)), "expm1": (torch.expm1, (-3.0, 3.0)), "log2": (torch.log2, (0.05, 30.0)),
        "log10": (torch.log10, (0.05, 30.0)), "log1p": (torch.log1p, (-0.8, 5.0)), "tan": (torch.tan, (-1.3, 1.3)),
        "asin": (torch.asin, (-0.95, 0.95)), "acos": (torch.acos, (-0.95, 0.95)), "sinh": (torch.sinh, (-4.0, 4.0)),
        "cosh": (torch.cosh, (-4.0, 4.0)),
    }
    for op, (fn, kind) in unary.items():
        for shape in SHAPES:
            w.case(op, [(shape, kind)], fn)
        w.case(op, [([4, 6], kind)], lambda x, fn=fn: fn(x.T), {"view": "transpose"})
        if op in COMPOSITE:
            continue
        for dtype in (torch.bfloat16, torch.float16):
            w.case(op, [([9], kind)], fn, grad=False, dtype=dtype)
    # Where 1 + x and e^x - 1 lose their digits.
    for op in ("expm1", "log1p", "sinh"):
        w.case(op, [([20], (-1e-4, 1e-4))], unary[op][0])
    for shape in SHAPES:
        w.case("gelu", [(shape, "normal")], lambda x: F.gelu(x, approximate="tanh"), {"approximate": "tanh"})
        w.case("logicalNot", [(shape, "bool")], torch.logical_not)
        w.case("isNaN", [(shape, "normal")], lambda x: torch.isnan(x), grad=False)
    binary = {
        "add": (torch.add, "normal", "normal"), "sub": (torch.sub, "normal", "normal"),
        "mul": (torch.mul, "normal", "normal"), "div": (torch.div, "normal", (0.4, 3.0)),
        "floorDivide": (torch.floor_divide, (-9.0, 9.0), (0.7, 2.5)),
        "remainder": (torch.remainder, (-9.0, 9.0), (-3.0, -0.7)),
        "pow": (torch.pow, (0.3, 3.0), (-2.0, 3.0)),
        "atan2": (torch.atan2, "distinct", "normal"),
        "minimum": (torch.minimum, "distinct", "normal"), "maximum": (torch.maximum, "distinct", "normal"),
    }
    for op, (fn, a, b) in binary.items():
        for left, right in PAIRS:
            w.case(op, [(left, a), (right, b)], fn, grad=op != "floorDivide")
        w.case(op, [([4, 3], a), ([3, 4], b)], lambda x, y, fn=fn: fn(x.T, y.flip(1)), {"view": "transpose-flip"}, grad=op != "floorDivide")
        for dtype in (torch.bfloat16, torch.float16):
            if op not in ("floorDivide", "remainder", "atan2"):
                w.case(op, [([5], a), ([5], b)], fn, grad=False, dtype=dtype)
    integer = {"add": torch.add, "sub": torch.sub, "mul": torch.mul, "minimum": torch.minimum, "maximum": torch.maximum,
               "floorDivide": torch.floor_divide, "remainder": torch.remainder}
    for op, fn in integer.items():
        divisor = ("int", 1, 9) if op in ("floorDivide", "remainder") else ("int", -9, 9)
        w.case(op, [([4, 5], ("int", -40, 40)), ([5], divisor)], fn)
        if op in ("floorDivide", "remainder"):
            w.case(op, [([4, 5], ("int", -40, 40)), ([5], ("int", -9, -1))], fn)
    compare = {"eq": torch.eq, "ne": torch.ne, "lt": torch.lt, "le": torch.le, "gt": torch.gt, "ge": torch.ge}
    for op, fn in compare.items():
        for left, right in PAIRS:
            w.case(op, [(left, ("int", -2, 3)), (right, ("int", -2, 3))], fn)
        w.case(op, [([4, 3], "normal"), ([3], "normal")], fn, grad=False)
    for op, fn in {"logicalAnd": torch.logical_and, "logicalOr": torch.logical_or, "logicalXor": torch.logical_xor}.items():
        for left, right in PAIRS:
            w.case(op, [(left, "bool"), (right, "bool")], fn)
    for left, right in PAIRS:
        w.case("where", [(left, "bool"), (right, "normal"), (left, "normal")], torch.where)
    for low, high in [(-0.6, 0.9), (None, 0.3), (-0.2, None)]:
        args = {k: v for k, v in (("low", low), ("high", high)) if v is not None}
        w.case("clamp", [([4, 5], "distinct")], lambda x: torch.clamp(x, low, high), args)
    for source, target in [(torch.float32, torch.int32), (torch.float32, torch.float16), (torch.float32, torch.bfloat16)]:
        w.case("cast", [([3, 7], (-9.0, 9.0))], lambda x: x.to(target), {"dtype": NAMES[target]}, grad=False, dtype=source)
    w.case("cast", [([7], "bool")], lambda x: x.to(torch.float32), {"dtype": "f32"})
    w.case("cast", [([7], ("int", -9, 9))], lambda x: x.to(torch.bool), {"dtype": "bool"})


AXES = [([3, 5], [1]), ([3, 5], [0, 1]), ([2, 3, 4], [1]), ([2, 3, 4], [0, 2]), ([], []), ([40], [0])]


def edges(w):
    """Kinks, ties, zeros and infinities: where a formula that is right elsewhere goes wrong."""
    inf = math.inf
    zero = ([3], [0.0, 1.0, -1.0])
    for op, fn in {"abs": torch.abs, "sinh": torch.sinh, "cosh": torch.cosh, "expm1": torch.expm1, "log1p": lambda x: torch.log1p(x * 0.5),
                   "tanh": torch.tanh, "silu": F.silu, "gelu": F.gelu, "softplus": F.softplus, "tan": torch.tan, "square": torch.square,
                   "sigmoid": torch.sigmoid, "asin": lambda x: torch.asin(x * 0.5)}.items():
        args = {"scale": 0.5} if op in ("log1p", "asin") else {}
        w.case(op, [zero], fn, args)
    w.case("sigmoid", [([4], [-200.0, 200.0, -90.0, 90.0])], torch.sigmoid)
    w.case("softplus", [([4], [-200.0, 200.0, -90.0, 90.0])], F.softplus)
    w.case("tanh", [([4], [-200.0, 200.0, -3.0, 3.0])], torch.tanh)
    w.case("silu", [([2], [-200.0, 200.0])], F.silu)
    w.case("pow", [([4], [0.0, 0.0, 2.0, -2.0]), ([4], [2.0, 1.0, 0.0, 3.0])], torch.pow)
    w.case("maximum", [([4], [1.0, 2.0, 3.0, -1.0]), ([4], [1.0, 3.0, 2.0, -1.0])], torch.maximum)
    w.case("minimum", [([4], [1.0, 2.0, 3.0, -1.0]), ([4], [1.0, 3.0, 2.0, -1.0])], torch.minimum)
    w.case("clamp", [([5], [-1.0, 0.0, 0.5, 1.0, 2.0])], lambda x: torch.clamp(x, 0, 1), {"low": 0, "high": 1})
    w.case("max", [([2, 4], [1.0, 3.0, 3.0, 0.0])], lambda x: x.amax(1), {"axes": [1]})
    w.case("min", [([2, 4], [1.0, 0.0, 3.0, 0.0])], lambda x: x.amin(1), {"axes": [1]})
    w.case("prod", [([3, 3], [0.0, 2.0, 3.0, 0.0, 0.0, 1.0, 1.0, 2.0, 3.0])], lambda x: x.prod(1), {"axes": [1]})
    w.case("norm", [([2, 3], [0.0, 0.0, 0.0, 1.0, 0.0, -2.0])], lambda x: torch.linalg.vector_norm(x, 2, 1), {"axes": [1]})
    w.case("norm", [([2, 3], [0.0, 0.0, 0.0, 1.0, 0.0, -2.0])], lambda x: torch.linalg.vector_norm(x, 1, 1), {"axes": [1], "p": 1})
    w.case("std", [([2, 3], [2.0, 2.0, 2.0, 1.0, 0.0, -2.0])], lambda x: x.std(1), {"axes": [1]})
    w.case("sinh", [([6], [88.9, -88.9, 1.0, -1.0, 20.0, -20.0])], torch.sinh, grad=False)
    w.case("cosh", [([4], [88.9, -88.9, 20.0, -20.0])], torch.cosh, grad=False)
    w.case("softmax", [([2, 3], [-inf, 1.0, 2.0, 300.0, 0.0, -300.0])], lambda x: x.softmax(1), {"axis": 1})
    w.case("logsumexp", [([2, 3], [-inf, 1.0, 2.0, 300.0, 0.0, -300.0])], lambda x: x.logsumexp(1), {"axis": 1})
    w.case("logSoftmax", [([3], [300.0, 0.0, -300.0])], lambda x: x.log_softmax(0), {"axis": 0})
    w.case("atan2", [([4], [0.0, 0.0, 1.0, -1.0]), ([4], [1.0, -1.0, 0.0, 0.0])], torch.atan2)
    w.case("argmax", [([2, 4], [1.0, 3.0, 3.0, 0.0])], lambda x: x.argmax(1), {"axis": 1}, grad=False)
    nan = math.nan
    w.case("argmax", [([4], [1.0, nan, 3.0, nan])], lambda x: x.argmax(0), {"axis": 0}, grad=False)
    w.case("argmin", [([4], [1.0, nan, 3.0, nan])], lambda x: x.argmin(0), {"axis": 0}, grad=False)
    w.case("sort", [([6], [1.0, nan, -inf, inf, 0.0, nan])], lambda x: torch.sort(x, stable=True), {"axis": 0}, grad=False)
    w.case("sort", [([6], [1.0, nan, -inf, inf, 0.0, nan])], lambda x: torch.sort(x, descending=True, stable=True), {"axis": 0, "descending": True}, grad=False)
    w.case("max", [([2, 2], [1.0, nan, 3.0, 2.0])], lambda x: x.amax(1), {"axes": [1]}, grad=False)
    w.case("maximum", [([3], [1.0, nan, 2.0]), ([3], [nan, 1.0, 3.0])], torch.maximum, grad=False)
    w.case("round", [([6], [0.5, 1.5, 2.5, -0.5, -1.5, 0.49999997])], torch.round, grad=False)
    w.case("remainder", [([5], [7.0, -7.0, 7.0, -7.0, inf]), ([5], [3.0, 3.0, -3.0, -3.0, 3.0])], torch.remainder, grad=False)
    w.case("floorDivide", [([4], [7.0, -7.0, 7.0, -7.0]), ([4], [2.0, 2.0, -2.0, -2.0])], torch.floor_divide, grad=False)
    w.case("attention", [([1, 1, 2, 2], "normal"), ([1, 1, 3, 2], "normal"), ([1, 1, 3, 2], "normal"), ([2, 3], [0.0, -inf, 0.0, -inf, -inf, 0.0])],
           lambda q, k, v, m: F.scaled_dot_product_attention(q, k, v, attn_mask=m.detach()), {"masked": True})


def reductions(w):
    for shape, axes in AXES:
        dims = tuple(axes)
        args = {"axes": axes}
        one = len(axes) == 1
        w.case("sum", [(shape, "normal")], lambda x: x.sum(dims) if dims else x.clone(), args)
        w.case("mean", [(shape, "normal")], lambda x: x.mean(dims) if dims else x.clone(), args)
        w.case("max", [(shape, "distinct")], lambda x: x.amax(dims) if dims else x.clone(), args)
        w.case("norm", [(shape, "normal")], lambda x: torch.linalg.vector_norm(x, 2, dims) if dims else x.abs(), args)
        w.case("norm", [(shape, "normal")], lambda x: torch.linalg.vector_norm(x, 3, dims) if dims else x.abs(), {**args, "p": 3})
        w.case("any", [(shape, ("int", 0, 2))], lambda x: x.amax(dims).bool() if dims else x.bool(), args)
        w.case("all", [(shape, ("int", 0, 2))], lambda x: x.amin(dims).bool() if dims else x.bool(), args)
        if dims:
            w.case("variance", [(shape, "normal")], lambda x: x.var(dims), args)
            w.case("variance", [(shape, "normal")], lambda x: x.var(dims, correction=0), {**args, "correction": 0})
            w.case("std", [(shape, "normal")], lambda x: x.std(dims), args)
        w.case("min", [(shape, "distinct")], lambda x: x.amin(dims) if dims else x.clone(), args)
        if one:
            a = axes[0]
            w.case("prod", [(shape, (0.6, 1.4))], lambda x: x.prod(a), args)
            w.case("logsumexp", [(shape, "normal")], lambda x: x.logsumexp(a), {"axis": a})
            w.case("softmax", [(shape, "normal")], lambda x: x.softmax(a), {"axis": a})
            w.case("logSoftmax", [(shape, "normal")], lambda x: x.log_softmax(a), {"axis": a})
            w.case("cumsum", [(shape, "normal")], lambda x: x.cumsum(a), {"axis": a})
            w.case("argmax", [(shape, "distinct")], lambda x: x.argmax(a), {"axis": a}, grad=False)
            w.case("argmin", [(shape, "distinct")], lambda x: x.argmin(a), {"axis": a}, grad=False)
            for down in (False, True):
                w.case("sort", [(shape, "distinct")], lambda x: torch.sort(x, dim=a, descending=down, stable=True), {"axis": a, "descending": down})
            w.case("topk", [(shape, "distinct")], lambda x: torch.topk(x, 2, dim=a), {"axis": a, "k": 2})
    w.case("sum", [([4, 6], "normal")], lambda x: x.T.sum(0), {"axes": [0], "view": "transpose"})
    w.case("sum", [([3, 6], ("int", -9, 9))], lambda x: x.sum(1), {"axes": [1]})
    w.case("prod", [([2, 4], ("int", -3, 4))], lambda x: x.prod(1), {"axes": [1]})
    w.case("sumTo", [([2, 3, 4], "normal")], lambda x: x.sum_to_size(3, 1), {"shape": [3, 1]})
    w.case("sumTo", [([2, 3], "normal")], lambda x: x.sum_to_size(3), {"shape": [3]})


def shapes(w):
    x = "normal"
    w.case("reshape", [([4, 6], x)], lambda a: a.reshape(3, 8), {"shape": [3, 8]})
    w.case("reshape", [([4, 6], x)], lambda a: a.T.reshape(-1), {"shape": [-1], "view": "transpose"})
    w.case("permute", [([2, 3, 4], x)], lambda a: a.permute(2, 0, 1), {"order": [2, 0, 1]})
    w.case("transpose", [([2, 3, 4], x)], lambda a: a.transpose(0, 2), {"a": 0, "b": 2})
    w.case("transpose", [([3, 4], x)], lambda a: a.transpose(-2, -1), {"a": -2, "b": -1})
    w.case("expand", [([3, 1, 4], x)], lambda a: a.expand(2, 3, 5, 4), {"shape": [2, 3, 5, 4]})
    w.case("unsqueeze", [([3, 4], x)], lambda a: a.unsqueeze(1), {"axis": 1})
    w.case("squeeze", [([3, 1, 4, 1], x)], lambda a: a.squeeze(), {})
    w.case("squeeze", [([3, 1, 4, 1], x)], lambda a: a.squeeze(1), {"axis": 1})
    w.case("clone", [([3, 4], x)], lambda a: a.T.clone(), {"view": "transpose"})
    w.case("contiguous", [([3, 4], x)], lambda a: a.T.contiguous(), {"view": "transpose"})
    w.case("slice", [([7, 6], x)], lambda a: a[1:6:2, -4:], {"ranges": [[1, 6, 2], [-4, None, 1]]})
    w.case("slice", [([7, 6], x)], lambda a: a[2:3, 0:0], {"ranges": [[2, 3, 1], [0, 0, 1]]})
    w.case("narrow", [([5, 4], x)], lambda a: a.narrow(0, 1, 3), {"axis": 0, "start": 1, "length": 3})
    w.case("select", [([5, 4], x)], lambda a: a.select(1, -2), {"axis": 1, "index": -2})
    w.case("flip", [([3, 4], x)], lambda a: a.flip(0, 1), {"axes": [0, 1]})
    w.case("flip", [([2, 3, 4], x)], lambda a: a.flip(1), {"axes": [1]})
    for axis in (0, 1, -1):
        other = [[2, 3, 4], [2, 3, 4], [2, 3, 4]]
        other[1][axis] = 5
        w.case("concat", [(s, x) for s in other], lambda *a: torch.cat(a, axis), {"axis": axis})
        w.case("stack", [([2, 3], x), ([2, 3], x)], lambda *a: torch.stack(a, axis), {"axis": axis})
    for axis, index in [(0, [4, 5]), (1, [3, 7])]:
        high = 3 if axis == 0 else 5
        w.case("gather", [([3, 5], x), (index, ("int", 0, high))], lambda a, i: a.gather(axis, i.long()), {"axis": axis})
        w.case("scatterAdd", [([3, 5], x), (index, ("int", 0, high)), (index, x)], lambda a, i, s: a.scatter_add(axis, i.long(), s), {"axis": axis})
        w.case("indexSelect", [([3, 5], x), ([6], ("int", 0, high))], lambda a, i: a.index_select(axis, i.long()), {"axis": axis})
    w.case("gather", [([2, 4, 3], x), ([2, 2, 3], ("int", 0, 4))], lambda a, i: a.gather(1, i.long()), {"axis": 1})
    for ids in ([6], [2, 3], []):
        w.case("embedding", [([7, 4], x), (ids, ("int", 0, 7))], lambda t, i: F.embedding(i.long(), t))
    w.case("bincount", [([40], ("int", 0, 6))], lambda k: torch.bincount(k, minlength=8), {"bins": 8})
    w.case("histogram", [([60], x)], lambda a: torch.histc(a, 7, -2, 2).to(torch.int32), {"bins": 7, "low": -2, "high": 2}, grad=False)
    w.case("oneHot", [([3, 4], ("int", 0, 6))], lambda i: F.one_hot(i.long(), 6).float(), {"classes": 6})
    w.case("pad", [([3, 4], x)], lambda a: F.pad(a, (0, 3, 1, 2)), {"widths": [[1, 2], [0, 3]], "value": 0})
    w.case("pad", [([2, 3], x)], lambda a: F.pad(a, (2, 1), value=-1.5), {"widths": [[0, 0], [2, 1]], "value": -1.5})
    for shift, axis in ((2, 1), (-5, 0)):
        w.case("roll", [([3, 4], x)], lambda a: a.roll(shift, axis), {"shift": shift, "axis": axis})
    w.case("split", [([7, 3], x)], lambda a: a.split(3), {"sizes": 3, "axis": 0})
    w.case("split", [([2, 6], x)], lambda a: a.split([1, 5], 1), {"sizes": [1, 5], "axis": 1})
    for diagonal in (0, 1, -2):
        w.case("tril", [([2, 4, 5], x)], lambda a: a.tril(diagonal), {"diagonal": diagonal})
        w.case("triu", [([2, 4, 5], x)], lambda a: a.triu(diagonal), {"diagonal": diagonal})
    order = torch.tensor([[4, 0], [1, 3], [2, 0]])
    w.case("scatter", [([3, 5], x), ([3, 2], x)], lambda a, s: a.scatter(1, order, s), {"index": order.tolist()})
    w.case("countingSort", [([40], ("int", 0, 6))], lambda k: (torch.sort(k, stable=True).indices, torch.cat([torch.zeros(1, dtype=torch.long), torch.bincount(k, minlength=6).cumsum(0)])), {"bins": 6})


def creation(w):
    w.case("arange", [], lambda: torch.arange(2, 11, 3), {"start": 2, "end": 11, "step": 3})
    w.case("linspace", [], lambda: torch.linspace(-1, 2, 7, dtype=torch.float64), {"start": -1, "end": 2, "count": 7})
    w.case("eye", [], lambda: torch.eye(4), {"n": 4})
    w.case("full", [], lambda: torch.full((2, 3), 1.5), {"shape": [2, 3], "value": 1.5})


def products(w):
    x = "normal"
    for a, b in [([3, 4], [4, 5]), ([4], [4]), ([3, 4], [4]), ([4], [4, 3]), ([2, 3, 4], [4, 5]), ([2, 3, 4], [2, 4, 5]),
                 ([2, 1, 3, 4], [3, 4, 2]), ([17, 33], [33, 9]), ([1, 64], [64, 1])]:
        w.case("matmul", [(a, x), (b, x)], torch.matmul)
    for operands in [([5, 4], [3, 4]), ([5, 4], [3, 4], [3]), ([2, 3, 8], [16, 8], [16]), ([33], [9, 33])]:
        w.case("linear", [(shape, x) for shape in operands], F.linear)
    w.case("matmul", [([4, 6], x), ([6, 4], x)], lambda a, b: a.T @ b.T, {"view": "transpose-both"})
    for equation, *sizes in [("ij,jk->ik", [3, 4], [4, 5]), ("bthd,bshd->bhts", [2, 3, 2, 4], [2, 5, 2, 4]), ("ij->ji", [3, 4]),
                             ("ii->i", [4, 4]), ("i,j,k->kij", [2], [3], [4]), ("ab,bc,cd", [2, 3], [3, 4], [4, 2]), ("ijk,k->j", [2, 3, 4], [4])]:
        w.case("einsum", [(size, x) for size in sizes], lambda *a: torch.einsum(equation, *a), {"equation": equation})
    groups = [0, 3, 3, 8]
    w.case("groupedMatmul", [([8, 4], x), ([3, 4, 5], x)], lambda a, b: torch.cat([a[s:e] @ b[g] for g, (s, e) in enumerate(zip(groups, groups[1:]))]), {"offsets": groups})


def networks(w):
    x = "normal"
    for shape in ([3, 8], [2, 3, 5], [1, 33]):
        w.case("layerNorm", [(shape, x), (shape[-1:], x), (shape[-1:], x)], lambda a, g, b: F.layer_norm(a, g.shape, g, b, 1e-5), {"eps": 1e-5})
        w.case("rmsNorm", [(shape, x), (shape[-1:], x)], lambda a, g: F.rms_norm(a, g.shape, g, 1e-5), {"eps": 1e-5})
    for left, right in PAIRS:
        w.case("swiglu", [(left, x), (right, x)], lambda g, u: F.silu(g) * u)
    for reduction in ("mean", "sum", "none"):
        w.case("crossEntropy", [([5, 7], x), ([5], ("int", 0, 7))], lambda a, t: F.cross_entropy(a, t.long(), reduction=reduction), {"reduction": reduction})
    for temperature in (1.0, 0.7):
        def log_prob(h, v, t):
            logits = (h @ v.T / temperature).log_softmax(-1)
            return logits.gather(-1, t.long()[:, None])[:, 0], -(logits.detach().exp() * logits.detach()).sum(-1)
        w.case("linearLogProb", [([5, 8], x), ([11, 8], x), ([5], ("int", 0, 11))], log_prob, {"temperature": temperature})
    for causal in (False, True):
        w.case("attention", [([2, 2, 5, 4], x), ([2, 2, 5, 4], x), ([2, 2, 5, 3], x)], lambda q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=causal), {"causal": causal})
    w.case("attention", [([1, 2, 3, 4], x), ([1, 2, 6, 4], x), ([1, 2, 6, 4], x), ([3, 6], x)], lambda q, k, v, m: F.scaled_dot_product_attention(q, k, v, attn_mask=m.detach()), {"masked": True})
    w.case("attention", [([1, 4, 3, 4], x), ([1, 2, 3, 4], x), ([1, 2, 3, 4], x)], lambda q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True), {"causal": True})
    for interleaved in (True, False):
        def rotate(a, angle):
            angle = angle.detach()
            if interleaved:
                turned = torch.view_as_complex(a.reshape(*a.shape[:-1], -1, 2)) * torch.polar(torch.ones_like(angle), angle)
                return torch.view_as_real(turned).flatten(-2)
            left, right = a.chunk(2, -1)
            c, s = angle.cos(), angle.sin()
            return torch.cat([left * c - right * s, left * s + right * c], -1)
        w.case("rope", [([2, 3, 6], x), ([3, 3], (-3.0, 3.0))], rotate, {"interleaved": interleaved})


def later(w):
    """Added later, at the end, so that the numbers of the cases before stay what they were."""
    x = "normal"
    inf, nan = math.inf, math.nan
    unary = {"relu": (torch.relu, "distinct"), "asinh": (torch.asinh, (-30.0, 30.0)), "acosh": (torch.acosh, (1.05, 30.0)), "atanh": (torch.atanh, (-0.95, 0.95))}
    for op, (fn, kind) in unary.items():
        for shape in SHAPES:
            w.case(op, [(shape, kind)], fn)
        w.case(op, [([4, 6], kind)], lambda a, fn=fn: fn(a.T), {"view": "transpose"})
    w.case("relu", [([4], [0.0, -0.0, nan, -inf])], torch.relu, grad=False)
    w.case("relu", [([3], [0.0, 1.0, -1.0])], torch.relu)
    w.case("relu", [([3, 4], ("int", -9, 9))], torch.relu)
    for op in ("asinh", "atanh"):
        w.case(op, [([20], (-1e-4, 1e-4))], unary[op][0])
        w.case(op, [([3], [0.0, 0.5, -0.5])], unary[op][0])
    w.case("asinh", [([8], [1e9, -1e9, 1e25, -1e25, 3e38, inf, -inf, nan])], torch.asinh, grad=False)
    w.case("acosh", [([7], [1.0, 1.0001, 1e9, 1e25, 3e38, inf, 0.5])], torch.acosh, grad=False)
    w.case("atanh", [([5], [1.0, -1.0, 0.9999, 2.0, nan])], torch.atanh, grad=False)
    for op, fn in {"isFinite": torch.isfinite, "isInf": torch.isinf}.items():
        w.case(op, [([2, 5], [1.0, nan, inf, -inf, 0.0, 3.4028234663852886e38, -3.4028234663852886e38, 1e-40, nan, inf])], fn, grad=False)
        w.case(op, [([3], ("int", -9, 9))], fn)
        w.case(op, [([4], [1.0, nan, inf, 65504.0])], fn, grad=False, dtype=torch.float16)
    for left, right in PAIRS:
        w.case("logaddexp", [(left, x), (right, x)], torch.logaddexp)
    w.case("logaddexp", [([4, 3], x), ([3, 4], x)], lambda a, b: torch.logaddexp(a.T, b.flip(1)), {"view": "transpose-flip"})
    w.case("logaddexp", [([7], [300.0, -300.0, -inf, -inf, inf, inf, 5.0]), ([7], [300.0, 2.0, -inf, 1.0, inf, -inf, nan])], torch.logaddexp, grad=False)
    w.case("softplus", [([6], [-30.0, -15.0, -8.0, -100.0, 15.0, 30.0])], F.softplus)
    for shape, axes in (([2, 3, 4], [0, 2]), ([3, 5], [0, 1]), ([2, 3, 4], [1])):
        w.case("logsumexp", [(shape, x)], lambda a: a.logsumexp(tuple(axes)), {"axis": axes})
    for shape, counts in (([3, 4], [2, 3]), ([2, 3], [2, 1, 2]), ([], [4]), ([5], [1])):
        w.case("repeat", [(shape, x)], lambda a: a.repeat(*counts), {"counts": counts})
    for shape, mask in (([4, 5], [4, 5]), ([2, 3, 4], [3, 1]), ([6], [])):
        w.case("maskedFill", [(shape, x), (mask, "bool")], lambda a, m: a.masked_fill(m, -2.5), {"value": -2.5})
    for shape in ([7], [3, 5], [2, 3, 4]):
        w.case("nonzero", [(shape, ("int", 0, 2))], lambda a: torch.nonzero(a))
        w.case("unique", [(shape, ("int", -3, 3))], lambda a: torch.unique(a, return_inverse=True, return_counts=True))
        w.case("maskedSelect", [(shape, x), (shape, "bool")], torch.masked_select)
    w.case("unique", [([9], [0.5, -1.0, 0.5, 2.0, -1.0, 7.0, 7.0, 0.25, inf])], lambda a: torch.unique(a, return_inverse=True, return_counts=True), grad=False)
    w.case("cumsum", [([2, 5], "normal")], lambda a: a.flip(1).cumsum(1).flip(1), {"axis": 1, "reverse": True})
    w.case("topk", [([4, 6], "distinct")], lambda a: torch.topk(a, 3, dim=0, largest=False), {"axis": 0, "k": 3, "largest": False})
    w.case("argmax", [([3, 4], "distinct")], lambda a: a.argmax(), {}, grad=False)
    w.case("argmin", [([3, 4], "distinct")], lambda a: a.argmin(), {}, grad=False)
    for target in (torch.float16, torch.bfloat16, torch.int32, torch.float32):
        edges = [0.0, 0.5, 1.5, 2.5, -2.75, 1e-8, 3.1e-5, 6.1e-5, 65504.0, 1.0009765625, 1.00390625, -0.3333]
        w.case("cast", [([12], edges)], lambda a: a.to(target), {"dtype": NAMES[target]}, grad=False, dtype=torch.float32)
    for equation, *sizes in [("...ij,jk->...ik", [2, 5, 3, 4], [4, 2]), ("...ij,...jk", [2, 1, 3, 4], [5, 4, 2]), ("i...,...->...i", [3, 2, 1], [1, 4]),
                             ("...ii->...i", [2, 3, 3]), ("...,...", [3], [2, 3])]:
        w.case("einsum", [(size, x) for size in sizes], lambda *a: torch.einsum(equation, *a), {"equation": equation})
    for p in (0, -1, -2.5, 0.5):
        w.case("norm", [([3, 4], (0.5, 2.0))], lambda a: torch.linalg.vector_norm(a, p, 1), {"axes": [1], "p": p}, grad=p != 0)
    w.case("expand", [([3, 1, 4], x)], lambda a: a.expand(2, -1, 5, -1), {"shape": [2, -1, 5, -1]})


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=61)
    parser.add_argument("--out", type=pathlib.Path, default=OUT)
    options = parser.parse_args()
    found = {"torch": torch.__version__.split("+")[0], "numpy": numpy.__version__}
    if found != EXPECTED:
        raise SystemExit(f"expected {EXPECTED}, found {found}: install tools/goldens/requirements.txt")
    torch.set_num_threads(1)
    writer = Writer(options.seed)
    for section in (elementwise, edges, reductions, shapes, creation, products, networks, later):
        section(writer)
    writer.save(options.out, options.seed)
    ops = {case["op"] for case in writer.cases}
    print(f"{len(ops)} ops, {len(writer.cases)} cases, {len(writer.blob)} bytes in {options.out}")


if __name__ == "__main__":
    main()
