// Packed panels of B that outlive a product. A weight serves many products between two updates (prefill, micro-steps,
// the reference's log-probabilities), so its panels are kept from the second product with the same contents on; until
// then, as for activations, they are temporary. Kept panels of contents that changed are packed anew in their place.
//
// They live within a budget, the longest unused go first, and all of them before memory runs out. A plan has its
// panels for as long as it lives; there only the packing is left out when the contents are what they were.

import { OutOfMemoryError } from "@sixtyone/tensor/backend";
import { versionOf, type WasmBuffer } from "../buffer.ts";
import { roundedBytes } from "./allocator.ts";
import type { Heap } from "./heap.ts";

export interface Panels {
  readonly address: number;
  readonly byteLength: number;
  /** The buffers that B is read from: one, or a quantised matrix and its scales. None: never the same twice. */
  readonly sources: readonly WasmBuffer[];
  /** Of the sources, when the panels were packed. */
  versions?: readonly number[];
}

export function isPacked({ sources, versions }: Panels): boolean {
  return versions !== undefined && isCurrent(sources, versions);
}

export function notePacked(panels: Panels): void {
  if (panels.sources.length > 0) panels.versions = panels.sources.map(versionOf);
}

function isCurrent(sources: readonly WasmBuffer[], versions: readonly number[]): boolean {
  return sources.every((buffer, i) => versionOf(buffer) === versions[i]);
}

/** Something for each view of a buffer; the first of the sources stands for all. */
export class ViewTable<T> {
  readonly #views = new WeakMap<WasmBuffer, Map<string, T>>();

  of(buffer: WasmBuffer): Map<string, T> {
    let views = this.#views.get(buffer);
    if (!views) this.#views.set(buffer, (views = new Map()));
    return views;
  }
}

export class PanelCache {
  readonly #heap: Heap;
  readonly #limitBytes: number;
  /** With their views, the longest unused first. */
  readonly #kept = new Map<Panels, string>();
  readonly #table = new ViewTable<Panels>();
  /** Versions with which a product was made, of views without kept panels. */
  readonly #seen = new ViewTable<readonly number[]>();
  /** Buffers that panels were once kept of; only their end is of interest. */
  readonly #sources = new WeakSet<WasmBuffer>();
  #bytes = 0;

  constructor(heap: Heap, limitBytes: number) {
    this.#heap = heap;
    this.#limitBytes = limitBytes;
    heap.reclaim = () => this.#dropOldest();
  }

  /** Bytes of all kept panels. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Panels to keep, packed already if `isPacked` says so; undefined the first time, where they are not worth it, and
   * where there is no room. They last until the next allocation.
   */
  kept(sources: readonly WasmBuffer[], view: string, byteLength: number): Panels | undefined {
    const [buffer] = sources;
    if (!buffer) return undefined;
    const kept = this.#table.of(buffer).get(view);
    if (kept) {
      this.#kept.delete(kept);
      this.#kept.set(kept, view);
      return kept;
    }
    return this.#wasSeen(buffer, sources, view) ? this.#keep(sources, view, byteLength) : undefined;
  }

  /** Gives up what was made from a buffer that is freed. */
  forget(buffer: WasmBuffer): void {
    if (!this.#sources.has(buffer)) return;
    for (const panels of this.#kept.keys()) if (panels.sources.includes(buffer)) this.#drop(panels);
  }

  #wasSeen(buffer: WasmBuffer, sources: readonly WasmBuffer[], view: string): boolean {
    const seen = this.#seen.of(buffer);
    const versions = seen.get(view);
    if (versions && isCurrent(sources, versions)) return true;
    // A buffer that is written to and read through ever new views would fill the table.
    for (const [other, [version]] of seen) if (version !== versionOf(buffer)) seen.delete(other);
    seen.set(view, sources.map(versionOf));
    return false;
  }

  /** Undefined where there is no room. */
  #keep(sources: readonly WasmBuffer[], view: string, byteLength: number): Panels | undefined {
    const bytes = roundedBytes(byteLength);
    if (bytes > this.#limitBytes) return undefined;
    while (this.#bytes + bytes > this.#limitBytes) this.#dropOldest();
    let address: number;
    try {
      address = this.#heap.allocator.alloc(byteLength);
    } catch (error) {
      if (error instanceof OutOfMemoryError) return undefined;
      throw error;
    }
    const panels: Panels = { address, byteLength, sources };
    this.#bytes += bytes;
    this.#kept.set(panels, view);
    this.#table.of(sources[0]!).set(view, panels);
    for (const source of sources) this.#sources.add(source);
    return panels;
  }

  #dropOldest(): boolean {
    const [oldest] = this.#kept.keys();
    if (oldest) this.#drop(oldest);
    return oldest !== undefined;
  }

  #drop(panels: Panels): void {
    this.#table.of(panels.sources[0]!).delete(this.#kept.get(panels)!);
    this.#kept.delete(panels);
    this.#bytes -= roundedBytes(panels.byteLength);
    this.#heap.allocator.free(panels.address, panels.byteLength);
  }
}
