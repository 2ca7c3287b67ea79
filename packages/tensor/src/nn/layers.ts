// The layers that almost every model has. Weights are [out, in], as PyTorch's, so checkpoints fit.

import { zeros } from "../create/fill.ts";
import type { Device } from "../core/device.ts";
import { embedding } from "../ops/gather/gather.ts";
import { linear } from "../ops/linear/linear.ts";
import { layerNorm } from "../ops/layer-norm/layer-norm.ts";
import { rmsNorm } from "../ops/rms-norm/rms-norm.ts";
import { quantize, type QuantizeOptions } from "../quant/quantize.ts";
import type { QuantizedWeight } from "../quant/quantized-weight.ts";
import type { Generator } from "../random/generator.ts";
import type { Tensor } from "../tensor.ts";
import { Module } from "./module.ts";

function parameter(make: () => Tensor, device: Device): Tensor {
  return device.tidy(() => make().eval()).requiresGrad_();
}

export interface LinearOptions {
  /** Default true. */
  readonly bias?: boolean;
}

/** x · weightᵀ + bias. Starts uniform on ±1/√in, as torch.nn.Linear. */
export class Linear extends Module {
  readonly weight: Tensor; // [out, in]
  readonly bias: Tensor | undefined; // [out]

  constructor(
    inFeatures: number,
    outFeatures: number,
    generator: Generator,
    { bias = true }: LinearOptions = {},
  ) {
    super();
    const { device } = generator;
    const bound = 1 / Math.sqrt(inFeatures);
    this.weight = parameter(
      () => generator.uniform([outFeatures, inFeatures], -bound, bound),
      device,
    );
    this.bias = bias
      ? parameter(() => generator.uniform([outFeatures], -bound, bound), device)
      : undefined;
  }

  /** [..., in] → [..., out]. */
  forward(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias);
  }

  /** The same layer for inference, its weight in 8 or 4 bits. Reads the weight, hence the promise. */
  async quantize(options: QuantizeOptions): Promise<QuantizedLinear> {
    return new QuantizedLinear(await quantize(this.weight, options), this.bias?.detach().clone());
  }
}

/** A Linear whose weight is quantised: no gradient for the weight, one for the input. */
export class QuantizedLinear extends Module {
  readonly weight: QuantizedWeight; // [out, in]
  readonly bias: Tensor | undefined; // [out]

  constructor(weight: QuantizedWeight, bias?: Tensor) {
    super();
    this.weight = weight;
    this.bias = bias;
  }

  /** [..., in] → [..., out]. */
  forward(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias);
  }

  override dispose(): void {
    this.weight.dispose();
    super.dispose();
  }
}

/** A table of vectors. Starts normal(0, 1), as torch.nn.Embedding. */
export class Embedding extends Module {
  readonly weight: Tensor; // [V, D]

  constructor(count: number, width: number, generator: Generator) {
    super();
    this.weight = parameter(() => generator.normal([count, width]), generator.device);
  }

  /** ids i32 [...] → [..., D]. */
  forward(ids: Tensor): Tensor {
    return embedding(this.weight, ids);
  }
}

/** Root-mean-square normalisation over the last axis, with a weight that starts at 1. */
export class RMSNorm extends Module {
  readonly weight: Tensor; // [D]
  readonly eps: number;

  constructor(device: Device, width: number, eps: number = 1e-6) {
    super();
    this.weight = parameter(() => zeros(device, [width]).add(1), device);
    this.eps = eps;
  }

  forward(x: Tensor): Tensor {
    return rmsNorm(x, this.weight, this.eps);
  }
}

/** Layer normalisation over the last axis, weight 1 and bias 0 at the start. */
export class LayerNorm extends Module {
  readonly weight: Tensor; // [D]
  readonly bias: Tensor; // [D]
  readonly eps: number;

  constructor(device: Device, width: number, eps: number = 1e-5) {
    super();
    this.weight = parameter(() => zeros(device, [width]).add(1), device);
    this.bias = parameter(() => zeros(device, [width]), device);
    this.eps = eps;
  }

  forward(x: Tensor): Tensor {
    return layerNorm(x, this.weight, this.bias, this.eps);
  }
}
