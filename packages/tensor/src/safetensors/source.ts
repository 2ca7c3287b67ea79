// Where a checkpoint's bytes come from: memory, a Blob (a file picked in a page, or `fs.openAsBlob` in Node)
// or a web server that answers range requests. Each is asked for what is needed and for no more.

import { FormatError } from "../errors.ts";

export interface ByteSource {
  /** For messages. */
  readonly name: string;
  /** In bytes. */
  size(): Promise<number>;
  /** Bytes start..end−1. */
  read(start: number, end: number): Promise<Uint8Array>;
}

export function bytesSource(bytes: Uint8Array, name: string = "safetensors"): ByteSource {
  return {
    name,
    size: async () => bytes.byteLength,
    read: async (start, end) => bytes.subarray(start, end),
  };
}

/** In Node: `blobSource(await openAsBlob(path), path)` reads a file piece by piece. */
export function blobSource(blob: Blob, name: string = "safetensors"): ByteSource {
  return {
    name,
    size: async () => blob.size,
    read: async (start, end) => new Uint8Array(await blob.slice(start, end).arrayBuffer()),
  };
}

export interface HttpOptions {
  /** Default: the global fetch. */
  readonly fetch?: typeof globalThis.fetch;
  /** Sent with each request, for instance an authorization. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** A file on a web server, read by range requests (RFC 9110 §14). */
export function httpSource(
  url: string,
  { fetch = globalThis.fetch, headers = {}, signal }: HttpOptions = {},
): ByteSource {
  const request = async (range: string): Promise<Response> => {
    const options = { headers: { ...headers, Range: range }, ...(signal && { signal }) };
    const response = await fetch(url, options);
    if (response.status === 206) return response;
    await response.body?.cancel();
    const problem = response.ok
      ? "the server ignores range requests. Download the file and load its bytes"
      : `the server answered ${response.status} ${response.statusText}. Check the address and the access`;
    throw new FormatError(`${url}: ${problem}.`);
  };
  return {
    name: url,
    size: async () => {
      const response = await request("bytes=0-0");
      await response.body?.cancel();
      const total = Number(/\/(\d+)$/.exec(response.headers.get("Content-Range") ?? "")?.[1]);
      if (!Number.isSafeInteger(total))
        throw new FormatError(`${url}: the server does not tell the file's size.`);
      return total;
    },
    read: async (start, end) => {
      if (start === end) return new Uint8Array(0);
      const response = await request(`bytes=${start}-${end - 1}`);
      const bytes = new Uint8Array(await response.arrayBuffer());
      if (bytes.byteLength !== end - start) {
        throw new FormatError(
          `${url}: asked for ${end - start} bytes, got ${bytes.byteLength}. Try again.`,
        );
      }
      return bytes;
    },
  };
}
