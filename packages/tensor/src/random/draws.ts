// Random draws made again: what is computed twice (checkpoint.ts) must see the same numbers both times. A draw is
// known by the words its kernel starts from; a second run takes those of the first, in order, and leaves the
// generators where they are. It holds in a replayed step too, where both runs' words are produced anew.

import { AutogradError } from "../errors.ts";

/** Gives the words a draw starts from, and moves its generator on. */
export type Produce = () => Uint32Array;

/** The words of each draw, from when its kernel has run. */
export type Draws = (Uint32Array | undefined)[];

let through: ((produce: Produce) => Produce) | undefined;

/** What a generator passes its draws through. */
export function drawing(produce: Produce): Produce {
  return through ? through(produce) : produce;
}

/** Runs `fn`, keeping what it draws in `draws`. */
export function keepDraws<T>(draws: Draws, fn: () => T): T {
  const outer = through;
  return passing((produce) => {
    const inner = outer ? outer(produce) : produce;
    const index = draws.push(undefined) - 1;
    return () => (draws[index] = inner());
  }, fn);
}

/** Runs `fn` on the draws kept. Throws AutogradError if it draws more often than there are. */
export function repeatDraws<T>(draws: Draws, fn: () => T): T {
  let next = 0;
  return passing(() => {
    const index = next++;
    if (index >= draws.length) {
      throw new AutogradError(
        `checkpoint: the function drew random numbers ${draws.length} times in the forward pass and more often when ` +
          `it ran again. It must do the same both times.`,
      );
    }
    return () => draws[index]!;
  }, fn);
}

function passing<T>(way: (produce: Produce) => Produce, fn: () => T): T {
  const before = through;
  through = way;
  try {
    return fn();
  } finally {
    through = before;
  }
}
