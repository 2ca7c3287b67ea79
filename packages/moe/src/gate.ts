// The router (DeepSeek-V3 §2.1.2; inference/model.py `Gate`): sigmoid affinities, selection by affinity
// plus a balancing bias within the best groups, weights from the affinities alone.

import { arange, linear, topk, type Tensor } from "@sixtyone/tensor";
import type { DeepseekV3Config } from "./config.ts";
import type { Weights } from "./attention.ts";

export interface Routing {
  /** The chosen experts of each token, i32 [N, K]; their order has no meaning. */
  readonly experts: Tensor;
  /** What each chosen expert's output is multiplied by, f32 [N, K]. */
  readonly weights: Tensor;
}

/** Routes tokens x [N, D]. Gradients flow through the weights, not through the choice. */
export function route(config: DeepseekV3Config, weights: Weights, x: Tensor): Routing {
  const { n_routed_experts: E, num_experts_per_tok: K, n_group: groups, topk_group } = config;
  const N = x.shape[0]!;
  const scores = linear(x, weights("gate.weight")).sigmoid(); // [N, E]
  let choice = scores.detach().add(weights("gate.e_score_correction_bias").detach()); // [N, E]
  if (groups > 1) {
    const grouped = choice.reshape([N, groups, E / groups]);
    const groupScores = topk(grouped, 2).values.sum(-1); // [N, groups]
    const kept = topk(groupScores, topk_group).indices; // [N, topk_group]
    const ids = arange(x.device, 0, groups).reshape([1, groups, 1]);
    const allowed = ids.eq(kept.unsqueeze(1)).cast("f32").sum(-1, { keepDim: true }).gt(0);
    // −∞ and not 0, as DeepSeek's own code: a biased score may be negative.
    choice = allowed.where(grouped, -Infinity).reshape([N, E]);
  }
  const experts = topk(choice, K).indices; // [N, K]
  let chosen = scores.gather(-1, experts); // [N, K]
  if (config.norm_topk_prob) chosen = chosen.div(chosen.sum(-1, { keepDim: true }).add(1e-20));
  return { experts, weights: chosen.mul(config.routed_scaling_factor) };
}
