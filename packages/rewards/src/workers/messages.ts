// What passes between a pool and its workers, whatever they do: a configuration once, then jobs of items
// whose outcomes come back one by one, so that an item that hangs costs nothing but itself.

export interface Job {
  readonly items: readonly unknown[];
  readonly limits: {
    /** For one item. */
    readonly timeoutMs: number;
  };
}

/** What the pool says of an item that its worker did not survive. */
export interface Loss {
  readonly status: "timeout" | "error";
  readonly message: string;
  readonly ms: number;
}

/** The inside of a worker, prepared: `run` gives an outcome for each item, as it finishes. */
export interface Guest<J extends Job = Job, Outcome = unknown> {
  /** True: the worker may be damaged and must be replaced. */
  run(job: J, report: (index: number, outcome: Outcome) => void): Promise<boolean>;
  /** What the pool's owner wants to know of a worker that is ready. */
  readonly about?: unknown;
}

export type ToGuest =
  | { readonly type: "start"; readonly config: unknown }
  | { readonly type: "run"; readonly job: Job };

export type FromGuest =
  | { readonly type: "ready"; readonly about?: unknown }
  | { readonly type: "failed"; readonly message: string }
  | { readonly type: "outcome"; readonly index: number; readonly outcome: unknown }
  | { readonly type: "done"; readonly damaged: boolean };
