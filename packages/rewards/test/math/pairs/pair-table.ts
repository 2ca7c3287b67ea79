// Pairs written by hand, by kind: what an expert calls equal, and what not.

export type Pair = readonly [gold: string, answer: string];

export interface PairTable {
  readonly equal: readonly Pair[];
  readonly different: readonly Pair[];
}

export type PairTables = { readonly [kind: string]: PairTable };
