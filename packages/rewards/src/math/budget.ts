// A budget of steps instead of a clock: the same pair always gets the same verdict, on every machine, and
// nothing a model writes can keep the grader busy. A step takes about half a microsecond; the default
// ends a hopeless pair after some 15 ms.

/** Thrown when the budget is spent or a number would not fit in it. The verdict is then "timeout". */
export class BudgetError extends Error {
  override name = "BudgetError";
}

export class Budget {
  #left: number;

  constructor(steps: number) {
    this.#left = steps;
  }

  get left(): number {
    return this.#left;
  }

  /** Takes steps from the budget; throws BudgetError when there are none left. */
  spend(steps = 1): void {
    this.#left -= steps;
    if (this.#left < 0) throw new BudgetError("the step budget is spent");
  }

  /** Pays for an operation on whole numbers of that many bits. */
  spendBits(bits: number): void {
    if (bits > maxBits) throw new BudgetError(`a number of more than ${maxBits} bits`);
    this.spend(1 + bits / 4096);
  }
}

/** The largest exact whole number: 2006! needs 19,147 bits. */
export const maxBits: number = 40_000;
