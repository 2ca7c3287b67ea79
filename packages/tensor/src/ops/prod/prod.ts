import { defineReduction, type Reduction } from "../reduction.ts";

/** The product over `axes` (all by default). */
export const prod: Reduction = /* @__PURE__ */ defineReduction({
  name: "prod",
  // The product of the others, not y / x: right where an element is 0.
  grad: ({ input, attrs: { axes }, shape }, dy) => {
    const x = input(0);
    const rank = x.shape.length;
    const order = [...Array(rank).keys()].filter((a) => !axes.includes(a)).concat(axes);
    const back = order.map((_, axis) => order.indexOf(axis));
    const moved = x.permute(order);
    const kept = moved.shape.slice(0, rank - axes.length);
    const flat = moved.reshape([...kept, -1]); // [..., N]
    const n = flat.shape[kept.length]!;
    const others = flat.unsqueeze(-2).expand([...kept, n, n]); // [..., N, N]
    const diagonal = x.device.iota([n, n], -1).eq(x.device.iota([n, n], -2)); // bool [N, N]
    const rest = prod(diagonal.where(1, others), -1); // [..., N]
    return [
      rest
        .reshape(moved.shape)
        .permute(back)
        .mul(dy.expand(shape(0))),
    ];
  },
  saves: [0],
});
