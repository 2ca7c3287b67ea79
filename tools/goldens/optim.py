"""Golden values of the optimizers from PyTorch: parameters after some steps on given gradients.

    .venv/bin/python tools/goldens/optim.py packages/tensor/test/goldens/optim.json [--seed 61]

Computed in float64 and rounded once. torch.optim.Muon iterates in bfloat16; "muon" is its own code with that one
cast taken out, "muonBfloat16" the code as it is. The learning rate changes from step to step; two parameter groups
have settings of their own. Also: clip_grad_norm_ and the learning-rate schedules.
"""

import argparse
import inspect
import json
import pathlib

import numpy
import torch
import torch.optim._muon as muon_module

SHAPES = [[3, 4], [5], [4, 2]]
RATES = [0.1, 0.05, 0.2, 0.02]


def exact_newton_schulz():
    source = inspect.getsource(muon_module._zeropower_via_newtonschulz)
    assert ".bfloat16()" in source
    scope = dict(vars(muon_module))
    exec(source.replace(".bfloat16()", ".clone()"), scope)  # a copy, as the cast is
    return scope["_zeropower_via_newtonschulz"]


def run(random, make, shapes, dtype=torch.float64, scales=None):
    """Parameters before, the gradients of each step, parameters after."""
    parameters = [torch.tensor(random.standard_normal(s), dtype=dtype).requires_grad_() for s in shapes]
    before = [p.detach().flatten().tolist() for p in parameters]
    optimizer = make(parameters)
    scales = scales or [1.0] * len(optimizer.param_groups)
    gradients = []
    for rate in RATES:
        for group, scale in zip(optimizer.param_groups, scales):
            group["lr"] = rate * scale
        gradients.append([random.standard_normal(s) for s in shapes])
        for p, g in zip(parameters, gradients[-1]):
            p.grad = torch.tensor(g, dtype=dtype)
        optimizer.step()
    return {
        "shapes": shapes, "before": before, "gradients": [[g.flatten().tolist() for g in step] for step in gradients],
        "after": [p.detach().double().flatten().tolist() for p in parameters],
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=61)
    args = parser.parse_args()
    random = numpy.random.default_rng(args.seed)
    sgd, adam = torch.optim.SGD, torch.optim.AdamW
    grouped = lambda p, a, b: [{"params": p[:2], **a}, {"params": p[2:], **b}]
    cases = {
        "sgd": run(random, lambda p: sgd(p, lr=0.1), SHAPES),
        "momentum": run(random, lambda p: sgd(p, lr=0.1, momentum=0.9, weight_decay=0.01), SHAPES),
        "nesterov": run(random, lambda p: sgd(p, lr=0.1, momentum=0.8, nesterov=True), SHAPES),
        "sgdGroups": run(random, lambda p: sgd(grouped(p, {}, {"momentum": 0.5, "weight_decay": 0.1}), lr=0.1, momentum=0.9), SHAPES, scales=[1.0, 0.5]),
        "adamW": run(random, lambda p: adam(p, lr=0.1, betas=(0.9, 0.98), eps=1e-6, weight_decay=0.1), SHAPES),
        "adamWGroups": run(random, lambda p: adam(grouped(p, {"weight_decay": 0.0}, {"betas": (0.8, 0.95)}), lr=0.1, weight_decay=0.2), SHAPES, scales=[1.0, 0.25]),
    }
    matrices = [[3, 5], [6, 2], [4, 4]]
    original = muon_module._zeropower_via_newtonschulz
    for name, function, dtype in (("muon", exact_newton_schulz(), torch.float64), ("muonBfloat16", original, torch.float32)):
        muon_module._zeropower_via_newtonschulz = function
        make = lambda p: torch.optim.Muon(p, lr=0.02, weight_decay=0.1, momentum=0.95, nesterov=True)
        cases[name] = run(random, make, matrices, dtype)
        make = lambda p: torch.optim.Muon(p, lr=0.02, weight_decay=0.0, momentum=0.5, nesterov=False)
        cases[f"{name}Plain"] = run(random, make, matrices, dtype)
    clipped = [torch.tensor(random.standard_normal(s), requires_grad=True) for s in SHAPES]
    for p in clipped:
        p.grad = torch.tensor(random.standard_normal(p.shape))
    raw = [p.grad.flatten().tolist() for p in clipped]
    norm = torch.nn.utils.clip_grad_norm_(clipped, 1.5)
    clip = {"shapes": SHAPES, "maxNorm": 1.5, "gradients": raw, "norm": norm.item(), "after": [p.grad.flatten().tolist() for p in clipped]}

    def schedule(make, steps=12):
        optimizer = sgd([torch.zeros(1, requires_grad=True)], lr=1.0)
        scheduler = make(optimizer)
        values = []
        for _ in range(steps):
            values.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step()
        return values

    lr = torch.optim.lr_scheduler
    schedules = {
        "constant": schedule(lambda o: lr.ConstantLR(o, factor=1.0)),
        "linear": schedule(lambda o: lr.LinearLR(o, 1.0, 0.2, total_iters=8)),
        # Half a period and then its end: beyond that CosineAnnealingLR would rise again.
        "cosine": schedule(lambda o: lr.CosineAnnealingLR(o, T_max=11, eta_min=0.1)),
        "warmup": schedule(lambda o: lr.LinearLR(o, 0.25, 1.0, total_iters=3)),
    }
    versions = {"torch": torch.__version__.split("+")[0], "numpy": numpy.__version__}
    result = {"generator": "tools/goldens/optim.py", "versions": versions, "seed": args.seed, "rates": RATES,
              "cases": cases, "clip": clip, "schedules": schedules}
    args.out.write_text(json.dumps(result, separators=(",", ":")) + "\n")
    print(f"{len(cases)} cases in {args.out}")


if __name__ == "__main__":
    main()
