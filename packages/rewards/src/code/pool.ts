// A pool of warm sandbox workers. A test that does not answer in its time costs its worker: it is ended from
// outside and the remaining tests go on in a new one. A worker that crashed, exited or reports damage is
// replaced too, so the pool stays alive whatever the code does.

import type { FromGuest, GuestConfig, GuestJob, GuestOutcome } from "./job.ts";
import type { Host, StartHost } from "./host.ts";

export interface PoolOptions {
  readonly startHost: StartHost;
  readonly config: GuestConfig;
  /** Workers. */
  readonly size: number;
  /** How long a worker may take until it is ready. */
  readonly startTimeoutMs: number;
}

// What a test may overrun its own limit before the watchdog ends the worker, in milliseconds.
const grace = 1000;

/** One worker: starting, ready to run a job, or ended. */
class Slot {
  host!: Host;
  onMessage: (message: FromGuest) => void = () => {};
  onEnd: (reason: string) => void = () => {};
  /** Why it is no longer there. */
  ended: string | undefined;
}

export class SandboxPool {
  readonly #options: PoolOptions;
  readonly #idle: Slot[] = [];
  readonly #waiting: ((slot: Slot | undefined) => void)[] = [];
  readonly #live = new Set<Slot>();
  #count = 0;
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** The outcome of each test. Rejects only if no worker can be started. */
  async run(job: GuestJob): Promise<GuestOutcome[]> {
    const outcomes: GuestOutcome[] = [];
    while (outcomes.length < job.tests.length) {
      const slot = await this.#take();
      const rest = { ...job, tests: job.tests.slice(outcomes.length) };
      const healthy = await runIn(slot, rest, outcomes);
      this.#give(slot, healthy);
    }
    return outcomes;
  }

  /** Starts the workers before they are needed. */
  async warm(): Promise<void> {
    const slots = await Promise.all(Array.from({ length: this.#options.size }, () => this.#take()));
    for (const slot of slots) this.#give(slot, true);
  }

  close(): void {
    this.#closed = true;
    for (const slot of this.#live) slot.host.terminate();
    this.#live.clear();
    for (const resolve of this.#waiting.splice(0)) resolve(undefined);
  }

  async #take(): Promise<Slot> {
    if (this.#closed) throw new Error("sandbox: it is closed. Make a new one.");
    const idle = this.#idle.pop();
    if (idle) return idle;
    if (this.#count < this.#options.size) {
      this.#count++;
      try {
        return await this.#start();
      } catch (error) {
        this.#count--;
        this.#waiting.shift()?.(undefined);
        throw error;
      }
    }
    const given = await new Promise<Slot | undefined>((resolve) => this.#waiting.push(resolve));
    return given ?? this.#take();
  }

  #give(slot: Slot, healthy: boolean): void {
    if (healthy && slot.ended === undefined && !this.#closed) {
      const next = this.#waiting.shift();
      if (next) next(slot);
      else this.#idle.push(slot);
      return;
    }
    slot.ended ??= "replaced";
    slot.host.terminate();
    this.#live.delete(slot);
    this.#count--;
    // Whoever waits starts a new worker in its place.
    this.#waiting.shift()?.(undefined);
  }

  async #start(): Promise<Slot> {
    const { startHost, config, startTimeoutMs } = this.#options;
    const slot = new Slot();
    slot.host = await startHost({
      onMessage: (message) => slot.onMessage(message),
      onEnd: (reason) => {
        slot.ended ??= reason;
        slot.onEnd(reason);
      },
    });
    try {
      await whenReady(slot, config, startTimeoutMs);
    } catch (error) {
      slot.host.terminate();
      throw error;
    }
    slot.host.hold(false);
    this.#live.add(slot);
    return slot;
  }
}

async function whenReady(slot: Slot, config: GuestConfig, timeoutMs: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      const fail = (reason: string): void =>
        reject(new Error(`sandbox: the worker could not start: ${reason}`));
      timer = setTimeout(() => fail(`not ready within ${timeoutMs} ms`), timeoutMs);
      slot.onEnd = fail;
      slot.onMessage = (message) => {
        if (message.type === "failed") fail(message.message);
        if (message.type === "ready") resolve();
      };
      if (slot.ended !== undefined) fail(slot.ended);
      else slot.host.post({ type: "start", config });
    });
  } finally {
    clearTimeout(timer);
    slot.onMessage = () => {};
    slot.onEnd = () => {};
  }
}

/** Adds outcomes as they come; at most one that the worker did not survive. False: replace the worker. */
function runIn(slot: Slot, job: GuestJob, outcomes: GuestOutcome[]): Promise<boolean> {
  const { timeoutMs } = job.limits;
  const first = outcomes.length;
  if (slot.ended !== undefined) return Promise.resolve(false);
  return new Promise((resolve) => {
    let timer: ReturnType<typeof setTimeout>;
    const finish = (healthy: boolean): void => {
      clearTimeout(timer);
      slot.onMessage = () => {};
      slot.onEnd = () => {};
      slot.host.hold(false);
      resolve(healthy);
    };
    const lose = (outcome: Omit<GuestOutcome, "ms">): void => {
      outcomes.push({ ...outcome, ms: timeoutMs });
      finish(false);
    };
    const watch = (): void => {
      clearTimeout(timer);
      timer = setTimeout(
        () => lose({ status: "timeout", message: `over ${timeoutMs} ms, ended from outside` }),
        timeoutMs + grace,
      );
    };
    slot.onMessage = (message) => {
      if (message.type === "outcome" && message.index === outcomes.length - first) {
        outcomes.push(message.outcome);
        watch();
      } else if (message.type === "done") {
        finish(!message.damaged && outcomes.length - first === job.tests.length);
      } else if (message.type === "failed") {
        lose({ status: "error", message: message.message });
      }
    };
    slot.onEnd = (reason) => lose({ status: "error", message: reason });
    slot.host.hold(true);
    watch();
    slot.host.post({ type: "run", job });
  });
}
