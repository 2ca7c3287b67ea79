// The gradient of the whole model against central differences, in double precision on the reference
// backend: every kind of parameter, sampled.

import { createDevice, tensor, type Tensor } from "@sixtyone/tensor";
import { reference } from "@sixtyone/tensor/backend";
import { expect, test } from "vitest";
import { DeepseekV3 } from "../src/index.ts";
import { tinyConfig } from "./tiny.ts";

/** Elements checked per parameter, spread over it. */
const samples = 3;
const step = 2 ** -13;

test("every parameter's gradient agrees with finite differences to 1e-3", async () => {
  using device = createDevice(reference({ precision: "f64" }));
  const model = DeepseekV3.initialize(device, tinyConfig, 3);
  const ids = tensor(
    device,
    Int32Array.from({ length: 12 }, (_, i) => (7 * i + 3) % 20),
    {
      shape: [2, 6],
    },
  );
  const loss = (): Tensor => {
    const { states } = model.forward(ids);
    const flat = states.reshape([12, tinyConfig.hidden_size]);
    return model
      .logProbs(flat, ids.reshape([12]))
      .logProb.mean()
      .neg();
  };
  const parameters = [...model.trainableParameters()];
  for (const [, p] of parameters) p.requiresGrad_();
  loss().backward();
  let checked = 0;
  for (const [name, parameter] of parameters) {
    const analytic = await parameter.grad!.data();
    for (let k = 0; k < samples; k++) {
      const index = Math.floor(((k + 0.5) / samples) * parameter.size);
      const numeric = await centralDifference(parameter, index, loss);
      const error = Math.abs(numeric - analytic[index]!) / Math.max(Math.abs(numeric), 1e-2);
      expect(error, `${name}[${index}]: ${analytic[index]} against ${numeric}`).toBeLessThan(1e-3);
      checked++;
    }
  }
  expect(checked).toBe(samples * parameters.length);
});

async function centralDifference(
  parameter: Tensor,
  index: number,
  loss: () => Tensor,
): Promise<number> {
  const { device } = parameter;
  using _scope = device.scope();
  const view = parameter.lazy.view();
  const [value] = (await parameter.data()).subarray(index, index + 1);
  const write = (x: number): void => {
    device.write({ ...view, shape: [1], offset: view.offset + index }, Float32Array.of(x));
  };
  const at = (x: number): Tensor => {
    write(x);
    return loss().detach().eval();
  };
  const [high, low] = [at(value! + step), at(value! - step)];
  write(value!);
  // Subtracted on the device, where the loss has double precision; the step as f32 really took it.
  const width = Math.fround(value! + step) - Math.fround(value! - step);
  return high.sub(low).div(width).item();
}
