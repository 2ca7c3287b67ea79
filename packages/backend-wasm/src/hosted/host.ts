// The side that computes: a whole WebAssembly backend behind messages. This file is bundled to text
// (tools/build.ts) and started as a worker from it, so that no bundler has to find another file.

import {
  SixtyoneError,
  type Binding,
  type BufferHandle,
  type Launch,
  type Plan,
  type Program,
} from "@sixtyone/tensor/backend";
import { isNode, nodeModule } from "../node-module.ts";
import { wasm, type WasmBackend } from "../wasm.ts";
import type { Message, Reply, SentBinding, SentError, SentLaunch } from "./messages.ts";

let backend: WasmBackend | undefined;
let failure: SentError | undefined;
const buffers = new Map<number, BufferHandle>();
const plans = new Map<number, Plan>();
const programs = new Map<string, Program>();

function describe(error: unknown): SentError {
  if (error instanceof SixtyoneError) return { code: error.code, message: error.message };
  return { code: "BACKEND", message: String(error) };
}

function bindingOf({ buffer, ...rest }: SentBinding): Binding {
  const handle = buffers.get(buffer);
  if (handle === undefined)
    throw new SixtyoneError("BACKEND", "wasm: a buffer whose allocation failed was used.");
  return { buffer: handle, ...rest };
}

function launchOf({ programKey, params, inputs, outputs, ...rest }: SentLaunch): Launch {
  const sent = (params as { program?: Program }).program;
  if (sent) programs.set(sent.key, sent);
  const program = programKey === undefined ? sent : programs.get(programKey);
  return {
    ...rest,
    params: program ? { ...params, program } : params,
    inputs: inputs.map(bindingOf),
    outputs: outputs.map(bindingOf),
  } as unknown as Launch;
}

function take(message: Message, reply: (reply: Reply, transfer?: Transferable[]) => void): void {
  const engine = backend!;
  switch (message.type) {
    case "alloc":
      buffers.set(message.buffer, engine.alloc(message.byteLength));
      break;
    case "free": {
      const handle = buffers.get(message.buffer);
      buffers.delete(message.buffer);
      if (handle) engine.free(handle);
      break;
    }
    case "write":
      engine.write(bindingBuffer(message.buffer), message.byteOffset, message.bytes);
      break;
    case "run":
      engine.run(launchOf(message.launch));
      break;
    case "record":
      plans.set(message.plan, engine.record!(message.launches.map(launchOf)));
      break;
    case "replay":
      plans.get(message.plan)?.replay();
      break;
    case "forget":
      plans.get(message.plan)?.dispose();
      plans.delete(message.plan);
      break;
    case "read": {
      const { question, buffer, byteOffset, byteLength } = message;
      const bytes = engine.readSync!(bindingBuffer(buffer), byteOffset, byteLength);
      if (failure) break;
      reply({ type: "answer", question, bytes }, [bytes.buffer as ArrayBuffer]);
      break;
    }
    case "sync":
      if (!failure) reply({ type: "answer", question: message.question });
      break;
    case "dispose":
      engine.dispose();
      break;
    case "start":
      break;
  }
}

function bindingBuffer(buffer: number): BufferHandle {
  return bindingOf({ buffer, dtype: "f32", shape: [], strides: [], offset: 0 }).buffer;
}

async function start(message: Extract<Message, { type: "start" }>): Promise<Reply> {
  try {
    backend = await wasm(message.options);
    return { type: "started", capabilities: backend.capabilities, build: backend.build };
  } catch (error) {
    return { type: "refused", error: describe(error) };
  }
}

/** A failure waits for the next question, which it answers. */
function takeAll(
  messages: readonly Message[],
  reply: (reply: Reply, transfer?: Transferable[]) => void,
): void {
  for (const message of messages) {
    try {
      take(message, reply);
    } catch (error) {
      failure ??= describe(error);
    }
    if (failure && (message.type === "read" || message.type === "sync")) {
      reply({ type: "answer", question: message.question, error: failure });
      failure = undefined;
    }
  }
}

interface Port {
  postMessage(reply: Reply, transfer?: Transferable[]): void;
}

function listen(
  port: Port,
  onMessages: (receive: (messages: readonly Message[]) => void) => void,
): void {
  const reply = (message: Reply, transfer: Transferable[] = []): void =>
    port.postMessage(message, transfer);
  onMessages((messages) => {
    const [first] = messages;
    if (first?.type === "start") void start(first).then((answer) => reply(answer));
    else takeAll(messages, reply);
  });
}

if (isNode()) {
  const { parentPort } = nodeModule("node:worker_threads");
  listen(parentPort as unknown as Port, (receive) => parentPort!.on("message", receive));
} else {
  const scope = globalThis as unknown as Port & {
    onmessage: (event: MessageEvent<readonly Message[]>) => void;
  };
  listen(scope, (receive) => (scope.onmessage = ({ data }) => receive(data)));
}
