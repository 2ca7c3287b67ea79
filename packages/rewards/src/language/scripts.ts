// Words and the scripts they are written in. Languages without spaces are cut into words by
// Intl.Segmenter, which every current runtime has.

/** The scripts of the languages whose script tells them apart; every other language is Latin. */
const scriptsOf: Readonly<Record<string, RegExp>> = {
  zh: /^\p{Script=Han}+$/u,
  ja: /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー]+$/u,
  ko: /^\p{Script=Hangul}+$/u,
  ru: /^\p{Script=Cyrillic}+$/u,
  uk: /^\p{Script=Cyrillic}+$/u,
  bg: /^\p{Script=Cyrillic}+$/u,
  el: /^\p{Script=Greek}+$/u,
  ar: /^\p{Script=Arabic}+$/u,
  fa: /^\p{Script=Arabic}+$/u,
  he: /^\p{Script=Hebrew}+$/u,
  hi: /^\p{Script=Devanagari}+$/u,
  bn: /^\p{Script=Bengali}+$/u,
  ta: /^\p{Script=Tamil}+$/u,
  th: /^\p{Script=Thai}+$/u,
};
const latin = /^\p{Script=Latin}+$/u;

export function isLatinLanguage(language: string): boolean {
  return !Object.hasOwn(scriptsOf, language);
}

/** Whether a word is written in the script of a language (ISO 639-1 code). */
export function isInScript(word: string, language: string): boolean {
  return (isLatinLanguage(language) ? latin : scriptsOf[language]!).test(letters(word));
}

function letters(word: string): string {
  return word.replace(/[^\p{L}]/gu, "");
}

const segmenters = new Map<string, Intl.Segmenter>();

function segmenter(language: string): Intl.Segmenter {
  let found = segmenters.get(language);
  if (!found)
    segmenters.set(language, (found = new Intl.Segmenter(language, { granularity: "word" })));
  return found;
}

const spaceless =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
// A run of one kind: characters of languages without spaces, or letters with the marks inside words.
const runs =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ー]+|(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}])[\p{L}\p{M}'’-])+/gu;

/**
 * The words of a prose text. Single Latin and Greek letters are names of quantities (x, a, π), not words of
 * any language, and are left out.
 */
export function wordsOf(prose: string, language: string): string[] {
  const words: string[] = [];
  for (const [run] of prose.matchAll(runs)) {
    if (!/\p{L}/u.test(run)) continue;
    if (spaceless.test(run)) {
      for (const part of segmenter(language).segment(run)) words.push(part.segment);
    } else if (!/^[\p{Script=Latin}\p{Script=Greek}]$/u.test(run)) {
      words.push(run);
    }
  }
  return words;
}
