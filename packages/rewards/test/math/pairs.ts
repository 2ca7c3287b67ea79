// All pairs written by hand, by kind.

import { collections } from "./pairs/collections.ts";
import { expressions } from "./pairs/expressions.ts";
import { numbers } from "./pairs/numbers.ts";
import { prose } from "./pairs/prose.ts";
import { quantities } from "./pairs/quantities.ts";
import { relations } from "./pairs/relations.ts";
import type { PairTables } from "./pairs/pair-table.ts";

export const pairs: PairTables = {
  ...numbers,
  ...quantities,
  ...expressions,
  ...relations,
  ...collections,
  ...prose,
};
