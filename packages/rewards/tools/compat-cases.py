"""What open-r1's and TRL's reward functions say to a set of completions: test/data/compat-cases.jsonl.

git clone https://github.com/huggingface/open-r1 && git -C open-r1 checkout 1416fa0
python3 -m venv venv && venv/bin/pip install math-verify==0.8.0 antlr4-python3-runtime==4.13.2
venv/bin/pip install --no-deps --target trl trl==1.16.0
venv/bin/python packages/rewards/tools/compat-cases.py open-r1 trl packages/rewards/test/data/compat-cases.jsonl

Both are loaded without the libraries they do not need for this.
"""

import importlib.util
import json
import sys
import types

open_r1_folder, trl_folder, out_path = sys.argv[1:]


def stub(name, **members):
    module = types.ModuleType(name)
    module.__dict__.update(members)
    module.__path__ = []
    sys.modules[name] = module


def load(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


stub("open_r1")
stub("open_r1.utils")
stub("open_r1.utils.code_providers", get_provider=None)
stub(
    "open_r1.utils.competitive_programming",
    **dict.fromkeys(
        "SubtaskResult add_includes get_morph_client_from_env get_piston_client_from_env patch_code "
        "score_submission score_subtask".split()
    ),
)
open_r1 = load("open_r1.rewards", f"{open_r1_folder}/src/open_r1/rewards.py")
stub("trl")
stub("trl.import_utils", is_math_verify_available=lambda: True)
stub("trl.rewards")
trl_accuracy = load("trl.rewards.accuracy_rewards", f"{trl_folder}/trl/rewards/accuracy_rewards.py")
trl_format = load("trl.rewards.format_rewards", f"{trl_folder}/trl/rewards/format_rewards.py")
trl_other = load("trl.rewards.other_rewards", f"{trl_folder}/trl/rewards/other_rewards.py")

FORMATS = [
    "<think>\na\n</think>\n<answer>\nb\n</answer>",
    "<think>\na\n</think>\n<answer>\nb\n</answer>\n",
    "<think>\na\n</think>\n<answer>\nb\n</answer>\njunk",
    "<think>\na\n</think>\n<answer>\nb\n</answer>junk",
    "\n<think>\na\n</think>\n<answer>\nb\n</answer>",
    "x<think>\na\n</think>\n<answer>\nb\n</answer>",
    "<think>a</think><answer>b</answer>",
    "<think>\n\n</think>\n<answer>\n\n</answer>",
    "<think>\n</think>\n<answer>\n</answer>",
    "<think></think>a",
    "<think>a</think>",
    "<think>a",
    "a</think>b",
    "",
    "<think>\na\n</think>\nb\n</think>\n<answer>\nc\n</answer>",
    "<think>\na\n</think>\n<answer>\nb\n</answer>\n<think>\na\n</think>\n<answer>\nb\n</answer>",
    "<think>\r\na\r\n</think>\r\n<answer>\r\nb\r\n</answer>",
    "<think>\na\n</think>\n<answer>\nb\n</answer>\n</answer>",
    "</answer>\n</answer>",
    "<think>\n<think>\na\n</think>\n<answer>\nb\n</answer>",
    "<think>a</think>b<think>c</think>",
    "<think>a<think>b</think>c",
    "<think>\na\n</think>\n<answer>\n```python\nx\n```\n</answer>",
    "<think>\na\n</think>\n<answer>\n```py\nx\n```\n</answer>",
    "<think>\na\n</think>\n<answer>\n```python```\n</answer>\nmore",
    "<think>\n```python\nx\n```\n</think>\n<answer>\nb\n</answer>",
    "<think>\né\u2028\n</think>\n<answer>\nb\n</answer>\u2028x",
    "Step 1: a\nStep 2: b\nStep 3: c",
    "1. a\n2. b\n3. c",
    "x\n1. a\n2. b",
    "\n- a\n- b",
    "- a\n- b\n* c",
    "First,First,First,",
    "First, a. Second, b. Next, c. Finally, d.",
    "Step 12: a Step x: b",
    "Step ٣: a",
]
TEXTS = [
    "this this this this this",
    "a b a b a b",
    "A a A a",
    "one two",
    "one two three",
    "这个这个这个这个这个",
    "a\u00a0b\u2003c a b c",
    "a\x1cb\x1cc a b c",
    " leading and trailing  spaces ",
    "",
    " ",
    "ΑΣ ας ΑΣ ας",
]
ANSWERS = [
    ("1/2", "\\boxed{\\frac{1}{2}}"),
    ("\\frac{1}{2}", "\\boxed{0.5}"),
    ("$\\frac{1}{2}$", "\\boxed{\\frac12}"),
    ("$0.5$", "The answer is 0.5"),
    ("$5$", "The answer is $5$"),
    ("$5$", "Final answer is $5$"),
    ("$5$", "So we get $5$."),
    ("$5$", "5"),
    ("$5$", ""),
    ("$5$", "\\boxed{4} or \\boxed{5}"),
    ("$5$", "\\boxed{4}" + " and then we think about it for a long time, more than seventy characters " + "\\boxed{5}"),
    ("$5$", "\\boxed{4} then \\boxed{5}"),
    ("$5$", "<think>\\boxed{5}</think>"),
    ("$5$", "<think>\\boxed{5}</think> so \\boxed{6}"),
    ("$5$", "<think>\\boxed{6}</think> so \\boxed{5}"),
    ("$5$", "<think>It is $5$"),
    ("$5$", "\\boxed{5t}"),
    ("$3d$", "\\boxed{3c}"),
    ("$5$ m", "\\boxed{5 km}"),
    ("$5 \\text{ m}$", "\\boxed{5 \\text{ km}}"),
    ("$5$", "\\boxed{x=3=5}"),
    ("$5$", "\\boxed{x=5}"),
    ("$x=5$", "\\boxed{5}"),
    ("$50\\%$", "\\boxed{50}"),
    ("$0.5$", "\\boxed{50\\%}"),
    ("$2^{-99}$", "\\boxed{2^{-98}}"),
    ("$(1,2)$", "\\boxed{(2,1)}"),
    ("$\\{1,2\\}$", "\\boxed{2,1}"),
    ("$1,000$", "\\boxed{1000}"),
    ("$\\sqrt{2}$", "\\boxed{1.41421}"),
    ("", "\\boxed{5}"),
    ("no", "\\boxed{5}"),
    ("$5$", "\\boxed{}"),
    ("$5$", "\\boxed{5"),
    ("$x^2+2x+1$", "\\boxed{(x+1)^2}"),
    ("$12$", "Answer: $12$ apples"),
    ("$12$", "**Answer:** \\(12\\)"),
    ("$12$", "\\[ 12 \\]"),
    ("$12$", "\\[ \\boxed{12} \\]"),
    ("$12$", "The final answer is $13$. I hope it is correct. \\boxed{12}"),
    ("$12$", "\\boxed{12} but the final answer is $13$. I hope it is correct."),
    ("12", "\\boxed{12}"),
    ("12 apples", "\\boxed{12}"),
    ("#### 12", "\\boxed{12}"),
    ("$\\text{yes}$", "\\boxed{\\text{yes}}"),
    ("$\\frac{3}{4}$", "\\boxed{\\dfrac{3}{4}}"),
    ("$90^\\circ$", "\\boxed{90}"),
    ("$\\pi$", "\\boxed{3.14}"),
]


def rows():
    def row(library, name, text, expected, gold=None, options=None, token_ids=None):
        fields = dict(gold=gold, options=options, tokenIds=token_ids)
        given = {key: value for key, value in fields.items() if value is not None}
        return dict(library=library, name=name, text=text, **given, expected=expected)

    def one(text):
        return [[{"role": "assistant", "content": text}]]

    for text in FORMATS:
        yield row("openR1", "formatReward", text, open_r1.format_reward(one(text))[0])
        yield row("openR1", "tagCountReward", text, open_r1.tag_count_reward(one(text))[0])
        yield row("openR1", "reasoningStepsReward", text, open_r1.reasoning_steps_reward(one(text))[0])
        yield row("openR1", "codeFormatReward", text, open_r1.get_code_format_reward()(one(text))[0])
        yield row("trl", "thinkFormatReward", text, trl_format.think_format_reward(one(text))[0])
    for text in TEXTS:
        for size, penalty in [(3, -1.0), (2, -0.5), (1, -1.0)]:
            reward = open_r1.get_repetition_penalty_reward(size, penalty)
            options = {"ngramSize": size, "maxPenalty": penalty}
            yield row("openR1", "repetitionPenaltyReward", text, reward(one(text))[0], options=options)
    for ids in [[1] * 5, [1, 2, 3, 4], [1, 2, 1, 2, 1, 2, 1], [1], []]:
        for size, penalty in [(3, -1.0), (2, -0.5)]:
            reward = trl_other.get_repetition_penalty_reward(size, penalty)
            options = {"ngramSize": size, "maxPenalty": penalty}
            yield row("trl", "repetitionPenaltyReward", "", reward([ids])[0], options=options, token_ids=ids)
    for library, module in [("openR1", open_r1), ("trl", trl_other)]:
        for length in [0, 79, 80, 81, 90, 100, 101]:
            for cache in [20, 0]:
                reward = module.get_soft_overlong_punishment(100, cache)
                options = {"maxCompletionLen": 100, "softPunishCache": cache}
                ids = [1] * length
                yield row(library, "softOverlongPunishment", "", reward([ids])[0], options=options, token_ids=ids)
    for gold, text in ANSWERS:
        ids = list(range(7))
        yield row("openR1", "accuracyReward", text, open_r1.accuracy_reward(one(text), [gold])[0], gold)
        yield row("trl", "accuracyReward", text, trl_accuracy.accuracy_reward(one(text), [gold])[0], gold)
        yield row("trl", "reasoningAccuracyReward", text, trl_accuracy.reasoning_accuracy_reward(one(text), [gold])[0], gold)
        for options in [{"maxLen": 10}, {"maxLen": 4}]:
            reward = trl_accuracy.get_cosine_scaled_reward(options["maxLen"])
            expected = reward(one(text), [gold], [ids])[0]
            yield row("trl", "cosineScaledReward", text, expected, gold, options, ids)
        for options in [{}, {"maxLen": 20}, {"maxLen": 20, "minValueWrong": 0, "maxValueWrong": -0.5}]:
            names = {"maxLen": "max_len", "minValueWrong": "min_value_wrong", "maxValueWrong": "max_value_wrong"}
            reward = open_r1.get_cosine_scaled_reward(**{names[key]: value for key, value in options.items()})
            yield row("openR1", "cosineScaledReward", text, reward(one(text), [gold])[0], gold, options)
    for size in [2, 5, len(ANSWERS)]:
        group = ANSWERS[:size]
        expected = open_r1.len_reward([one(text)[0] for _, text in group], [gold for gold, _ in group])
        yield dict(library="openR1", name="lenReward", group=[dict(gold=g, text=t) for g, t in group], expected=expected)


with open(out_path, "w") as out:
    for case in rows():
        out.write(json.dumps(case, ensure_ascii=True) + "\n")
