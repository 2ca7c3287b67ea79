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
  NaNError,
  OutOfMemoryError,
  ScopeError,
  ShapeError,
  SixtyoneError,
  UnsupportedError,
  UseAfterFreeError,
} from "./errors.ts";
export type { Backend } from "./backend/contract.ts";
export type { Device, LaunchCounters, LaunchObserver, MemoryInfo } from "./core/device.ts";
export { leakReport, type Leak } from "./core/leaks.ts";
export { step, type Step, type StepFunction } from "./core/step.ts";
export { MetricRing, type MetricRingOptions, type StepMetrics } from "./core/metric-ring.ts";
export { yieldToHost } from "./core/yield-to-host.ts";
export type { Scope } from "./core/scope.ts";
export type { Tensor } from "./tensor.ts";
export { createDevice } from "./create/device.ts";
export { tensor, type Nested, type TensorOptions } from "./create/tensor.ts";
export { arange, eye, full, linspace, ones, zeros } from "./create/fill.ts";
export { enableGrad, noGrad } from "./autograd/tape.ts";
export { backward, gradients, type BackwardOptions } from "./autograd/backward.ts";
export { grad, valueAndGrad } from "./autograd/grad.ts";
export { customOp, type CustomOp } from "./autograd/custom.ts";
export { checkpoint } from "./autograd/checkpoint.ts";
export type { Operand } from "./ops/elementwise.ts";
export { any, all } from "./ops/any/any.ts";
export { asin, acos } from "./ops/asin/asin.ts";
export { acosh, asinh, atanh } from "./ops/asinh/asinh.ts";
export { atan } from "./ops/atan/atan.ts";
export { atan2 } from "./ops/atan2/atan2.ts";
export { bincount, histogram } from "./ops/bincount/bincount.ts";
export { cumsum, type CumsumOptions } from "./ops/cumsum/cumsum.ts";
export { cosh } from "./ops/cosh/cosh.ts";
export { dropout } from "./ops/dropout/dropout.ts";
export { einsum } from "./ops/einsum/einsum.ts";
export { erf } from "./ops/erf/erf.ts";
export { expm1 } from "./ops/expm1/expm1.ts";
export { prod } from "./ops/prod/prod.ts";
export { floorDivide } from "./ops/floor-divide/floor-divide.ts";
export { isFinite, isInf } from "./ops/is-finite/is-finite.ts";
export { isNaN } from "./ops/is-na-n/is-na-n.ts";
export { layerNorm } from "./ops/layer-norm/layer-norm.ts";
export { exp2, log10, log2 } from "./ops/log2/log2.ts";
export { log1p } from "./ops/log1p/log1p.ts";
export { logaddexp } from "./ops/logaddexp/logaddexp.ts";
export { logicalXor } from "./ops/logical-xor/logical-xor.ts";
export { maskedFill } from "./ops/masked-fill/masked-fill.ts";
export { maskedSelect, nonzero } from "./ops/nonzero/nonzero.ts";
export { norm, type NormOptions } from "./ops/norm/norm.ts";
export { oneHot } from "./ops/one-hot/one-hot.ts";
export { pad } from "./ops/pad/pad.ts";
export { relu } from "./ops/relu/relu.ts";
export { remainder } from "./ops/remainder/remainder.ts";
export { repeat } from "./ops/repeat/repeat.ts";
export { roll } from "./ops/roll/roll.ts";
export { round } from "./ops/round/round.ts";
export { scatter } from "./ops/scatter/scatter.ts";
export { sinh } from "./ops/sinh/sinh.ts";
export { split } from "./ops/split/split.ts";
export { swiglu } from "./ops/swiglu/swiglu.ts";
export { tan } from "./ops/tan/tan.ts";
export { tril, triu } from "./ops/triangle/triangle.ts";
export { trunc } from "./ops/trunc/trunc.ts";
export { unique, type Unique } from "./ops/unique/unique.ts";
export { std, variance, type VarianceOptions } from "./ops/variance/variance.ts";
export { assign } from "./ops/assign/assign.ts";
export { attention, type AttentionOptions } from "./ops/attention/attention.ts";
export { ceil } from "./ops/ceil/ceil.ts";
export { concat, stack } from "./ops/concat/concat.ts";
export { countingSort } from "./ops/counting-sort/counting-sort.ts";
export { crossEntropy, type CrossEntropyOptions } from "./ops/cross-entropy/cross-entropy.ts";
export { embedding } from "./ops/gather/gather.ts";
export { gelu } from "./ops/gelu/gelu.ts";
export { groupedMatmul } from "./ops/grouped-matmul/grouped-matmul.ts";
export {
  groupedTopk,
  type GroupedTopkOptions,
  type Routing,
} from "./ops/grouped-topk/grouped-topk.ts";
export { linear } from "./ops/linear/linear.ts";
export { linearLogProb, type LogProbs } from "./ops/linear-log-prob/linear-log-prob.ts";
export { rmsNorm } from "./ops/rms-norm/rms-norm.ts";
export { rope } from "./ops/rope/rope.ts";
export {
  checkSampling,
  sample,
  sampleWithLogProbs,
  type Samples,
  type SamplingOptions,
} from "./ops/sample/sample.ts";
export { scatterAdd } from "./ops/scatter-add/scatter-add.ts";
export { softplus } from "./ops/softplus/softplus.ts";
export { logSoftmax, logsumexp } from "./ops/softmax/softmax.ts";
export { sort, topk, type Sorted } from "./ops/sort/sort.ts";
export type { QuantFormat } from "./quant/formats.ts";
export { quantize, type QuantizeOptions } from "./quant/quantize.ts";
export {
  quantizedFromBytes,
  QuantizedWeight,
  type QuantizedLayout,
} from "./quant/quantized-weight.ts";
export { Generator, type GeneratorState } from "./random/generator.ts";
export { AdamW, type AdamWOptions, type AdamWState } from "./optim/adam-w.ts";
export { clipGradNorm } from "./optim/clip.ts";
export type { ParameterGroup } from "./optim/groups.ts";
export { Muon, type MuonOptions, type MuonState } from "./optim/muon.ts";
export { SGD, type SgdOptions, type SgdState } from "./optim/sgd.ts";
export { detectAnomaly } from "./debug/anomaly.ts";
export { profile, type Profile, type ProfileOptions, type ProfileRow } from "./debug/profiler.ts";
export { measurePeak, type Peak } from "./debug/roofline.ts";
export { trace, traceLevel, type TraceLevel } from "./debug/trace.ts";
export {
  constant,
  cosineDecay,
  inverseSquareRoot,
  linearDecay,
  warmup,
  type Schedule,
} from "./optim/schedules.ts";
export { openSafetensors, openSharded, type TensorReader } from "./safetensors/reader.ts";
export {
  blobSource,
  bytesSource,
  httpSource,
  type ByteSource,
  type HttpOptions,
} from "./safetensors/source.ts";
export {
  loadSafetensors,
  saveSafetensors,
  type LoadOptions,
  type RawTensor,
  type SafetensorsFile,
} from "./safetensors/safetensors.ts";
export {
  loadQuantized,
  storedQuantized,
  type LoadQuantizedOptions,
} from "./safetensors/quantized.ts";
