// Code rewards and the sandboxes they run in. Published as "@sixtyone/rewards/code", apart from the rest:
// this is the part that starts workers and needs the optional peers.

export { codeReward, type CodeRewardOptions } from "./code-reward.ts";
export { humanEvalTest, mbppTests, type HumanEvalTask, type MbppTask } from "./human-eval.ts";
export { javascriptSandbox, type JavascriptSandboxOptions } from "./javascript-sandbox.ts";
export { pythonSandbox, type PythonSandboxOptions } from "./python-sandbox.ts";
export { MissingPeerError } from "./peer.ts";
export type { Sandbox, SandboxOptions, RunOptions, TestResult } from "./sandbox.ts";
export type { AssertTest, CallTest, CodeTest, ProgramTest } from "./job.ts";
