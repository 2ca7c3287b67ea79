// Reproducible host-side numbers for test operands. Not the library's generator on purpose: the suite
// must not test a backend with numbers that the backend made.

export type RandomSource = () => number;

/** Uniform on [0, 1), from a 32-bit seed (mulberry32, Tommy Ettinger, public domain). */
export function randomSource(seed: number): RandomSource {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A seed of its own for every labelled thing, so that adding a case changes no other case's numbers. */
export function seedFor(seed: number, label: string): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let i = 0; i < label.length; i++) hash = Math.imul(hash ^ label.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** What numbers an operand is filled with. */
export type Values =
  /** Standard normal. */
  | { readonly kind: "normal" }
  /** Uniform on [low, high). */
  | { readonly kind: "uniform"; readonly low: number; readonly high: number }
  /** Whole numbers low..high, both included. */
  | { readonly kind: "integers"; readonly low: number; readonly high: number }
  /** A shuffle of odd multiples of `step / 2` around 0: no ties, no zeros, nothing close to a kink. */
  | { readonly kind: "distinct"; readonly step: number }
  /** These numbers, repeated as often as needed. */
  | { readonly kind: "list"; readonly values: readonly number[] };

export function randomValues(values: Values, count: number, random: RandomSource): number[] {
  switch (values.kind) {
    case "normal":
      return Array.from({ length: count }, () => normal(random));
    case "uniform":
      return Array.from(
        { length: count },
        () => values.low + (values.high - values.low) * random(),
      );
    case "integers": {
      const choices = values.high - values.low + 1;
      return Array.from({ length: count }, () => values.low + Math.floor(choices * random()));
    }
    case "distinct":
      return shuffled(count, random).map(
        (i) => (2 * i + 1 - count - (count % 2)) * (values.step / 2),
      );
    case "list":
      return Array.from({ length: count }, (_, i) => values.values[i % values.values.length]!);
  }
}

function normal(random: RandomSource): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random()));
  return radius * Math.cos(2 * Math.PI * random());
}

function shuffled(count: number, random: RandomSource): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
