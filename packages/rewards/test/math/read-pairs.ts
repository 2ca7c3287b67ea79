// Reads test/data/pairs.txt: "# kind", then lines "= gold | answer" and "≠ gold | answer".

import { readFileSync } from "node:fs";

export interface PairSection {
  readonly kind: string;
  readonly rows: (readonly [sign: string, gold: string, answer: string])[];
}

export function readPairs(): PairSection[] {
  const text = readFileSync(new URL("../data/pairs.txt", import.meta.url), "utf8");
  const sections: PairSection[] = [];
  for (const line of text.split("\n")) {
    if (line.startsWith("# ")) sections.push({ kind: line.slice(2), rows: [] });
    const row = /^([=≠]) (.*?) \| (.*)$/.exec(line);
    if (row) sections.at(-1)!.rows.push([row[1]!, row[2]!, row[3]!]);
  }
  return sections;
}
