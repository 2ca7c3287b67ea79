// DEBUG=tensor:1..4 (in a page: ?debug=tensor:2): 1 prints each launch's op, 2 its shapes, 3 its time, 4 the
// source that the backend generated for it or, where it interprets, the program. The level is read by whoever has an environment; the core is handed a number.

import { formatShape } from "../shape.ts";
import type { Launch } from "../backend/contract.ts";
import type { Device } from "../core/device.ts";

export type TraceLevel = 0 | 1 | 2 | 3 | 4;

/** The level that a DEBUG value such as "tensor:3" or "other,tensor" asks for. */
export function traceLevel(debug: string | null = ""): TraceLevel {
  const [found, level] = /(?:^|,)tensor(?::([1-4])?|,|$)/.exec(debug!) ?? []; // null matches nothing
  return found === undefined ? 0 : (Number(level ?? 1) as TraceLevel);
}

/** Prints launches from now on; returns the function that stops it. */
export function trace(
  device: Device,
  level: TraceLevel,
  print: (line: string) => void = console.log,
): () => void {
  if (level === 0) return () => {};
  let count = 0;
  return device.observe((launch, run) => {
    const start = performance.now();
    run();
    const ms = performance.now() - start;
    const parts = [
      `#${count++}`,
      launch.op === launch.kernel ? launch.op : `${launch.op} (${launch.kernel})`,
    ];
    if (level >= 2) parts.push(shapes(launch));
    if (level >= 3) parts.push(`${ms.toFixed(3)} ms`);
    print(parts.join("  "));
    if (level < 4) return;
    const source = device.backend.generatedSource?.();
    // A program's key lists its instructions: i input, s scalar, x index, then op:type(registers) and the stores.
    const program = "program" in launch.params ? launch.params.program.key.split(";") : [];
    const listing = source?.trim().split("\n") ?? program.map((text, i) => `r${i} ${text}`);
    for (const text of listing) print(`    ${text}`);
  });
}

function shapes({ inputs, outputs }: Launch): string {
  const list = (bindings: Launch["inputs"]): string =>
    bindings.map(({ dtype, shape }) => `${dtype}${formatShape(shape)}`).join(" ");
  return `${list(inputs)} → ${list(outputs)}`;
}
