// One token a character, and one for each tag: a vocabulary of 20.

import { ArgumentError } from "@sixtyone/tensor";
import type { Tokenizer } from "@sixtyone/grpo";

const special = ["<bos>", "<eos>", "<think>", "</think>", "<answer>", "</answer>"] as const;
const vocabulary: readonly string[] = [...special, ..."0123456789+=;"];
const idOf = new Map(vocabulary.map((token, id) => [token, id]));

export const bosTokenId = 0;
export const eosTokenId = 1;
export const vocabularySize: number = vocabulary.length;

export const tokenizer: Tokenizer = {
  encode(text) {
    const ids = [bosTokenId];
    for (let at = 0; at < text.length;) {
      const tag = special.find((token) => text.startsWith(token, at)) ?? text[at]!;
      const id = idOf.get(tag);
      if (id === undefined) {
        throw new ArgumentError(`tokenizer: ${JSON.stringify(tag)} is not in the vocabulary.`);
      }
      ids.push(id);
      at += tag.length;
    }
    return ids;
  },
  /** Leaves out the begin and end tokens. */
  decode: (ids) =>
    ids
      .filter((id) => id !== bosTokenId && id !== eosTokenId)
      .map((id) => vocabulary[id])
      .join(""),
};
