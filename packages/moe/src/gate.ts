// The router (DeepSeek-V3 §2.1.2; inference/model.py `Gate`): sigmoid affinities, selection by affinity
// plus a balancing bias within the best groups, weights from the affinities alone.

import { groupedTopk, linear, type Routing, type Tensor } from "@sixtyone/tensor";
import type { DeepseekV3Config } from "./config.ts";
import type { Weights } from "./attention.ts";

/** Routes tokens x [N, D]. Gradients flow through the weights, not through the choice. */
export function route(config: DeepseekV3Config, weights: Weights, x: Tensor): Routing {
  const logits = linear(x, weights("gate.weight")); // [N, E]
  const bias = weights("gate.e_score_correction_bias").detach(); // [E]
  return groupedTopk(logits, bias, config.num_experts_per_tok, {
    groups: config.n_group,
    keptGroups: config.topk_group,
    normalize: config.norm_topk_prob,
    scale: config.routed_scaling_factor,
  });
}
