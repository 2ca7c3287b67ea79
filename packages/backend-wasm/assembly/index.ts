// Everything the host may call. A kernel has the signature (params, begin, end, scratch): it does tiles
// begin..end of the job that the parameter block describes. Tiles are independent, so any thread may do
// any of them, and no result depends on who did.

export { map } from "./kernels/map";
export { reduceRows, reduceColumns } from "./kernels/reduce";
export { gemm, gemmPackB } from "./gemm/gemm";
export { argReduce } from "./kernels/arg-reduce";
export { gather } from "./kernels/gather";
export { scatterAdd } from "./kernels/scatter-add";
export { scan } from "./kernels/scan";
export { sort } from "./kernels/sort";
export { countingSort } from "./kernels/counting-sort";
export { random } from "./kernels/random";
export { softmax, softmaxBackward } from "./fused/softmax";
export { rmsNorm, rmsNormBackward, sumPartials } from "./fused/rms-norm";
export { rope } from "./fused/rope";
export { adamW } from "./fused/adam-w";
export { attention } from "./fused/attention";
export { attentionBackward } from "./fused/attention-backward";
export { logProbChunk, logProbGradient } from "./fused/log-prob";
export { sample } from "./fused/sample";
export { groupedTopk } from "./fused/grouped-topk";
