// Runs in an empty project on the packed packages: one import of each, one training step, one reward.

import { AdamW, createDevice, tensor } from "@sixtyone/tensor";
import { reference } from "@sixtyone/tensor/backend";
import { wasm } from "@sixtyone/backend-wasm";
import { webgpu } from "@sixtyone/backend-webgpu";
import { DeepseekV3, deepseekV3 } from "@sixtyone/moe";
import { groupAdvantages } from "@sixtyone/grpo";
import { exactAnswer } from "@sixtyone/rewards";
import { codeReward, javascriptSandbox, pythonSandbox } from "@sixtyone/rewards/code";

const config = deepseekV3({
  vocab_size: 8,
  hidden_size: 8,
  num_hidden_layers: 2,
  first_k_dense_replace: 1,
  intermediate_size: 8,
  moe_intermediate_size: 4,
  n_routed_experts: 4,
  num_experts_per_tok: 2,
  n_group: 1,
  topk_group: 1,
  num_attention_heads: 1,
  q_lora_rank: null,
  kv_lora_rank: 4,
  qk_nope_head_dim: 4,
  qk_rope_head_dim: 4,
  v_head_dim: 4,
  rope_scaling: null,
});

const losses = [];
for (const backend of [reference(), await wasm()]) {
  const device = createDevice(backend);
  const model = DeepseekV3.initialize(device, config, 0);
  const parameters = [...model.trainableParameters().values()].map((p) => p.requiresGrad_());
  const optimizer = new AdamW(parameters, { learningRate: 0.05 });
  const ids = tensor(device, Int32Array.of(1, 2, 3, 4), { shape: [1, 4] });
  for (let step = 0; step < 5; step++) {
    const { states } = model.forward(ids);
    const loss = model
      .logProbs(states.reshape([4, 8]), ids.reshape([4]))
      .logProb.mean()
      .neg();
    if (step === 0 || step === 4) losses.push(await loss.item());
    loss.backward();
    optimizer.step();
  }
  device.dispose();
}
const [first, last, wasmFirst] = losses;
const fits = last < first && Math.abs(first - wasmFirst) < 1e-4;
const graded = exactAnswer()("<think>x</think><answer>4</answer>", { gold: "4" }) === 1;
const advantages = groupAdvantages([1, 0], 2);

// The package `webgpu` is not in this project: that is said, with the way out.
const gpu = await webgpu().then(
  () => "opened",
  (error) => error.message,
);
const hinted = gpu.includes("npm install webgpu@");

const programs = [
  [javascriptSandbox, "```js\nfunction twice(x) { return 2 * x; }\n```"],
  [pythonSandbox, "```python\ndef twice(x): return 2 * x\n```"],
];
const tests = [{ kind: "call", function: "twice", args: [21], expected: 42 }];
const passed = [];
for (const [open, completion] of programs) {
  const sandbox = await open({ workers: 1 });
  const reward = codeReward({ sandbox });
  passed.push(await reward(completion, { tests }));
  sandbox.close();
}
console.log(
  fits && passed.join() === "1,1" && graded && hinted && advantages[0] > 0
    ? "ok"
    : `wrong: ${JSON.stringify({ losses, gpu, graded, advantages, passed })}`,
);
