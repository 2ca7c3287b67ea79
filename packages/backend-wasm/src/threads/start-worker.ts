// Starts one worker, in Node or in a browser, behind one small interface.

import { UnsupportedError } from "@sixtyone/tensor/backend";
import { isNode, nodeModule } from "../node-module.ts";
import { workerSource, type WorkerStart } from "./worker-source.ts";

export interface RunningWorker {
  /** Ends it without waiting for the work it is doing. */
  terminate(): void;
}

/** Resolves when the worker waits for work. `onEnd` hears when it ends later, and why. */
export async function startWorker(
  start: WorkerStart,
  onEnd: (reason: string) => void,
): Promise<RunningWorker> {
  if (!isNode()) return startWebWorker(start, onEnd);
  const { Worker } = nodeModule("node:worker_threads");
  const worker = new Worker(workerSource, { eval: true, workerData: start, execArgv: [] });
  await new Promise<void>((resolve, reject) => {
    worker.once("message", () => resolve());
    worker.once("error", reject);
  });
  worker.on("error", (error) => onEnd(String(error)));
  worker.on("exit", (code) => onEnd(`it exited with code ${code}`));
  // It sleeps in Atomics.wait for most of its life; that must not keep the process alive.
  worker.unref();
  return { terminate: () => void worker.terminate() };
}

function startWebWorker(
  start: WorkerStart,
  onEnd: (reason: string) => void,
): Promise<RunningWorker> {
  const url = URL.createObjectURL(new Blob([workerSource], { type: "text/javascript" }));
  const worker = new Worker(url);
  return new Promise((resolve, reject) => {
    worker.onmessage = () => {
      URL.revokeObjectURL(url);
      worker.onerror = (event) => onEnd(event.message);
      resolve({ terminate: () => worker.terminate() });
    };
    worker.onerror = (event) => {
      const detail = event.message ? ` (${event.message})` : "";
      reject(
        new UnsupportedError(
          `wasm: a worker thread could not start${detail}. A Content-Security-Policy must allow worker-src blob:; ` +
            "or pass threads: 1.",
        ),
      );
    };
    worker.postMessage(start);
  });
}
