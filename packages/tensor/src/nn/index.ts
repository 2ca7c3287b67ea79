// Modules and layers. Published as "@sixtyone/tensor/nn".

export { Module } from "./module.ts";
export {
  Embedding,
  LayerNorm,
  Linear,
  QuantizedLinear,
  RMSNorm,
  type LinearOptions,
} from "./layers.ts";
