// What may stand around the number that a sentence gives as its answer. The words before it are a list of
// those allowed, for there is no end of words that make it a part of something else: "half of 5", "over 5".

/** Denials and choices left open: what they speak of is no answer. */
export const denied: RegExp =
  /\b(?:not|never|neither|nor|cannot|either|wrong|incorrect|false|rule|except|exclud\w+)\b|n['’]t\b/i;

const leads =
  /(?:^|[^a-z])(?:s|the|an?|be|has|have|had|get|give|equal|exactly|about|approximately|only|answer|in|for|at|with|each|and|sold|made|paid|spent|took|found|ran|lost|drove|then|number|interval|point|polynomial|USD|ist|es|est|(?:total|sum|value) of|increases by|(?:(?:we|they|to|will|can|must) [a-z]+|[a-z]+(?:s|ed)(?: to)?)(?<!times|plus|minus|less|exceeds?|divides?|double|halve))$/i;

/** Whether what follows this text is what it tells. */
export function introduces(before: string): boolean {
  const text = before.replace(/(?:\*\*|[\s"'“”‘’`($\\[{]|✅)+$/, "").slice(-60);
  if (/[A-Za-z]$/.test(text)) return leads.test(text) || /\S\s[A-Z][a-z]+$/.test(text);
  return !/[-−+×÷*/|~#@^_&<>≥≤≠≈±·]$|[<>!=≠]=$/.test(text);
}

/** Words and signs behind a number that make another one of it. */
export const operation: RegExp =
  /^\s?(?:(?:squared|cubed|factorial|(?:times|percent of)\s(?:[\d(]|(?:[b-z]|the|as|that)\b)|plus|minus|mod(?:ulo)?|dozens?|score|minimum|maximum|halves|thirds|quarters|(?:four|fif|six|seven|eigh|nin|ten|hundred|thousand)ths|divided)\b|[+×÷*|~#@^_](?!\*)|\/(?!\s?[a-z]))/i;
