// The names of all ops, derived from the library's types: every method of Tensor and every exported
// function that gives tensors, less what is no op. The case tables are typed over this union, so an op
// added to the library without cases does not compile here.

import type * as library from "@sixtyone/tensor";
import type { Tensor } from "@sixtyone/tensor";

/** Methods that give tensors without computing anything. */
type NotAnOp = "alias" | "ghost" | "detach" | "eval" | "requiresGrad_" | "to";

/** Exported functions that create, differentiate, store or overwrite: they have tests of their own. */
type OtherFunctions =
  | "arange"
  | "assign"
  | "checkpoint"
  | "clipGradNorm"
  | "enableGrad"
  | "eye"
  | "full"
  | "grad"
  | "gradients"
  | "linspace"
  | "noGrad"
  | "ones"
  | "tensor"
  | "valueAndGrad"
  | "zeros";

/** Whether a result is a tensor, a list of tensors as split's, or a record of tensors as sort's. */
type GivesTensors<R> = R extends Tensor | readonly Tensor[]
  ? true
  : [keyof R] extends [never]
    ? false
    : R[keyof R] extends Tensor
      ? true
      : false;

type NamesOfOps<T> = {
  [K in keyof T]: T[K] extends (...args: never[]) => infer R
    ? GivesTensors<R> extends true
      ? K
      : never
    : never;
}[keyof T];

export type OpName = Exclude<
  NamesOfOps<Tensor> | NamesOfOps<typeof library>,
  NotAnOp | OtherFunctions
>;
