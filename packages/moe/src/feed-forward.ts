// The feed-forward half of a block: a dense SwiGLU network in the first layers, a mixture of experts with
// a shared expert in the others (DeepSeekMoE, arXiv 2401.06066 §3; DeepSeek-V3 §2.1.2). No token is ever
// dropped and nothing is read back: tokens are sorted by expert on the device, and grouped kernels work
// on the runs.

import { countingSort, floorDivide, groupedMatmul, linear, type Tensor } from "@sixtyone/tensor";
import type { DeepseekV3Config } from "./config.ts";
import type { Weights } from "./attention.ts";
import { route } from "./gate.ts";

/** down(silu(gate x) · up x) for x [N, D]. */
export function denseFeedForward(weights: Weights, x: Tensor): Tensor {
  const gate = linear(x, weights("gate_proj.weight"));
  const up = linear(x, weights("up_proj.weight"));
  return linear(gate.silu().mul(up), weights("down_proj.weight"));
}

export interface ExpertOutput {
  readonly output: Tensor; // [N, D]
  /** How many tokens each expert got, i32 [E]. */
  readonly load: Tensor;
}

/** The mixture of experts for tokens x [N, D]. */
export function mixtureOfExperts(
  config: DeepseekV3Config,
  weights: Weights,
  x: Tensor,
): ExpertOutput {
  const { n_routed_experts: E, num_experts_per_tok: K, moe_intermediate_size: I } = config;
  const [N, D] = x.shape as [number, number];
  const routing = route(config, weights, x);
  // Slot n·K + k is token n's k-th expert. `order` lists slots by expert, `place` is its inverse.
  const { order, offsets } = countingSort(routing.experts.reshape([N * K]), E);
  const place = countingSort(order, N * K).order;
  const rows = x.indexSelect(0, floorDivide(order, K)); // [N·K, D], sorted by expert
  const gateUp = groupedMatmul(rows, weights("experts.gate_up_proj").transpose(), offsets); // [N·K, 2I]
  const inner = gateUp
    .narrow(-1, 0, I)
    .silu()
    .mul(gateUp.narrow(-1, I, I)); // [N·K, I]
  const sorted = groupedMatmul(inner, weights("experts.down_proj").transpose(), offsets); // [N·K, D]
  const slots = sorted.indexSelect(0, place).reshape([N, K, D]);
  const routed = slots.mul(routing.weights.unsqueeze(-1)).sum(1); // [N, D]
  const shared = (name: string): Tensor => weights(`shared_experts.${name}`);
  const output = config.n_shared_experts > 0 ? routed.add(denseFeedForward(shared, x)) : routed;
  return { output, load: offsets.narrow(0, 1, E).sub(offsets.narrow(0, 0, E)) };
}
