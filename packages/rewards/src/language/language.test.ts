import { expect, test } from "vitest";
import { languageConsistency } from "./language-consistency.ts";
import { ngramIdentifier } from "./ngram-identifier.ts";
import { proseOf } from "./prose.ts";
import { wordsOf } from "./scripts.ts";

test.each([
  ["so $x+y$ and `f(x)` is", ["so", "and", "is"]],
  ["```js\nconst a = 1;\n``` done", ["done"]],
  ["\\(a\\) is \\[b\\] and $$c$$ too", ["is", "and", "too"]],
  ["it costs $5", ["it", "costs"]],
  ["\\begin{align} word \\end{align} after", ["after"]],
  ["<think>see https://example.com/page now</think>", ["see", "now"]],
  ["```py\nunclosed", []],
  ["don't well-known 12 x π", ["don't", "well-known"]],
])("words of %j", (text, expected) => {
  expect(wordsOf(proseOf(text), "en")).toEqual(expected);
});

test("a megabyte of unclosed mathematics is read once", () => {
  expect(proseOf("\\(".repeat(500_000)).length).toBe(1_000_000);
  expect(proseOf("$$ \\[".repeat(100_000)).length).toBeGreaterThan(0);
});

const thought = (text: string) => `<think>${text}</think><answer>1</answer>`;

test.each([
  ["en", "We add the two numbers.", 1],
  ["en", "We add два numbers.", 3 / 4],
  ["zh", "我们把两个数相加,得到 $x = 3$。", 1],
  ["zh", "We add the two numbers.", 0],
  ["ru", "Мы складываем два числа x и y.", 1],
  ["ja", "二つの数を足します。", 1],
  ["en", "123 + 456", 1],
])("consistency with %s of %j", (language, text, expected) => {
  expect(languageConsistency({ language })(thought(text), {})).toBeCloseTo(expected, 6);
});

test("the chain of thought is judged, not the answer; the context names the language", () => {
  const completion = "<think>We add them.</think>答案是三";
  expect(languageConsistency()(completion, {})).toBe(1);
  expect(languageConsistency()(completion, { language: "zh" })).toBe(0);
  expect(languageConsistency({ of: "completion" })(completion, {})).toBeLessThan(1);
  expect(languageConsistency({ emptyReward: 0 })("", {})).toBe(0);
});

test.each([
  ["en", "The train leaves the station at noon and travels for three hours."],
  ["de", "Der Zug verlässt den Bahnhof am Mittag und fährt drei Stunden lang."],
  ["fr", "Le train quitte la gare à midi et roule pendant trois heures."],
  ["es", "El tren sale de la estación al mediodía y viaja durante tres horas."],
  ["it", "Il treno lascia la stazione a mezzogiorno e viaggia per tre ore."],
  ["pt", "O comboio deixa a estação ao meio-dia e viaja durante três horas."],
  ["nl", "De trein verlaat het station om twaalf uur en rijdt drie uur lang."],
  ["sv", "Tåget lämnar stationen klockan tolv och kör i tre timmar."],
  ["pl", "Pociąg opuszcza stację w południe i jedzie przez trzy godziny."],
])("n-grams identify %s", (language, sentence) => {
  expect(ngramIdentifier()(sentence)).toBe(language);
});

test("an identifier tells languages of one script apart", () => {
  const mixed = thought(
    "We have to add the two numbers that were given. Dann müssen wir die beiden Zahlen addieren und teilen.",
  );
  expect(languageConsistency({ language: "en" })(mixed, {})).toBe(1);
  const told = languageConsistency({ language: "en", identify: ngramIdentifier() })(mixed, {});
  expect(told).toBeGreaterThan(0.4);
  expect(told).toBeLessThan(0.6);
  expect(() => ngramIdentifier(["xx"])).toThrow("expected some of en, de");
});
