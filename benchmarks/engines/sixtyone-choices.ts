// The draw of tokens and the routing of a mixture of experts on our engine.

import { Generator, groupedTopk, noGrad, sample, type Tensor } from "@sixtyone/tensor";
import type { RoutingCase, SampleCase } from "../engine.ts";

type Make = (shape: number[], seed: number) => Tensor;

export function drawing(
  { rows, vocabulary, spread, ...options }: SampleCase,
  make: Make,
  made: Tensor[],
): () => Tensor {
  const unit = make([rows, vocabulary], 1);
  const { device } = unit;
  const logits = device.tidy(() => unit.mul(spread).eval());
  made.push(logits);
  const generator = new Generator(device, 61);
  return () => noGrad(() => sample(logits, generator, options));
}

export function routing(
  { tokens, experts, chosen, groups, keptGroups }: RoutingCase,
  make: Make,
): () => Tensor {
  const [logits, bias] = [make([tokens, experts], 1), make([experts], 2)];
  return () => noGrad(() => groupedTopk(logits, bias, chosen, { groups, keptGroups }).weights);
}
