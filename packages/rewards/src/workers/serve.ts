// The inside of a worker: takes messages, runs jobs one after the other, sends what happened. The
// same for Web Workers, worker threads and child processes, which differ in how they pass messages.

import type { FromGuest, Guest, Job, ToGuest } from "./messages.ts";

interface Channel {
  send(message: FromGuest): void;
  listen(handler: (message: ToGuest) => void): void;
}

/** What a pool sends fits what its workers take: they are made together. */
export function serveGuest<Config, J extends Job, Outcome>(
  channel: Channel,
  start: (config: Config) => Promise<Guest<J, Outcome>>,
): void {
  let guest: Guest<J, Outcome> | undefined;
  const handle = async (message: ToGuest): Promise<void> => {
    if (message.type === "start") {
      guest = await start(message.config as Config);
      channel.send({ type: "ready", about: guest.about });
      return;
    }
    if (!guest) throw new Error("worker: expected a start message first");
    const damaged = await guest.run(message.job as J, (index, outcome) =>
      channel.send({ type: "outcome", index, outcome }),
    );
    channel.send({ type: "done", damaged });
  };
  channel.listen((message) => {
    handle(message).catch((error: unknown) => {
      const text = error instanceof Error ? error.message : String(error);
      channel.send({ type: "failed", message: text });
    });
  });
}

/** The channel of the worker this runs in, taken before anything untrusted runs. */
export async function openChannel(): Promise<Channel> {
  const nodeProcess = (globalThis as { process?: NodeJS.Process }).process;
  if (nodeProcess?.versions?.node === undefined) return webChannel();
  if (nodeProcess.send) {
    const send = nodeProcess.send.bind(nodeProcess);
    const on = nodeProcess.on.bind(nodeProcess);
    return {
      send: (message) => void send(message),
      listen: (handler) => void on("message", (message) => handler(message as ToGuest)),
    };
  }
  const { parentPort } = await import(
    /* @vite-ignore */ /* webpackIgnore: true */ "node:worker_threads"
  );
  if (!parentPort) throw new Error("worker: expected to run in a worker, found no parent.");
  return {
    send: (message) => parentPort.postMessage(message),
    listen: (handler) => void parentPort.on("message", handler),
  };
}

function webChannel(): Channel {
  const post = globalThis.postMessage.bind(globalThis) as (message: unknown) => void;
  const add = globalThis.addEventListener.bind(globalThis);
  return {
    send: (message) => post(message),
    listen: (handler) => add("message", (event) => handler((event as MessageEvent).data)),
  };
}
