// Where a user starts: a device from a backend, and tensors from numbers.

import type { Backend } from "../backend/contract.ts";
import { Device } from "../core/device.ts";
import { Tensor } from "../tensor.ts";

/** Wraps a backend. The device owns it: `device.dispose()` frees everything. */
export function createDevice(backend: Backend): Device {
  return new Device(backend, Tensor);
}
