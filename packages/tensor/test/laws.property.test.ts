// Laws that hold for all shapes and values, on random ones. A failure prints its seed and the shrunken
// case; `fc.assert(…, { seed, path })` runs it again.

import fc from "fast-check";
import { expect, test } from "vitest";
import {
  concat,
  createDevice,
  scatterAdd,
  sort,
  stack,
  tensor,
  type Device,
  type Tensor,
  cumsum,
} from "../src/index.ts";
import {
  broadcastShapes,
  contiguousStrides,
  reference,
  sizeOf,
  type Shape,
} from "../src/backend/index.ts";

const device: Device = createDevice(reference());
const runs = { seed: 61, numRuns: 120 } as const;

const shapes = (maxRank = 4, min = 0) =>
  fc.array(fc.integer({ min, max: 4 }), { maxLength: maxRank });
const numbers = fc.integer({ min: -50, max: 50 }).map((x) => x / 4);

/** A tensor of a random shape with random quarters: sums and products of a few are exact. */
const tensors = (shape: fc.Arbitrary<Shape>) =>
  shape.chain((dims) =>
    fc
      .array(numbers, { minLength: sizeOf(dims), maxLength: sizeOf(dims) })
      .map((values) => ({ dims, values: Float32Array.from(values) })),
  );

const make = ({ dims, values }: { dims: Shape; values: Float32Array }): Tensor =>
  tensor(device, values, { shape: dims });

/** Two shapes that broadcast, and what to. */
const broadcastable = fc
  .tuple(
    shapes(),
    fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 4, maxLength: 4 }),
    fc.nat(4),
  )
  .map(([full, choices, dropped]) => {
    const a = full.map((dim, i) => (choices[i] === 0 ? 1 : dim));
    const b = full
      .map((dim, i) => (choices[i] === 1 ? 1 : dim))
      .slice(Math.min(dropped, full.length));
    return { a, b };
  });

const pair = broadcastable.chain(({ a, b }) =>
  fc.tuple(tensors(fc.constant(a)), tensors(fc.constant(b))),
);

function inScope<T>(fn: () => T): T {
  using _scope = device.scope();
  return fn();
}

const list = (x: Tensor) => [...x.dataSync()];

test("broadcasting: a ∘ b is b ∘ a, and the same as expanding both first", () => {
  fc.assert(
    fc.property(pair, ([left, right]) => {
      inScope(() => {
        const [a, b] = [make(left), make(right)];
        const shape = broadcastShapes("test", a.shape, b.shape);
        const sum = a.add(b);
        expect(sum.shape).toEqual(shape);
        expect(list(sum)).toEqual(list(b.add(a)));
        expect(list(sum)).toEqual(list(a.expand(shape).add(b.expand(shape))));
        expect(list(a.mul(b))).toEqual(list(a.expand(shape).clone().mul(b)));
      });
    }),
    runs,
  );
});

test("broadcasting: every element is the one NumPy's rule names", () => {
  fc.assert(
    fc.property(pair, ([left, right]) => {
      inScope(() => {
        const sum = make(left).sub(make(right));
        const strides = contiguousStrides(sum.shape);
        const at = ({ dims, values }: typeof left, flat: number): number => {
          const own = contiguousStrides(dims);
          const lead = sum.shape.length - dims.length;
          const offset = dims.reduce((total, dim, i) => {
            const coordinate = Math.floor(flat / strides[lead + i]!) % sum.shape[lead + i]!;
            return total + (dim === 1 ? 0 : coordinate * own[i]!);
          }, 0);
          return values[offset]!;
        };
        list(sum).forEach((value, i) => expect(value).toBe(at(left, i) - at(right, i)));
      });
    }),
    runs,
  );
});

test("the gradient of a broadcast operand has its shape and sums what was repeated", () => {
  fc.assert(
    fc.property(pair, ([left, right]) => {
      inScope(() => {
        const [a, b] = [make(left).requiresGrad_(), make(right).requiresGrad_()];
        const sum = a.add(b);
        sum.sum().backward();
        expect(a.grad!.shape).toEqual(a.shape);
        const repeats = a.size === 0 ? 0 : sum.size / a.size;
        expect(list(a.grad!)).toEqual(list(a).map(() => repeats));
        expect(b.grad!.shape).toEqual(b.shape);
      });
    }),
    runs,
  );
});

const withOrder = tensors(shapes()).chain((x) =>
  fc.tuple(
    fc.constant(x),
    fc.shuffledSubarray(
      x.dims.map((_, i) => i),
      { minLength: x.dims.length },
    ),
  ),
);

test("permuting back gives the tensor back; permutations compose", () => {
  fc.assert(
    fc.property(withOrder, ([data, order]) => {
      inScope(() => {
        const x = make(data);
        const inverse = order.map((_, axis) => order.indexOf(axis));
        const moved = x.permute(order);
        expect(moved.shape).toEqual(order.map((axis) => x.shape[axis]));
        expect(list(moved.permute(inverse))).toEqual(list(x));
        expect(list(moved.permute(order))).toEqual(list(x.permute(order.map((i) => order[i]!))));
      });
    }),
    runs,
  );
});

