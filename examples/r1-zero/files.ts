// Where the example keeps its files.

import { fileURLToPath } from "node:url";

/** The embedded base model; `pnpm pretrain` makes it. */
export const basePath: string = fileURLToPath(new URL("base.safetensors", import.meta.url));

/** Checkpoint and report go here unless `--out` names another folder. */
export const defaultOutput: string = fileURLToPath(new URL("../../out/r1-zero", import.meta.url));
