// Choices that depend on the adapter and never on values. A software adapter pays dearly for barriers (the
// threads of a workgroup run one after the other between them) and nothing for uneven memory access; a
// GPU the other way round.

export interface Tuning {
  readonly isSoftware: boolean;
  /** Threads of a workgroup in kernels without barriers. */
  readonly workgroup: number;
  /** Threads that share one row in row kernels; 1 needs no barriers. */
  readonly lanes: number;
  /** Threads that keep the device busy: long reductions are cut into as many parts. */
  readonly threads: number;
}

export function tuningFor(isSoftware: boolean): Tuning {
  return isSoftware
    ? { isSoftware, workgroup: 64, lanes: 1, threads: 256 }
    : { isSoftware, workgroup: 128, lanes: 128, threads: 16384 };
}
