// What the host side has done so far, for tests, benchmarks and the curious.

export interface Counters {
  /** Dispatches encoded; a launch of the contract may need several. */
  dispatches: number;
  submits: number;
  bindGroupsCreated: number;
  pipelinesCreated: number;
  readbacks: number;
}

export function newCounters(): Counters {
  return { dispatches: 0, submits: 0, bindGroupsCreated: 0, pipelinesCreated: 0, readbacks: 0 };
}
