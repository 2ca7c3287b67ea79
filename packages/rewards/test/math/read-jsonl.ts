// The rows of a file in test/data.

import { readFileSync } from "node:fs";

export function readJsonl<Row>(name: string): Row[] {
  const url = new URL(`../data/${name}`, import.meta.url);
  const lines = readFileSync(url, "utf8").trim().split("\n");
  return lines.map((line) => JSON.parse(line) as Row);
}
