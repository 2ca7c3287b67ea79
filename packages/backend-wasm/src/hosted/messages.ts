// What the two sides of a hosted backend say to each other. Buffers and plans go by number; messages are taken in
// order, so the one thread that sends them sees its work done in order.

import type { Binding, Capabilities, Launch } from "@sixtyone/tensor/backend";
import type { WasmOptions } from "../wasm.ts";

export type SentBinding = Omit<Binding, "buffer"> & { readonly buffer: number };

/** A launch whose program, if it has one, is known by its key once it was sent. */
export interface SentLaunch {
  readonly kernel: string;
  readonly op: string;
  readonly params: object;
  readonly programKey?: string;
  readonly inputs: readonly SentBinding[];
  readonly outputs: readonly SentBinding[];
}

export type Message =
  | { readonly type: "start"; readonly options: WasmOptions }
  | { readonly type: "alloc"; readonly buffer: number; readonly byteLength: number }
  | { readonly type: "free"; readonly buffer: number }
  | {
      readonly type: "write";
      readonly buffer: number;
      readonly byteOffset: number;
      readonly bytes: Uint8Array;
    }
  | { readonly type: "run"; readonly launch: SentLaunch }
  | { readonly type: "record"; readonly plan: number; readonly launches: readonly SentLaunch[] }
  | { readonly type: "replay" | "forget"; readonly plan: number }
  | {
      readonly type: "read";
      readonly question: number;
      readonly buffer: number;
      readonly byteOffset: number;
      readonly byteLength: number;
    }
  | { readonly type: "sync"; readonly question: number }
  | { readonly type: "dispose" };

export interface SentError {
  readonly code: string;
  readonly message: string;
}

export type Reply =
  | {
      readonly type: "started";
      readonly capabilities: Capabilities;
      readonly build: "simd" | "relaxed";
    }
  | { readonly type: "refused"; readonly error: SentError }
  /** `error`: the first failure since the last answer. */
  | {
      readonly type: "answer";
      readonly question: number;
      readonly bytes?: Uint8Array;
      readonly error?: SentError;
    };

export type ParamsOf = Launch["params"] & { readonly program?: { readonly key: string } };
