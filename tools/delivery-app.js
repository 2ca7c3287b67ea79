// What the pages of check-delivery.mjs run: a product and a gradient, checked here, and the result in the
// title, where the checker reads it.

import { createDevice, tensor } from "@sixtyone/tensor";
import { wasm } from "@sixtyone/backend-wasm";

async function main() {
  const backend = await wasm({ threads: globalThis.crossOriginIsolated ? 2 : 1 });
  const device = createDevice(backend);
  const size = 192; // large enough that both threads take part
  const values = Float32Array.from({ length: size * size }, (_, i) => Math.sin(i));
  const a = tensor(device, values, { shape: [size, size] }).requiresGrad_();
  const loss = a.matmul(a.transpose()).sum();
  loss.backward();
  const sums = Array.from({ length: size }, (_, column) => {
    let sum = 0;
    for (let row = 0; row < size; row++) sum += values[row * size + column];
    return sum;
  });
  const expected = sums.reduce((total, sum) => total + sum * sum, 0); // Σ aaᵀ = |column sums|²
  const gradient = await a.grad.data();
  if (Math.abs((await loss.item()) - expected) > 0.01 * (1 + expected))
    throw new Error("a wrong product");
  if (Math.abs(gradient[5] - 2 * sums[5]) > 0.01) throw new Error("a wrong gradient");
  const { threads } = backend.capabilities;
  device.dispose();
  return `ok, ${threads} ${threads === 1 ? "thread" : "threads"}`;
}

main().then(
  (text) => (document.title = text),
  (error) => (document.title = `${error.name}: ${error.message}`),
);
