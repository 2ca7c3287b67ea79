// A plan: commands with their parameter blocks in a buffer of the plan's own. Replaying encodes a flat
// list; no shape is looked at, no bind group made.

import type { Plan } from "@sixtyone/tensor/backend";
import type { Block, Pool } from "../memory/pool.ts";
import type { ParamArena } from "./param-arena.ts";
import type { Command, CommandList, Queue } from "./queue.ts";

export interface Recording {
  readonly commands: Command[];
  readonly arenas: ParamArena[];
  /** Temporaries: they belong to the plan, and later launches of it use them again. */
  readonly blocks: Block[];
  readonly idle: Map<number, Block[]>;
}

export function newRecording(): Recording {
  return { commands: [], arenas: [], blocks: [], idle: new Map() };
}

export function discard({ arenas, blocks }: Recording, pool: Pool): void {
  for (const arena of arenas) arena.destroy();
  for (const block of blocks) pool.give(block);
  arenas.length = 0;
  blocks.length = 0;
}

export function toPlan(
  recording: Recording,
  launchCount: number,
  queue: Queue,
  pool: Pool,
  assertAlive: () => void,
): Plan {
  for (const arena of recording.arenas) arena.upload();
  const { commands } = recording;
  const list: CommandList = {
    commands,
    ops: commands.map(({ op }) => op),
    blocks: [...new Set(commands.flatMap(({ blocks }) => blocks))],
  };
  return {
    launchCount,
    replay() {
      assertAlive();
      queue.runList(list);
    },
    dispose() {
      queue.flush();
      discard(recording, pool);
    },
  };
}
