// Tests in the forms of the public benchmarks.

import type { AssertTest } from "./job.ts";

/** A row of HumanEval (github.com/openai/human-eval, MIT). */
export interface HumanEvalTask {
  readonly task_id: string;
  readonly prompt: string;
  readonly entry_point: string;
  readonly canonical_solution: string;
  readonly test: string;
}

/**
 * HumanEval's test of a task. The prompt is run before it, because some tests call its helpers; the
 * function under test then comes from the completion. The program to judge is prompt + completion.
 */
export function humanEvalTest({ prompt, test, entry_point }: HumanEvalTask): AssertTest {
  return {
    kind: "assert",
    setup: prompt,
    code: `${test}\n\ncheck(${entry_point})\n`,
    functions: [entry_point],
  };
}

/** A row of MBPP: assertions in a list, imports or helpers in test_setup_code. */
export interface MbppTask {
  readonly test_list: readonly string[];
  readonly test_setup_code?: string;
}

/** One test for each assertion of an MBPP task. */
export function mbppTests({ test_list, test_setup_code = "" }: MbppTask): AssertTest[] {
  return test_list.map((code) => ({ kind: "assert", code, setup: test_setup_code }));
}
