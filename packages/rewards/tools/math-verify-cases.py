"""Turns the test-suite of Math-Verify 0.8 into data: test/data/math-verify-cases.jsonl.

git clone https://github.com/huggingface/Math-Verify && git -C Math-Verify checkout 5d148cf
python3 -m venv venv && venv/bin/pip install pytest math-verify==0.8.0 antlr4-python3-runtime==4.13.2
venv/bin/python packages/rewards/tools/math-verify-cases.py Math-Verify packages/rewards/test/data/math-verify-cases.jsonl

The cases are collected with pytest, so that each row is what a test really ran with.
"""

import inspect
import json
import os
import re
import sys

import pytest

# Comparisons of one answer with another; the other tests are about options and time limits.
SUITES = [
    "tests/test_all.py",
    "tests/test_numina_cases.py",
    "tests/test_open_thoughts.py",
    "tests/test_yujianll.py",
    "tests/test_boxed.py",
    "tests/test_strict.py",
]


class Collector:
    def __init__(self):
        self.rows = []

    def pytest_collection_finish(self, session):
        for item in session.items:
            params = getattr(getattr(item, "callspec", None), "params", None)
            if params is None or "gold" not in params:
                continue
            expected = params.get("expected", params.get("result"))
            row = {
                "test": item.originalname,
                "gold": params["gold"],
                "completion": params["pred"],
                "expected": bool(expected),
            }
            # Formulas or numbers only, where the test says so.
            kinds = re.search(r'match_types=\["(latex|expr)"\]', inspect.getsource(item.function))
            if kinds:
                row["only"] = kinds[1]
            # Their options, where they are not the default ones.
            if params.get("precision", 6) != 6:
                row["precision"] = params["precision"]
            if params.get("strict") is False:
                row["strict"] = False
            if params.get("allow_set_relation_comp"):
                row["allowSetRelation"] = True
            self.rows.append(row)


def main():
    repository, output = sys.argv[1], os.path.abspath(sys.argv[2])
    os.chdir(repository)
    sys.path.insert(0, os.getcwd())
    collector = Collector()
    pytest.main(["--collect-only", "-q", "-p", "no:cacheprovider", *SUITES], plugins=[collector])
    with open(output, "w") as file:
        for row in collector.rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    print(f"{len(collector.rows)} cases")


if __name__ == "__main__":
    main()
