// The generator against the published vectors of Random123 (kat_vectors, "threefry2x32 20"), and the
// counters of the `random` kernel on top of it.

import { expect, test } from "vitest";
import { createDevice, Generator } from "../src/index.ts";
import { reference, threefry2x32 } from "../src/backend/index.ts";

const vectors: readonly {
  counter: [number, number];
  key: [number, number];
  out: [number, number];
}[] = [
  { counter: [0, 0], key: [0, 0], out: [0x6b200159, 0x99ba4efe] },
  {
    counter: [0xffffffff, 0xffffffff],
    key: [0xffffffff, 0xffffffff],
    out: [0x1cb996fc, 0xbb002be7],
  },
  {
    counter: [0x243f6a88, 0x85a308d3],
    key: [0x13198a2e, 0x03707344],
    out: [0xc4923a9c, 0x483df7a0],
  },
];

test.each(vectors)("threefry2x32-20 of counter $counter", ({ counter, key, out }) => {
  const words = new Uint32Array(2);
  threefry2x32(key[0], key[1], counter[0], counter[1], words);
  expect([...words]).toEqual(out);
});

test.each(vectors)(
  "the tensor of bits starts with the vector of counter $counter",
  async (vector) => {
    const device = createDevice(reference());
    const { key, counter } = vector;
    // The library counts up to 2^53 draws; the all-ones counter lies beyond.
    if (counter[1] >= 2 ** 21)
      return expect(() => Generator.restore(device, { key, counter })).toThrow();
    const generator = Generator.restore(device, { key, counter });
    expect([...(await generator.bits([2]).data())]).toEqual(vector.out);
  },
);

test("word i depends on the key and the counter only, not on how many are drawn at once", async () => {
  const device = createDevice(reference());
  const whole = await new Generator(device, 61).bits([12]).data();
  const generator = new Generator(device, 61);
  const parts = [];
  for (const count of [2, 6, 4]) parts.push(...(await generator.bits([count]).data()));
  expect(parts).toEqual([...whole]);
});
