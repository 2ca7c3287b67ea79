// The control block of the thread pool: words of shared memory that the threads agree by. Used by
// pool.ts (the thread that gives out work) and, as numbers in its text, by worker-source.ts.
//
// A job is open while `epoch` is even. A worker joins by counting itself in `active` and then looking
// whether the same job is still open; who gives out work closes the job (epoch odd) when no tile is left
// and waits until nobody is active. So a worker that sleeps through a job costs nothing, and nobody ever
// reads a job that is being written.

export const control = {
  epoch: 0,
  active: 1,
  sleeping: 2,
  next: 3,
  kernel: 4,
  params: 5,
  tiles: 6,
  chunk: 7,
  failed: 8,
} as const;

export const controlWords = 16;

/** `kernel` of the job that ends the workers. */
export const quitKernel: number = -1;
