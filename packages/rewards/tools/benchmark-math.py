"""Math-Verify on the pairs of tools/benchmark-math.ts: rows {gold, completion} in, {ms, correct} out."""

import json
import sys
import time

from math_verify import parse, verify

for line in sys.stdin:
    row = json.loads(line)
    start = time.perf_counter()
    try:
        correct = bool(verify(parse(row["gold"]), parse(row["completion"])))
    except Exception:
        correct = False
    ms = (time.perf_counter() - start) * 1000
    print(json.dumps({"ms": ms, "correct": correct}), flush=True)
