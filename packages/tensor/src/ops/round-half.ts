import { bytesPerElement } from "../dtype.ts";
import type { Lazy } from "../core/lazy.ts";

/**
 * An f16 or bf16 result is stored at once, so that it is rounded whoever reads it: fused into what comes next it
 * would keep the digits of f32, and a value would depend on what was read before.
 */
export function roundHalf(lazy: Lazy): Lazy {
  if (bytesPerElement(lazy.dtype) < 4) lazy.view();
  return lazy;
}
