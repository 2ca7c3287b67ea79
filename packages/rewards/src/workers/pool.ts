// A pool of warm workers. An item that does not answer in its time costs its worker: it is ended from outside
// and the remaining items go on in a new one. A worker that crashed, exited or reports damage is replaced
// too, so the pool stays alive whatever runs in it.

import type { FromGuest, Job, Loss } from "./messages.ts";
import type { Host, StartHost } from "./host.ts";

export interface PoolOptions<Outcome> {
  readonly startHost: StartHost;
  /**
   * Sent to every worker when it starts. `about` is what the first worker that was ready said of itself, so
   * that those after it can start from what it has prepared.
   */
  readonly config: (about: unknown) => unknown;
  /** Workers. */
  readonly size: number;
  /** How long a worker may take until it is ready. */
  readonly startTimeoutMs: number;
  /** What an item may overrun its limit before the watchdog ends its worker. */
  readonly graceMs: number;
  /** The outcome of an item that its worker did not survive. */
  readonly lost: (loss: Loss) => Outcome;
}

/** Beyond it timers fire at once. */
const longestTimer = 2 ** 31 - 1;

/** One worker: starting, ready to run a job, or ended. */
class Slot {
  host!: Host;
  onMessage: (message: FromGuest) => void = () => {};
  onEnd: (reason: string) => void = () => {};
  /** Why it is no longer there. */
  ended: string | undefined;
  about: unknown;
}

export class WorkerPool<J extends Job, Outcome> {
  readonly #options: PoolOptions<Outcome>;
  readonly #idle: Slot[] = [];
  readonly #waiting: ((slot: Slot | undefined) => void)[] = [];
  readonly #live = new Set<Slot>();
  #about: unknown;
  #count = 0;
  #closed = false;

  constructor(options: PoolOptions<Outcome>) {
    this.#options = options;
  }

  /** The outcome of each item. Rejects if no worker can be started, and for what cannot be sent to one. */
  async run(job: J): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    while (outcomes.length < job.items.length) {
      const slot = await this.#take();
      const rest = { ...job, items: job.items.slice(outcomes.length) };
      const end = await runIn(slot, rest, outcomes, this.#options);
      this.#give(slot, end !== false);
      if (end instanceof Error) throw end;
    }
    return outcomes;
  }

  /** Starts workers before they are needed; gives what the first one said about itself. */
  async warm(count: number = this.#options.size): Promise<unknown> {
    const slots = await Promise.all(Array.from({ length: count }, () => this.#take()));
    for (const slot of slots) this.#give(slot, true);
    return this.#about;
  }

  close(): void {
    this.#closed = true;
    for (const slot of this.#live) {
      slot.ended ??= "the pool was closed";
      slot.host.terminate();
      slot.onEnd(slot.ended);
    }
    this.#live.clear();
    for (const resolve of this.#waiting.splice(0)) resolve(undefined);
  }

  async #take(): Promise<Slot> {
    if (this.#closed) throw new Error("pool: it is closed. Make a new one.");
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
      await whenReady(slot, config(this.#about), startTimeoutMs);
      this.#about ??= slot.about;
    } catch (error) {
      slot.host.terminate();
      throw error;
    }
    slot.host.hold(false);
    if (this.#closed) {
      slot.host.terminate();
      throw new Error("pool: it was closed while a worker started.");
    }
    this.#live.add(slot);
    return slot;
  }
}

async function whenReady(slot: Slot, config: unknown, timeoutMs: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      const fail = (reason: string): void =>
        reject(new Error(`the worker could not start: ${reason}`));
      timer = setTimeout(() => fail(`not ready within ${timeoutMs} ms`), timeoutMs);
      slot.onEnd = fail;
      slot.onMessage = (message) => {
        if (message.type === "failed") fail(message.message);
        if (message.type !== "ready") return;
        slot.about = message.about;
        resolve();
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

/**
 * Adds outcomes as they come; at most one that the worker did not survive. False: replace the worker. An
 * error: the job could not be sent.
 */
function runIn<Outcome>(
  slot: Slot,
  job: Job,
  outcomes: Outcome[],
  { graceMs, lost }: PoolOptions<Outcome>,
): Promise<boolean | Error> {
  const { timeoutMs } = job.limits;
  const first = outcomes.length;
  if (slot.ended !== undefined) return Promise.resolve(false);
  return new Promise((resolve) => {
    let timer: ReturnType<typeof setTimeout>;
    let started = 0;
    const finish = (end: boolean | Error): void => {
      clearTimeout(timer);
      slot.onMessage = () => {};
      slot.onEnd = () => {};
      slot.host.hold(false);
      resolve(end);
    };
    const lose = (loss: Omit<Loss, "ms">): void => {
      outcomes.push(lost({ ...loss, ms: performance.now() - started }));
      finish(false);
    };
    const watch = (): void => {
      clearTimeout(timer);
      started = performance.now();
      timer = setTimeout(
        () => lose({ status: "timeout", message: `over ${timeoutMs} ms, ended from outside` }),
        Math.min(timeoutMs + graceMs, longestTimer),
      );
    };
    slot.onMessage = (message) => {
      if (message.type === "outcome" && message.index === outcomes.length - first) {
        outcomes.push(message.outcome as Outcome);
        watch();
      } else if (message.type === "done") {
        finish(!message.damaged && outcomes.length - first === job.items.length);
      } else if (message.type === "failed") {
        lose({ status: "error", message: message.message });
      }
    };
    slot.onEnd = (reason) => lose({ status: "error", message: reason });
    slot.host.hold(true);
    watch();
    try {
      slot.host.post({ type: "run", job });
    } catch (error) {
      // What cannot be copied, a function for instance, never left: the worker is as it was.
      const text = error instanceof Error ? error.message : String(error);
      finish(new TypeError(`pool: cannot be sent to a worker: ${text}`));
    }
  });
}
