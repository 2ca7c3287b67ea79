// Makes the base checkpoint: next-token prediction on the corpus, on completions only. Run it with
// `pnpm pretrain`; about 20 minutes on one core, 2,000 steps of 128 documents. The result is examples/r1-zero/base.safetensors.

import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { batchSequences } from "@sixtyone/grpo";
import { DeepseekV3, saveCheckpoint } from "@sixtyone/moe";
import { AdamW, cosineDecay, createDevice, warmup } from "@sixtyone/tensor";
import { wasm } from "@sixtyone/backend-wasm";
import { basePath } from "./files.ts";
import { corpus } from "./corpus.ts";
import { evaluate, heldOut } from "./evaluate.ts";
import { DeepseekPolicy, modelConfig } from "./policy.ts";
import { taskSizes } from "./task.ts";
import { eosTokenId, tokenizer } from "./tokenizer.ts";

const { values } = parseArgs({
  options: {
    steps: { type: "string", default: "2000" },
    batch: { type: "string", default: "128" },
    seed: { type: "string", default: "0" },
    "learning-rate": { type: "string", default: "4e-3" },
    out: { type: "string", default: basePath },
  },
});
const steps = Number(values.steps);
const batchSize = Number(values.batch);
const seed = Number(values.seed);
const learningRate = Number(values["learning-rate"]);
/** γ of the balancing by bias; 0 in the last tenth, as DeepSeek-V3 does (§4.2). */
const balanceSpeed = 1e-3;

const device = createDevice(await wasm());
const model = DeepseekV3.initialize(device, modelConfig, seed);
const parameters = [...model.trainableParameters().values()].map((p) => p.requiresGrad_());
const optimizer = new AdamW(parameters, { betas: [0.9, 0.98], weightDecay: 0.01 });
const schedule = warmup(100, cosineDecay(Math.max(steps - 100, 1), 0.05));
const documents = corpus(seed + 1);
const policy = new DeepseekPolicy(model);
const started = performance.now();

for (let step = 0; step < steps; step++) {
  using _scope = device.scope();
  const sequences = Array.from({ length: batchSize }, () => {
    const { prompt, completion } = documents.next().value;
    return {
      prompt: tokenizer.encode(prompt),
      completion: [...tokenizer.encode(completion).slice(1), eosTokenId],
    };
  });
  const { ids, mask, tokenCount } = batchSequences(device, sequences, eosTokenId);
  const { logProbs, expertLoads } = policy.logProbs(ids);
  const loss = logProbs
    .mul(mask)
    .sum()
    .mul(-1 / tokenCount);
  loss.backward();
  optimizer.learningRate = learningRate * schedule(step);
  optimizer.step({ maxGradNorm: 1 });
  if (step < 0.9 * steps) model.balance(expertLoads, balanceSpeed);
  if ((step + 1) % 100 === 0) {
    const seconds = (performance.now() - started) / 1000;
    const left = (seconds / (step + 1)) * (steps - step - 1);
    console.log(
      `step ${step + 1}/${steps}  loss ${(await loss.item()).toFixed(4)}  ` +
        `${seconds.toFixed(0)} s, ${left.toFixed(0)} s left`,
    );
  }
}

for (let size = taskSizes.min; size <= taskSizes.max; size++) {
  const { pass1, format } = await evaluate(policy, heldOut(size, 256), { samples: 4, seed: 1 });
  console.log(`sums of ${size}: pass@1 ${pass1.toFixed(3)}, format ${format.toFixed(3)}`);
}
const bytes = await saveCheckpoint(model, {
  metadata: {
    task: "addition",
    steps: String(steps),
    batch: String(batchSize),
    seed: String(seed),
  },
});
writeFileSync(values.out, bytes);
console.log(
  `${values.out}: ${(bytes.byteLength / 2 ** 20).toFixed(2)} MB, ${model.parameterCount} parameters`,
);
device.dispose();
