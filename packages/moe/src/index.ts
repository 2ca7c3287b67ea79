// The public surface of @sixtyone/moe.

export {
  deepseekV3,
  deepseekV3Config,
  parseConfig,
  type DeepseekV3Config,
  type YarnScaling,
} from "./config.ts";
export { DeepseekV3, type Hidden } from "./model.ts";
export { KeyValueCache } from "./cache.ts";
export { generate, type GenerateOptions, type Generation } from "./generate.ts";
export type { SamplingOptions } from "@sixtyone/tensor";
export { loadCheckpoint, saveCheckpoint } from "./checkpoint.ts";
export { parameterSpecs, type ParameterSpec } from "./parameters.ts";
export { attentionFactor, inverseFrequencies, softmaxScale } from "./rotary.ts";
