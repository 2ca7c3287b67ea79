// The public surface of @sixtyone/tensor. What a backend author needs lives in "@sixtyone/tensor/backend".

export type { DType, TypedArray } from "./dtype.ts";
export type { Shape } from "./shape.ts";
export {
  ArgumentError,
  AutogradError,
  DeviceMismatchError,
  DTypeError,
  FormatError,
  IndexError,
  OutOfMemoryError,
  ShapeError,
  SixtyoneError,
  UnsupportedError,
  UseAfterFreeError,
} from "./errors.ts";
export type { Backend } from "./backend/contract.ts";
export type { Device, LaunchCounters, LaunchObserver, MemoryInfo } from "./core/device.ts";
export type { Scope } from "./core/scope.ts";
export type { Tensor } from "./tensor.ts";
export { createDevice } from "./create/device.ts";
export { tensor, type Nested, type TensorOptions } from "./create/tensor.ts";
export { arange, eye, full, linspace, ones, zeros } from "./create/fill.ts";
export { enableGrad, noGrad } from "./autograd/tape.ts";
export { backward, gradients, type BackwardOptions } from "./autograd/backward.ts";
export { grad, valueAndGrad } from "./autograd/grad.ts";
export { checkpoint } from "./autograd/checkpoint.ts";
export type { Operand } from "./ops/elementwise.ts";
export { assign } from "./ops/assign/assign.ts";
export { attention, type AttentionOptions } from "./ops/attention/attention.ts";
export { concat, stack } from "./ops/concat/concat.ts";
export { countingSort } from "./ops/counting-sort/counting-sort.ts";
export { crossEntropy } from "./ops/cross-entropy/cross-entropy.ts";
export { embedding } from "./ops/gather/gather.ts";
export { gelu } from "./ops/gelu/gelu.ts";
export { groupedMatmul } from "./ops/grouped-matmul/grouped-matmul.ts";
export { linearLogProb, type LogProbs } from "./ops/linear-log-prob/linear-log-prob.ts";
export { rmsNorm } from "./ops/rms-norm/rms-norm.ts";
export { rope } from "./ops/rope/rope.ts";
export { scatterAdd } from "./ops/scatter-add/scatter-add.ts";
export { softplus } from "./ops/softplus/softplus.ts";
export { sort, topk, type Sorted } from "./ops/sort/sort.ts";
export { Generator, type GeneratorState } from "./random/generator.ts";
export { AdamW, type AdamWOptions, type AdamWState, type ParameterGroup } from "./optim/adam-w.ts";
export {
  constant,
  cosine,
  inverseSquareRoot,
  linear,
  warmup,
  type Schedule,
} from "./optim/schedules.ts";
export {
  loadSafetensors,
  saveSafetensors,
  type LoadOptions,
  type SafetensorsFile,
} from "./safetensors/safetensors.ts";
