// The backend in a worker of its own, for a page's main thread: nothing there computes or waits, however
// long a launch takes. Reads are asynchronous only (`await tensor.data()`, `item()`).

import { SixtyoneError, UnsupportedError, type Backend } from "@sixtyone/tensor/backend";
import { hostSource } from "./generated/host-source.ts";
import { HostedBackend, toError, type HostPort } from "./hosted/client.ts";
import type { Message, Reply } from "./hosted/messages.ts";
import { detectBuild, readBuild } from "./load-module.ts";
import { isNode, nodeModule } from "./node-module.ts";
import type { WasmOptions } from "./wasm.ts";

export interface HostedWasmBackend extends Backend {
  readonly build: "simd" | "relaxed";
}

interface Listener {
  onReply(reply: Reply): void;
  onEnd(reason: string): void;
}

function openNodeWorker(listener: Listener): HostPort {
  const { Worker } = nodeModule("node:worker_threads");
  const worker = new Worker(hostSource, { eval: true, execArgv: [] });
  worker.on("message", (reply: Reply) => listener.onReply(reply));
  worker.on("error", (error) => listener.onEnd(String(error)));
  worker.on("exit", (code) => listener.onEnd(`it exited with code ${code}`));
  return {
    post: (messages, transfer) => worker.postMessage(messages, [...transfer]),
    terminate: () => void worker.terminate(),
    hold: (isAwaited) => (isAwaited ? worker.ref() : worker.unref()),
  };
}

function openWebWorker(listener: Listener): HostPort {
  const url = URL.createObjectURL(new Blob([hostSource], { type: "text/javascript" }));
  const worker = new Worker(url);
  worker.onmessage = ({ data }: MessageEvent<Reply>) => listener.onReply(data);
  worker.onerror = (event) =>
    listener.onEnd(event.message || "a Content-Security-Policy must allow worker-src blob:");
  return {
    post: (messages, transfer) => worker.postMessage(messages, [...transfer]),
    terminate: () => {
      worker.terminate();
      URL.revokeObjectURL(url);
    },
    hold: () => {},
  };
}

/**
 * As `wasm`, with all work in a worker. `threads` counts the worker and those that it starts. A launch that fails
 * there is reported by the next read or `sync`.
 */
export async function wasmInWorker(options: WasmOptions = {}): Promise<HostedWasmBackend> {
  const build = options.build ?? detectBuild();
  const bytes = options.binaries?.[build] ?? (await readBuild(build));
  let backend: HostedBackend | undefined;
  return new Promise((resolve, reject) => {
    const listener: Listener = {
      onReply(reply) {
        if (reply.type === "started") {
          port.hold(false);
          resolve((backend = new HostedBackend(port, reply, options.maxBytes ?? 2 ** 32)));
        } else if (reply.type === "refused") {
          reject(toError(reply.error));
          port.terminate();
        } else backend?.receive(reply);
      },
      onEnd(reason) {
        if (backend) backend.fail(reason);
        else
          reject(
            new UnsupportedError(`wasm: the worker that computes could not start (${reason}).`),
          );
      },
    };
    const port = isNode() ? openNodeWorker(listener) : openWebWorker(listener);
    const start: Message = {
      type: "start",
      options: { ...options, build, binaries: { [build]: bytes } },
    };
    try {
      port.post([start], []);
    } catch (cause) {
      reject(
        new SixtyoneError("ARGUMENT", "wasm: the options cannot be sent to a worker.", { cause }),
      );
    }
  });
}

export type { WasmOptions } from "./wasm.ts";
