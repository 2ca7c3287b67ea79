// Trains a line on a backend of one's own (backend.ts).

import { AdamW, createDevice, tensor } from "@sixtyone/tensor";
import { customBackend } from "./backend.ts";

using device = createDevice(customBackend());
const x = tensor(device, [[1], [2], [3], [4]]);
const y = tensor(device, [[3], [5], [7], [9]]);
const weight = tensor(device, [[0]], { requiresGrad: true });
const bias = tensor(device, [0], { requiresGrad: true });
const optimizer = new AdamW([weight, bias], { learningRate: 0.1, weightDecay: 0 });
for (let step = 0; step < 500; step++) {
  using _scope = device.scope();
  x.matmul(weight).add(bias).sub(y).square().mean().backward();
  optimizer.step();
}
console.log(
  `${device.name}: y = ${(await weight.item()).toFixed(2)}·x + ${(await bias.item()).toFixed(2)}`,
);
