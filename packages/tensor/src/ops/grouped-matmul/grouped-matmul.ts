import { ShapeError } from "../../errors.ts";
import { formatShape } from "../../shape.ts";
import { vjp } from "../../autograd/vjp.ts";
import type { Tensor } from "../../tensor.ts";
import { summed, traffic } from "../cost.ts";
import { defineOp, type Op } from "../define.ts";
import { asContiguous, tryFused } from "../fused.ts";

const groupedMatmulOp: Op<undefined> = /* @__PURE__ */ defineOp<undefined, "groupedMatmul">({
  name: "groupedMatmul",
  shape: ([a, b, offsets]) => {
    const [E, K, M] = b!.shape;
    const fits =
      a!.rank === 2 &&
      b!.rank === 3 &&
      a!.shape[1] === K &&
      offsets!.rank === 1 &&
      offsets!.shape[0] === E! + 1;
    if (!fits) {
      throw new ShapeError(
        `groupedMatmul: expected a [N, K], b [E, K, M], offsets [E + 1], got ` +
          `${[a!, b!, offsets!].map((x) => formatShape(x.shape)).join(", ")}.`,
      );
    }
    return [a!.shape[0]!, M!];
  },
  dtype: () => "f32",
  lower: ([a, b, offsets], _, { shape, device }) => {
    const inputs = [
      asContiguous(a!),
      b!.cast("f32").lazy.view(),
      offsets!.contiguous().lazy.view(),
    ];
    const fused = tryFused(device, "groupedMatmul", {}, inputs, [{ shape }]);
    if (fused) return fused;
    // Every group for every row, then the row's own: E times the work, for backends without the kernel.
    const all = a!.unsqueeze(0).matmul(b!); // [E, N, M]
    return membership(offsets!, shape[0]!).unsqueeze(-1).where(all, 0).sum(0);
  },
  // dA = dY · B[e]ᵀ, dB[e] = A_eᵀ · dY_e
  grad: ({ input, needs }, dy) => [
    needs(0) ? groupedMatmulOp([dy, input(1).transpose(), input(2)], undefined)[0]! : null,
    needs(1) ? groupedWeightOp([input(0), dy, input(2)], undefined)[0]! : null,
    null,
  ],
  saves: [0, 1, 2],
  tolerance: summed,
  cost: (inputs, out) => traffic(inputs, out, 2 * inputs[0]!.size * out.shape[1]!),
});

const groupedWeightOp = /* @__PURE__ */ defineOp<undefined, "groupedMatmulWeight">({
  name: "groupedMatmulWeight",
  shape: ([a, c, offsets]) => [offsets!.shape[0]! - 1, a!.shape[1]!, c!.shape[1]!],
  dtype: () => "f32",
  lower: ([a, c, offsets], _, { shape, device }) => {
    const inputs = [asContiguous(a!), asContiguous(c!), offsets!.contiguous().lazy.view()];
    return (
      tryFused(device, "groupedMatmulWeight", {}, inputs, [{ shape }]) ?? [
        compositeWeight(a!, c!, offsets!),
      ]
    );
  },
  grad: ({ input }, ...upstream) => {
    const offsets = input(2);
    const weight = ([a, c]: readonly Tensor[]) => [compositeWeight(a!, c!, offsets)];
    return [...vjp(weight, [input(0), input(1)], upstream), null];
  },
  saves: [0, 1, 2],
  tolerance: summed,
  cost: (inputs, out) => traffic(inputs, out, 2 * inputs[0]!.size * out.shape[2]!),
});

/** bool [E, N]: whether row n lies in group e's run. */
function membership(offsets: Tensor, N: number): Tensor {
  const E = offsets.shape[0]! - 1;
  const rows = offsets.device.iota([E, N], -1);
  const starts = offsets.narrow(0, 0, E).unsqueeze(-1);
  const ends = offsets.narrow(0, 1, E).unsqueeze(-1);
  return rows.ge(starts).logicalAnd(rows.lt(ends));
}

function compositeWeight(a: Tensor, c: Tensor, offsets: Tensor): Tensor {
  const mine = membership(offsets, a.shape[0]!).unsqueeze(-1); // [E, N, 1]
  const masked = mine.where(a.unsqueeze(0), 0); // [E, N, K]
  return masked.transpose().matmul(c.unsqueeze(0)); // [E, K, M]
}

/**
 * Products of sorted rows with their group's matrix: row n of a [N, K] in group e (offsets[e] ≤ n <
 * offsets[e + 1], i32 [E + 1]) gives a[n] · b[e], for b [E, K, M] → [N, M]. The heart of a
 * mixture-of-experts layer; see `countingSort` for the sorting.
 */
export function groupedMatmul(a: Tensor, b: Tensor, offsets: Tensor): Tensor {
  return groupedMatmulOp([a, b, offsets], undefined)[0]!;
}