test("reshape keeps row-major order, also of strided views, and comes back", () => {
  fc.assert(
    fc.property(withOrder, ([data, order]) => {
      inScope(() => {
        const view = make(data).permute(order).flip(order);
        const values = list(view);
        const flat = view.reshape([-1]);
        expect(list(flat)).toEqual(values);
        expect(list(flat.reshape(view.shape))).toEqual(values);
        expect(list(view.reshape([...view.shape, 1]).squeeze(-1))).toEqual(values);
      });
    }),
    runs,
  );
});

test("slices are what Array.prototype.slice gives, with Python's steps", () => {
  const bound = fc.option(fc.integer({ min: -9, max: 9 }), { nil: undefined });
  const step = fc.integer({ min: -3, max: 3 }).filter((x) => x !== 0);
  fc.assert(
    fc.property(
      fc.array(numbers, { maxLength: 7 }),
      bound,
      bound,
      step,
      (values, start, end, by) => {
        inScope(() => {
          const x = tensor(device, Float32Array.from(values));
          const range = {
            step: by,
            ...(start !== undefined && { start }),
            ...(end !== undefined && { end }),
          };
          expect(list(x.slice([range]))).toEqual(pythonSlice(values, start, end, by));
        });
      },
    ),
    runs,
  );
});

/** list[start:end:step], by walking it. */
function pythonSlice(
  values: number[],
  start: number | undefined,
  end: number | undefined,
  step: number,
) {
  const n = values.length;
  const clamp = (x: number) =>
    Math.min(Math.max(x < 0 ? x + n : x, step > 0 ? 0 : -1), step > 0 ? n : n - 1);
  const first = start === undefined ? (step > 0 ? 0 : n - 1) : clamp(start);
  const last = end === undefined ? (step > 0 ? n : -1) : clamp(end);
  const out: number[] = [];
  for (let i = first; step > 0 ? i < last : i > last; i += step) out.push(values[i]!);
  return out;
}

const rows = tensors(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 9 })));

test("sort is a sort: ordered, stable, and gathering its indices gives its values", () => {
  fc.assert(
    fc.property(rows, fc.boolean(), (data, descending) => {
      inScope(() => {
        const x = make(data);
        const { values, indices } = sort(x, -1, { descending });
        expect(list(x.gather(1, indices))).toEqual(list(values));
        const [n] = x.shape.slice(-1);
        for (let row = 0; row < x.shape[0]!; row++) {
          const keys = [...data.values].slice(row * n!, (row + 1) * n!);
          const order = keys
            .map((_, i) => i)
            .sort((i, j) => (descending ? keys[j]! - keys[i]! : keys[i]! - keys[j]!) || i - j);
          expect(list(indices.select(0, row))).toEqual(order);
        }
      });
    }),
    runs,
  );
});

test("scattering to a permutation undoes gathering by it", () => {
  fc.assert(
    fc.property(rows, (data) => {
      inScope(() => {
        const x = make(data);
        const { values, indices } = sort(x);
        const back = scatterAdd(x.mul(0), 1, indices, values);
        expect(list(back)).toEqual(list(x));
      });
    }),
    runs,
  );
});

test("a running sum's differences are the elements; reverse is flip, scan, flip", () => {
  fc.assert(
    fc.property(rows, (data) => {
      inScope(() => {
        const x = make(data);
        const sums = cumsum(x, 1);
        expect(list(sums.sub(cumsum(x, 1, { exclusive: true })))).toEqual(list(x));
        expect(list(sums.select(1, -1))).toEqual(list(x.sum(1)));
        expect(list(cumsum(x, 1, { reverse: true }))).toEqual(list(cumsum(x.flip(1), 1).flip(1)));
      });
    }),
    runs,
  );
});

test("concat and narrow undo each other; stack is concat of unsqueezed", () => {
  fc.assert(
    fc.property(rows, fc.nat(9), (data, cut) => {
      inScope(() => {
        const x = make(data);
        const n = x.shape[1]!;
        const at = Math.min(cut, n);
        const parts = [x.narrow(1, 0, at), x.narrow(1, at, n - at)];
        expect(list(concat(parts, 1))).toEqual(list(x));
        const two = stack([x, x.neg()], 1);
        expect(list(two.select(1, 0))).toEqual(list(x));
        expect(list(two.select(1, 1))).toEqual(list(x.neg()));
      });
    }),
    runs,
  );
});

test("(AB)ᵀ = BᵀAᵀ", () => {
  const sizes = fc.tuple(
    fc.integer({ min: 1, max: 5 }),
    fc.integer({ min: 1, max: 5 }),
    fc.integer({ min: 1, max: 5 }),
  );
  const factors = sizes.chain(([M, K, N]) =>
    fc.tuple(tensors(fc.constant([M, K])), tensors(fc.constant([K, N]))),
  );
  fc.assert(
    fc.property(factors, ([left, right]) => {
      inScope(() => {
        const [a, b] = [make(left), make(right)];
        expect(list(a.matmul(b).transpose())).toEqual(list(b.transpose().matmul(a.transpose())));
      });
    }),
    runs,
  );
});

test("nothing was left in memory", () => {
  expect(device.memory().storageCount).toBe(0);
});
