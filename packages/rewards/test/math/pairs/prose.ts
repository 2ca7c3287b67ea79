// Answers in words, choices, and words around an answer. Gold first.

import type { PairTables } from "./pair-table.ts";

export const prose: PairTables = {
  words: {
    equal: [
      ["\\text{Evelyn}", "Evelyn"],
      ["\\text{east}", "East"],
      ["\\text{even}", "even."],
      ["\\text{ellipse}", "an ellipse"],
      ["\\text{ellipse}", "It is an ellipse"],
      ["Yes", "yes"],
      ["\\text{Yes}", "Yes, because it is prime"],
      ["No", "no."],
      ["\\text{odd}", "odd"],
      ["\\text{True}", "true"],
      ["\\text{Navin}", "\\textbf{Navin}"],
      ["Monday", "\\text{Monday}"],
      ["\\text{The midpoints form a regular hexagon}", "the midpoints form a regular hexagon"],
    ],
    different: [
      ["\\text{Evelyn}", "Briana"],
      ["\\text{east}", "west"],
      ["\\text{even}", "odd"],
      ["Yes", "No"],
      ["\\text{ellipse}", "hyperbola"],
      ["\\text{ellipse}", ""],
      ["\\text{ellipse}", "not an ellipse"],
      ["\\text{ellipse}", "ellipse or hyperbola"],
      ["Monday", "Sunday"],
      ["\\text{even}", "2"],
    ],
  },
  choices: {
    equal: [
      ["\\text{(C)}", "C"],
      ["C", "(C)"],
      ["C", "c"],
      ["(B)", "\\text{B}"],
      ["B", "B."],
      ["B", "Option B"],
      ["D", "(D) 12"],
      ["A", "A) x=5"],
      ["\\text{(E)}", "\\textbf{(E)}"],
    ],
    different: [
      ["\\text{(C)}", "D"],
      ["C", "(B)"],
      ["A", "B or A"],
      ["A", "A, B, C, D"],
      ["d", "\\text{E}"],
      ["A", "1"],
      ["B", "Because"],
    ],
  },
  "words around": {
    equal: [
      ["5", "The answer is 5."],
      ["\\frac12", "The probability is $\\frac12$."],
      ["12", "There are 12 ways"],
      ["x=5", "x = 5 is the only solution"],
      ["3", "approximately 3"],
      ["\\frac{3}{4}", "The answer is \\(\\frac{3}{4}\\)"],
      ["7 days", "7 days"],
      ["12", "12 distinct sequences"],
    ],
    different: [
      ["5", "not 5"],
      ["5", "The answer is 6, not 5"],
      ["5", "either 4 or 5"],
      ["5", "I do not know"],
      ["5", "it is 5 or 6"],
      ["5", "somewhere between 4 and 5"],
    ],
  },
};
