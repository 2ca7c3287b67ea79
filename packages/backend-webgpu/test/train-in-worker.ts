// Runs in a web worker of a test: fits a line and posts the losses.

import { AdamW, createDevice, tensor } from "@sixtyone/tensor";
import { webgpu } from "../src/index.ts";

const device = createDevice(await webgpu({ allowSoftware: true }));
const x = tensor(device, [[1], [2], [3], [4]]);
const y = tensor(device, [[2], [4], [6], [8]]);
const weight = tensor(device, [[0]], { requiresGrad: true });
const optimizer = new AdamW([weight], { learningRate: 0.1, weightDecay: 0 });
const losses: number[] = [];
for (let step = 0; step < 20; step++) {
  using _scope = device.scope();
  const loss = x.matmul(weight).sub(y).square().mean();
  losses.push(await loss.item());
  loss.backward();
  optimizer.step();
}
device.dispose();
postMessage(losses);
