// The outside of a worker: starts it, passes messages, ends it. Three kinds: a worker thread or a child
// process in Node, a Web Worker in browsers.

import type { FromGuest, ToGuest } from "./messages.ts";

export interface Host {
  post(message: ToGuest): void;
  /** Ends it at once, whatever it does. */
  terminate(): void;
  /** Keeps the program running while there is work, and lets it end while there is none. */
  hold(busy: boolean): void;
}

export interface HostEvents {
  onMessage(message: FromGuest): void;
  /** It ended by itself: crashed, exited or could not start. */
  onEnd(reason: string): void;
}

export type StartHost = (events: HostEvents) => Promise<Host>;

export function isNode(): boolean {
  const { process } = globalThis as { process?: { versions?: { node?: string } } };
  return process?.versions?.node !== undefined;
}

/**
 * The address of a file beside a module, for Node only. Written out as `new URL("…", import.meta.url)`,
 * bundlers would take it for a file that the page needs.
 */
export function fileBeside(moduleUrl: string, path: string): URL {
  return new URL(path, moduleUrl);
}

/**
 * A worker thread. Without environment and output, unless what it runs is `trusted` code on untrusted text.
 */
export function threadHost(
  entry: URL,
  { trusted = false }: { readonly trusted?: boolean } = {},
): StartHost {
  return async ({ onMessage, onEnd }) => {
    const { Worker } = await import(
      /* @vite-ignore */ /* webpackIgnore: true */ "node:worker_threads"
    );
    const sealed = { env: {}, argv: [], execArgv: [], stdin: false, stdout: true, stderr: true };
    const worker = new Worker(entry, {
      ...(trusted ? {} : sealed),
      // An interpreter has its own, lower limit: this one is the worker's.
      resourceLimits: { maxOldGenerationSizeMb: 512, stackSizeMb: 4 },
    });
    worker.on("message", onMessage);
    worker.on("error", (error: unknown) =>
      onEnd(error instanceof Error ? error.message : String(error)),
    );
    worker.on("exit", (code) => onEnd(`the worker ended with code ${code}`));
    return {
      post: (message) => worker.postMessage(message),
      terminate: () => void worker.terminate(),
      hold: (busy) => (busy ? worker.ref() : worker.unref()),
    };
  };
}

/**
 * A child process without environment that may read nothing but `readable`, may not start others and may
 * not make code from strings (Node's permission model). On Node 22 and 24 that model does not cover the
 * network, which the guest closes itself (code/guest/python-lockdown.ts).
 */
export function processHost(entry: URL, readable: readonly string[]): StartHost {
  return async ({ onMessage, onEnd }) => {
    const { spawn } = await import(
      /* @vite-ignore */ /* webpackIgnore: true */ "node:child_process"
    );
    const { fileURLToPath } = await import(/* @vite-ignore */ /* webpackIgnore: true */ "node:url");
    const { tmpdir } = await import(/* @vite-ignore */ /* webpackIgnore: true */ "node:os");
    const permission = process.allowedNodeEnvironmentFlags.has("--permission")
      ? "--permission"
      : "--experimental-permission";
    const child = spawn(
      process.execPath,
      [
        permission,
        ...readable.map((folder) => `--allow-fs-read=${folder}`),
        "--disallow-code-generation-from-strings",
        "--no-warnings",
        "--stack-size=4000",
        fileURLToPath(entry),
      ],
      { env: {}, cwd: tmpdir(), stdio: ["ignore", "ignore", "pipe", "ipc"], serialization: "json" },
    );
    let complaint = "";
    child.stderr!.on("data", (chunk: Uint8Array) => {
      if (complaint.length < 2000) complaint += new TextDecoder().decode(chunk);
    });
    child.on("message", (message) => onMessage(message as FromGuest));
    child.on("error", (error) => onEnd(error.message));
    child.on("exit", (code, signal) =>
      onEnd(`the process ended with ${signal ?? `code ${code}`}. ${complaint}`.trim()),
    );
    return {
      post: (message) => void child.send(message, () => {}),
      terminate: () => void child.kill("SIGKILL"),
      hold(busy) {
        const parts = [
          child,
          child.channel,
          child.stderr as unknown as { ref?(): void; unref?(): void },
        ];
        for (const part of parts) {
          if (busy) part?.ref?.();
          else part?.unref?.();
        }
      },
    };
  };
}

/** A Web Worker. `create` holds the `new Worker(new URL(…))` that bundlers look for. */
export function webHost(create: () => Worker): StartHost {
  return async ({ onMessage, onEnd }) => {
    const worker = create();
    worker.onmessage = (event) => onMessage(event.data as FromGuest);
    worker.onerror = (event) => onEnd(event.message || "the worker could not start");
    return {
      post: (message) => worker.postMessage(message),
      terminate: () => worker.terminate(),
      hold: () => {},
    };
  };
}

/** Workers that run at the same time: half the processors, 1 to 4. */
export function defaultWorkers(): number {
  const processors = globalThis.navigator?.hardwareConcurrency ?? 2;
  return Math.min(4, Math.max(1, Math.floor(processors / 2)));
}
