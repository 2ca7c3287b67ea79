// A clock that is cheap to ask: interpreters ask it hundreds of thousands of times a second.

export class Deadline {
  #at = Infinity;
  #asked = 0;
  #next = -Infinity;
  #now: () => number;
  /** Whether the time has run out since `start`. */
  expired = false;

  constructor(now: () => number = performance.now.bind(performance)) {
    this.#now = now;
  }

  start(ms: number): void {
    this.expired = false;
    this.#next = -Infinity;
    this.#at = this.#now() + ms;
  }

  stop(): void {
    this.#at = Infinity;
  }

  /**
   * True now and then once the time is over. An interrupt that comes every time also stops what clears up
   * after the first; one that comes once is swallowed by whoever catches everything.
   */
  shouldInterrupt(): boolean {
    if (!this.isOver() || this.#now() < this.#next) return false;
    this.#next = this.#now() + 50;
    return true;
  }

  /** Looks at the clock every 32nd time. */
  isOver(): boolean {
    if (this.expired && this.#at !== Infinity) return true;
    if ((++this.#asked & 31) !== 0) return false;
    if (this.#now() < this.#at) return false;
    this.expired = true;
    return true;
  }
}
