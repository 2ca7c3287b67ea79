import { ArgumentError, ShapeError } from "../../errors.ts";
import { formatShape } from "../../shape.ts";
import type { FusedParams } from "../../backend/contract.ts";
import { vjp } from "../../autograd/vjp.ts";
import type { Tensor } from "../../tensor.ts";
import { summed, traffic } from "../cost.ts";
import { defineOp } from "../define.ts";
import { asContiguous, asRows, tryFused } from "../fused.ts";
import { gather } from "../gather/gather.ts";
import { topk } from "../sort/sort.ts";

type Attrs = FusedParams["groupedTopk"];

const groupedTopkOp = /* @__PURE__ */ defineOp<Attrs, "groupedTopk">({
  name: "groupedTopk",
  shape: ([logits, bias], { k, groups, keptGroups }) => {
    const [N, E] = logits!.shape as [number, number];
    if (logits!.rank !== 2 || bias!.rank !== 1 || bias!.shape[0] !== E) {
      throw new ShapeError(
        `groupedTopk: expected logits [N, E] and a bias [E], got ${formatShape(logits!.shape)} and ` +
          `${formatShape(bias!.shape)}.`,
      );
    }
    const check = (name: string, value: number, most: number): void => {
      if (Number.isInteger(value) && value >= 1 && value <= most) return;
      throw new ArgumentError(`groupedTopk: ${name} must be 1..${most}, got ${value}.`);
    };
    check("groups", groups, E);
    if (E % groups !== 0) {
      throw new ArgumentError(`groupedTopk: ${E} experts do not make ${groups} equal groups.`);
    }
    check("keptGroups", keptGroups, groups);
    check("k", k, (E / groups) * keptGroups);
    return [N, k];
  },
  dtype: () => "f32",
  // Results: weights and experts, each [N, K].
  lower: ([logits, bias], attrs, { shape, device }) => {
    const outputs = [{ shape }, { shape, dtype: "i32" } as const];
    const inputs = [asRows(logits!), asContiguous(bias!)];
    return (
      tryFused(device, "groupedTopk", attrs, inputs, outputs) ??
      device.tidy(() => {
        const experts = chooseExperts(logits!.cast("f32").sigmoid().add(bias!), attrs);
        return [weigh(logits!, experts, attrs).eval(), experts];
      })
    );
  },
  grad: ({ input, output, attrs }, dweights) => {
    const experts = output(1);
    return [...vjp(([logits]) => [weigh(logits!, experts, attrs)], [input(0)], [dweights]), null];
  },
  saves: [0, "output"],
  tolerance: summed,
  cost: (inputs, out) => traffic(inputs, out, 10 * inputs[0]!.size, out.shape[0]! * out.shape[1]!),
});

/** The experts of each row of biased scores [N, E], i32 [N, K]. */
function chooseExperts(choice: Tensor, { k, groups, keptGroups }: Attrs): Tensor {
  const [N, E] = choice.shape as [number, number];
  if (keptGroups === groups) return topk(choice, k).indices;
  const grouped = choice.reshape([N, groups, E / groups]);
  const groupScores = topk(grouped, Math.min(2, E / groups)).values.sum(-1); // [N, groups]
  const kept = topk(groupScores, keptGroups).indices; // [N, keptGroups]
  const ids = choice.device.iota([1, groups, 1], -2);
  const isKept = ids.eq(kept.unsqueeze(1)).cast("f32").sum(-1, { keepDim: true }).gt(0);
  // −∞ and not 0, as DeepSeek's own code: a biased score may be negative.
  return topk(isKept.where(grouped, -Infinity).reshape([N, E]), k).indices;
}

/** The weights of the chosen experts, [N, K]. */
function weigh(logits: Tensor, experts: Tensor, { normalize, scale }: Attrs): Tensor {
  const chosen = gather(logits, -1, experts, "groupedTopk").cast("f32").sigmoid();
  const shares = normalize ? chosen.div(chosen.sum(-1, { keepDim: true }).add(1e-20)) : chosen;
  return shares.mul(scale);
}

export interface GroupedTopkOptions {
  /** How many equal runs the experts are in, and how many of them a row may choose from. Default 1 and 1. */
  readonly groups?: number;
  readonly keptGroups?: number;
  /** Whether a row's weights are made to add up to `scale`. Default true. */
  readonly normalize?: boolean;
  /** Factor of the weights. Default 1. */
  readonly scale?: number;
}

export interface Routing {
  /** The chosen experts of each row, i32 [N, K]. Their order has no meaning. */
  readonly experts: Tensor;
  /** What each chosen expert's output is multiplied by, f32 [N, K]. Differentiable in the logits. */
  readonly weights: Tensor;
}

/**
 * Routing of a mixture of experts (DeepSeek-V3 §2.1.2; vLLM's grouped_topk): scores are the sigmoids of logits [N, E].
 * Score plus `bias` [E] chooses: the groups whose best two sum highest, then the best k experts of those, the first
 * of equal ones. Weights are the scores alone. No gradient flows through the choice, nor to the bias.
 */
export function groupedTopk(
  logits: Tensor,
  bias: Tensor,
  k: number,
  { groups = 1, keptGroups = groups, normalize = true, scale = 1 }: GroupedTopkOptions = {},
): Routing {
  const attrs = { k, groups, keptGroups, normalize, scale };
  const [weights, experts] = groupedTopkOp([logits, bias], attrs) as [Tensor, Tensor];
  return { experts: experts.detach(), weights };
}
