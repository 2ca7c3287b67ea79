// The import rules of the workspace as a function over files, so that a test can run it on the real tree
// and on a tree made wrong on purpose.

/** Which workspace packages the sources of each package may import. */
export const allowed: Readonly<Record<string, readonly string[]>> = {
  "packages/tensor": [],
  "packages/backend-wasm": ["tensor"],
  "packages/backend-webgpu": ["tensor"],
  "packages/backend-testkit": ["tensor"],
  "packages/moe": ["tensor"],
  "packages/grpo": ["tensor", "rewards (types)"],
  "packages/rewards": [],
};

export interface SourceFile {
  /** From the workspace root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

const importPattern =
  /(?:^|\n)\s*(import|export)\s+(type\s+)?[^"';]*?from\s+"([^"]+)"|import\(\s*"([^"]+)"/g;

/** Breaches of the rules, one line each. */
export function findBreaches(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => [...importBreaches(file), ...shapeBreaches(file)]);
}

function importBreaches({ path, text }: SourceFile): string[] {
  const home = Object.keys(allowed).find((folder) => path.startsWith(`${folder}/src/`));
  if (!home) return [];
  const breaches: string[] = [];
  for (const match of text.matchAll(importPattern)) {
    const target = match[3] ?? match[4]!;
    const isTypeOnly = match[2] !== undefined;
    if (target.startsWith(".")) {
      if (leaves(path, target, home)) breaches.push(`${path}: ${target} leaves the package`);
      continue;
    }
    if (!target.startsWith("@sixtyone/")) continue;
    const name = target.split("/")[1]!;
    const permitted = allowed[home]!;
    if (permitted.includes(name) || (isTypeOnly && permitted.includes(`${name} (types)`))) continue;
    breaches.push(`${path}: may not import ${target}`);
  }
  return breaches;
}

function leaves(path: string, target: string, home: string): boolean {
  const parts = path.split("/").slice(0, -1);
  for (const step of target.split("/")) {
    if (step === "..") parts.pop();
    else if (step !== ".") parts.push(step);
  }
  return !parts.join("/").startsWith(`${home}/`);
}

function shapeBreaches({ path, text }: SourceFile): string[] {
  const breaches: string[] = [];
  const name = path.split("/").at(-1)!;
  if (!/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)*\.ts$/.test(name))
    breaches.push(`${path}: name is not kebab-case`);
  if (/(?:^|\n)export \* from/.test(text))
    breaches.push(`${path}: exports by name, never export *`);
  const lines = text.split("\n").length;
  if (lines > 600) breaches.push(`${path}: ${lines} lines; a file is one idea of at most 600`);
  return breaches;
}
