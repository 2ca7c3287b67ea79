// Ops of one's own with a gradient of one's own: torch.autograd.Function.

import { free } from "../ops/cost.ts";
import { applyOp, type OpDefinition } from "../ops/define.ts";
import { AutogradError } from "../errors.ts";
import { formatShape, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { noGrad } from "./tape.ts";

export interface CustomOp {
  /** Used in errors and profiles. */
  readonly name: string;
  /** The result from the inputs. Runs unrecorded. */
  readonly forward: (...inputs: Tensor[]) => Tensor;
  /**
   * The inputs' gradients (null for none) from the result's. Written with tensor methods it is differentiable
   * again.
   */
  readonly backward: (
    context: { readonly inputs: readonly Tensor[]; readonly output: Tensor },
    dy: Tensor,
  ) => readonly (Tensor | null)[];
}

/** A function with its own backward rule. */
export function customOp({ name, forward, backward }: CustomOp): (...inputs: Tensor[]) => Tensor {
  return (...inputs) => {
    const result = noGrad(() => forward(...inputs));
    const definition: OpDefinition<undefined> = {
      name,
      shape: () => result.shape,
      dtype: () => result.dtype,
      lower: () => result.alias(),
      grad: ({ input, output, inputCount }, dy) => {
        const saved = Array.from({ length: inputCount }, (_, i) => input(i));
        const gradients = backward({ inputs: saved, output: output() }, dy);
        const wrong = saved.findIndex(({ shape }, i) => {
          const gradient = gradients[i];
          return gradient === undefined || (gradient && !sameShape(gradient.shape, shape));
        });
        if (wrong >= 0) {
          const got = gradients[wrong];
          throw new AutogradError(
            `${name}: backward must give one gradient an input, in its shape or null; for input ${wrong}, ` +
              `${formatShape(saved[wrong]!.shape)}, it gave ${got ? formatShape(got.shape) : "none"}.`,
          );
        }
        return gradients;
      },
      saves: [...inputs.map((_, i) => i), "output"],
      // The ops inside count by themselves.
      cost: () => free,
    };
    return applyOp(definition, inputs, undefined)[0]!;
  };
}
