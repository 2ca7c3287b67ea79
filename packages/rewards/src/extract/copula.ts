// The words and signs before an answer in a sentence.

/** "is", "are", "has", a colon, an equals sign. */
export const copula: RegExp =
  /(?:\b(?:is|are|equals?|be|was|were|get|obtain|has|have)\b:?(?=\s)|:(?=\s)|(?<![=<>!≠])=(?!=))/gi;
