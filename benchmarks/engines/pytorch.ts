// PyTorch on the CPU, in a Python process of its own (benchmarks/pytorch.py) that waits while others are
// measured. Training steps only. Needs a Python that has torch: --python or SIXTYONE_PYTHON names it.

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { decoderParameters, tokens } from "../decoder.ts";
import { MissingPeerError, type BenchEngine, type EngineOptions } from "../engine.ts";

const script = fileURLToPath(new URL("../pytorch.py", import.meta.url));

export async function pytorch({ threads, python }: EngineOptions): Promise<BenchEngine> {
  const program = python ?? process.env["SIXTYONE_PYTHON"] ?? "python3";
  const probe = spawnSync(program, ["-c", "import torch"], { encoding: "utf8" });
  if (probe.status !== 0) {
    throw new MissingPeerError(
      `pytorch: ${program} has no torch. Name a Python that has it: --python FILE or SIXTYONE_PYTHON.`,
    );
  }
  const child = spawn(program, [script, String(threads)], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<{ [key: string]: unknown }> => {
    const { value, done } = await lines.next();
    if (done) throw new Error("pytorch: the Python process ended; its message is above");
    return JSON.parse(value) as { [key: string]: unknown };
  };
  async function ask(question: object): Promise<{ [key: string]: unknown }> {
    if (!child.stdin.write(`${JSON.stringify(question)}\n`)) await once(child.stdin, "drain");
    return answer();
  }
  const { version } = await answer();

  return {
    name: "pytorch",
    threads,
    description: `PyTorch ${String(version)} on the CPU, ${threads} thread${threads > 1 ? "s" : ""}`,
    async prepare(work) {
      if (work.kind !== "train-step") return undefined;
      const { input, target } = tokens(work.size);
      const parameters = decoderParameters(work.size).map(({ name, shape, values }) => ({
        name,
        shape,
        values: [...values],
      }));
      await ask({ size: work.size, parameters, input: [...input], target: [...target] });
      const step = async (): Promise<number> => (await ask({ steps: 1 }))["loss"] as number;
      return {
        // The message there and back costs some 0.1 ms of a step of tens.
        run: step,
        result: async () => Float32Array.of(await step(), await step(), await step()),
        dispose: () => {},
      };
    },
    dispose: () => child.stdin.end(),
  };
}
