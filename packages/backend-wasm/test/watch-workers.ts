// Lists the workers that a test starts, so that it can end one of them.

import { Worker, type WorkerOptions } from "node:worker_threads";
import { vi } from "vitest";

export function watchWorkers(): Worker[] {
  const workers: Worker[] = [];
  class WatchedWorker extends Worker {
    constructor(source: string, options?: WorkerOptions) {
      super(source, options);
      workers.push(this);
    }
  }
  const real = process.getBuiltinModule.bind(process) as (name: string) => object;
  vi.spyOn(process, "getBuiltinModule").mockImplementation(((name: string) =>
    name === "node:worker_threads"
      ? { ...real(name), Worker: WatchedWorker }
      : real(name)) as typeof process.getBuiltinModule);
  return workers;
}
