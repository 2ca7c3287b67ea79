// What may stand around the number that a sentence gives as its answer. The words before it are a list of
// those allowed, for there is no end of words that make it a part of something else: "half of 5", "over 5".

/** Denials and choices left open: what they speak of is no answer. */
export const denied: RegExp =
  /\b(?:not|never|neither|nor|cannot|either|both|wrong|incorrect|false|ruled? out|except|exclud\w+|eliminate\w*)\b|n['’]t\b/i;

const other = "(?!times|plus|minus|less|exceed|divide|miss|double|triple|hal)";
const leads = new RegExp(
  `(?:^|[^a-z])(?:s|the|an?|be|has|have|had|got|get|give|equal|exactly|about|approximately|only|just|answer|in|for|at|with|and|or|` +
    `sold|made|paid|spent|took|gave|left|because|since|then|number|interval|point|set|polynomial|line|function|value|USD|` +
    `ist|es|son|est|(?:total|sum|value|cost|area|average) of|` +
    `(?:in|de)creases? by|(?:we|they|you|to|will|can|must|should|would) ${other}[a-z]+|${other}[a-z]+(?:s|ed)(?: to)?)$`,
  "i",
);

/** Whether what follows this text is what it tells. */
export function introduces(before: string): boolean {
  const text = before.replace(/(?:\*\*|[\s"'“”‘’`($\\[{]|✅)+$/, "").slice(-60);
  if (/[A-Za-z]$/.test(text)) return leads.test(text) || /\S\s[A-Z][a-z]+$/.test(text);
  return !/[-−+×÷*/|~#@^_&<>≥≤≠≈±·]$|[<>!=≠]=$/.test(text);
}

/** Words and signs behind a number that make another one of it. */
export const operation: RegExp =
  /^\s?(?:(?:squared|cubed|factorial|(?:times|percent of)\s(?:[\d(]|(?:[b-z]|the|as|that)\b)|plus|minus|mod(?:ulo)?|dozens?|score|minimum|maximum|halves|thirds|quarters|(?:four|fif|six|seven|eigh|nin|ten|hundred|thousand)ths|divided|multiplied|raised)\b|[+×÷*|~#@^_](?!\*)|\/(?!\s?[a-z]))/i;
