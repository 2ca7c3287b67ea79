// What the host side has done so far, for tests, benchmarks and the curious.

export interface Counters {
  /** Launches of the contract, replayed ones too. */
  launches: number;
  /** Dispatches encoded; a launch may need several, and one of no elements needs none. */
  dispatches: number;
  submits: number;
  bindGroupsCreated: number;
  pipelinesCreated: number;
  readbacks: number;
  /** Milliseconds of the host in `run`, `replay` and `flush`, compiling included. */
  hostMs: number;
}

export function newCounters(): Counters {
  return {
    launches: 0,
    dispatches: 0,
    submits: 0,
    bindGroupsCreated: 0,
    pipelinesCreated: 0,
    readbacks: 0,
    hostMs: 0,
  };
}
