// Where a user starts: a device from a backend, and tensors from numbers.

import type { Backend } from "../backend/contract.ts";
import { Device } from "../core/device.ts";
import { ArgumentError } from "../errors.ts";
import { trace, traceLevel } from "../debug/trace.ts";
import { Tensor } from "../tensor.ts";

/**
 * Wraps a backend. The device owns it: `device.dispose()` frees everything. With DEBUG=tensor:1..4 in the
 * environment (in a page: ?debug=tensor:2) every launch is printed, see debug/trace.ts. Throws ArgumentError on what is
 * no backend, such as a promise of one.
 */
export function createDevice(backend: Backend): Device {
  // What only JavaScript's callers can pass.
  if (!backend?.alloc) {
    throw new ArgumentError(
      `createDevice: expected a backend, got ${backend}. Await it: await wasm().`,
    );
  }
  const device = new Device(backend, Tensor);
  trace(device, traceLevel(debugSetting()));
  return device;
}

/** The setting of whatever platform this is; the core relies on neither. */
function debugSetting(): string | null {
  const platform = globalThis as {
    process?: { env?: Record<string, string | undefined> };
    location?: { search?: string };
  };
  const { process, location } = platform;
  return process?.env?.["DEBUG"] ?? new URLSearchParams(location?.search).get("debug");
}
