// Runs one launch on the wasm backend and on the JavaScript reference, from the same inputs, and
// compares the outputs. Shared by the kernel tests.

import {
  bytesPerElement,
  contiguousStrides,
  decodeBF16,
  decodeF16,
  encodeBF16,
  encodeF16,
  reference,
  sizeOf,
  viewBytes,
  type Backend,
  type Binding,
  type DType,
  type Launch,
} from "@sixtyone/tensor/backend";
import { wasm, type BuildName, type WasmBackend } from "../src/index.ts";

export const builds: readonly BuildName[] = ["relaxed", "simd"];

export function backendOf(build: BuildName): Promise<WasmBackend> {
  return wasm({ build });
}

/** A small deterministic generator, so that a failure can be seen again. */
export function randomSource(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

export interface View {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly strides?: readonly number[];
  readonly offset?: number;
  /** All elements of the buffer, in order of memory. */
  readonly data?: ArrayLike<number>;
  /** Elements of the buffer, when there is no data. */
  readonly elements?: number;
}

function encode(dtype: DType, data: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(data.length * bytesPerElement(dtype));
  const array = viewBytes(dtype, bytes.buffer, 0, data.length);
  const rounded = dtype === "f16" ? encodeF16 : dtype === "bf16" ? encodeBF16 : (x: number) => x;
  for (let i = 0; i < data.length; i++) array[i] = rounded(data[i]!);
  return bytes;
}

export function decode(dtype: DType, bytes: Uint8Array): number[] {
  const array = viewBytes(dtype, bytes.slice().buffer, 0, bytes.length / bytesPerElement(dtype));
  const wide = dtype === "f16" ? decodeF16 : dtype === "bf16" ? decodeBF16 : (x: number) => x;
  return Array.from(array, wide);
}

export function bind(backend: Backend, view: View): Binding {
  const strides = view.strides ?? contiguousStrides(view.shape);
  const elements = view.data?.length ?? view.elements ?? sizeOf(view.shape);
  const byteLength = Math.max(4, elements * bytesPerElement(view.dtype));
  const buffer = backend.alloc(byteLength);
  // Outputs start as a pattern, so that what was not written (or written beside) shows.
  const data = view.data ?? Array.from({ length: elements }, () => 7);
  backend.write(buffer, 0, encode(view.dtype, data));
  return { buffer, dtype: view.dtype, shape: view.shape, strides, offset: view.offset ?? 0 };
}

/** The whole buffers of the outputs after the launch: what lies between the elements must not change. */
export function runOn(
  backend: Backend,
  launch: { kernel: string; params: object },
  inputs: readonly View[],
  outputs: readonly View[],
): number[][] {
  const ins = inputs.map((view) => bind(backend, view));
  const outs = outputs.map((view) => bind(backend, view));
  backend.run({ ...launch, inputs: ins, outputs: outs, op: launch.kernel } as unknown as Launch);
  const result = outs.map(({ buffer, dtype }, i) => {
    const bytes = (outputs[i]!.elements ?? sizeOf(outputs[i]!.shape)) * bytesPerElement(dtype);
    return decode(dtype, backend.readSync!(buffer, 0, bytes));
  });
  for (const { buffer } of [...ins, ...outs]) backend.free(buffer);
  return result;
}

/** The largest |actual − expected| / (1 + |expected|); NaN and infinities must agree exactly. */
export function worstError(actual: readonly number[], expected: readonly number[]): number {
  let worst = actual.length === expected.length ? 0 : Infinity;
  for (let i = 0; i < expected.length; i++) {
    const [a, e] = [actual[i]!, expected[i]!];
    if (Object.is(a, e) || a === e || (a !== a && e !== e)) continue;
    const error = Math.abs(a - e) / (1 + Math.abs(e));
    worst = Math.max(worst, error === error ? error : Infinity);
  }
  return worst;
}

export const oracle: Backend = reference();

export function difference(
  backend: Backend,
  launch: { kernel: string; params: object },
  inputs: readonly View[],
  outputs: readonly View[],
): number {
  const actual = runOn(backend, launch, inputs, outputs);
  const expected = runOn(oracle, launch, inputs, outputs);
  return Math.max(...actual.map((values, i) => worstError(values, expected[i]!)));
}
