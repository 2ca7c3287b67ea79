// Sets, lists, tuples, vectors and matrices. Gold first.

import type { PairTables } from "./pair-table.ts";

export const collections: PairTables = {
  "sets and lists": {
    equal: [
      ["1,-2", "-2,1"],
      ["3, 5, 7", "7, 5 and 3"],
      ["\\{1\\pm\\sqrt{5},-2\\}", "-2, 1+\\sqrt5, 1-\\sqrt5"],
      ["\\{1,2,3\\}", "{3,2,1}"],
      ["\\{1,2\\}", "1, 2"],
      ["19, 46, \\text{ and } 82", "19, 46, 82"],
      ["1,2", "(2,1)"],
      ["\\{0.5, 1\\}", "\\{1, \\frac12\\}"],
      ["21,16 or 11", "21,16,11"],
      ["-12;-11;-10", "\\{-12,-11,-10\\}"],
      ["(1,2),(3,4)", "(3,4),(1,2)"],
      ["(1,2),(3,4)", "\\{(1,2),(3,4)\\}"],
      ["\\emptyset", "\\{\\}"],
      ["\\emptyset", "no solution"],
      ["\\text{no solution}", "\\varnothing"],
      ["x=1 \\text{ or } x=2", "x=2, x=1"],
      ["\\{1\\} \\cup \\{2\\}", "\\{1,2\\}"],
      ["(11,7)or(7,11)", "(7,11),\\ (11,7)"],
    ],
    different: [
      ["1,-2", "1,2"],
      ["1,2,3", "1,2"],
      ["1,2", "1,2,3"],
      ["\\{1,2\\}", "1"],
      ["1,2", "12"],
      ["\\{1,2\\}", "(1,2)"],
      ["(3,1)", "\\{1,3\\}"],
      ["(1,2),(3,4)", "(2,1),(3,4)"],
      ["\\emptyset", "0"],
      ["\\emptyset", "\\{0\\}"],
      ["5", "4, 5"],
      ["4", "4 or 5"],
      ["\\{1,1,2\\}", "\\{1,2,3\\}"],
      ["19, 46, and 82", "21, 36, and 82"],
    ],
  },
  "tuples and vectors": {
    equal: [
      ["\\left( 3, \\frac{\\pi}{2} \\right)", "(3, \\pi/2)"],
      ["(6,31,-1)", "6, 31, -1"],
      ["\\begin{pmatrix} -2 \\\\ -14 \\\\ -7 \\end{pmatrix}", "(-2,-14,-7)"],
      ["(1,2)", "\\langle 1, 2 \\rangle"],
      ["\\langle 1,2\\rangle", "\\begin{pmatrix}1\\\\2\\end{pmatrix}"],
      ["(0;0;6)", "(0,0,6)"],
      ["(x,y)=(1,2)", "(1,2)"],
      ["(1,2)", "(x,y)=(1,2)"],
      ["(1,2)", "x=1, y=2"],
      ["(p,q)=(3,2)", "p=3,q=2"],
      ["(1,4.5)", "(1,\\frac92)"],
      ["(1,2)+t(3,4)", "(1+3t,2+4t)"],
      ["\\left(\\frac35,-13\\right)", "(0.6,-13)"],
    ],
    different: [
      ["(1,2)", "(2,1)"],
      ["(6,31,-1)", "(6,31,1)"],
      ["(6,31,-1)", "(6,31)"],
      ["(1,2)", "1"],
      ["(1,2)", "[1,2]"],
      ["(2,1)", "\\{1,2\\}"],
      ["(1,-16,-4,43)", "-1,16,4,-43"],
      ["(1,2)", "x=2, y=1"],
      ["\\begin{pmatrix} 1 \\\\ 2 \\end{pmatrix}", "\\begin{pmatrix} 2 \\\\ 1 \\end{pmatrix}"],
    ],
  },
  matrices: {
    equal: [
      [
        "\\begin{pmatrix} -1 & 0 \\\\ 0 & -1 \\end{pmatrix}",
        "\\begin{bmatrix}-1&0\\\\0&-1\\end{bmatrix}",
      ],
      [
        "\\begin{pmatrix} 1/5 \\\\ -18/5 \\end{pmatrix}",
        "\\begin{pmatrix} 0.2 \\\\ -3.6 \\end{pmatrix}",
      ],
      [
        "\\begin{pmatrix}1 & 2 \\\\3 & 4\\end{pmatrix}",
        "\\left[\\begin{array}{cc}1 & 2 \\\\3 & 4\\end{array}\\right]",
      ],
      ["\\begin{pmatrix}2&0\\\\0&2\\end{pmatrix}", "2\\begin{pmatrix}1&0\\\\0&1\\end{pmatrix}"],
      ["\\begin{vmatrix}1&2\\\\3&4\\end{vmatrix}", "-2"],
      [
        "\\begin{pmatrix}6&8\\end{pmatrix}",
        "\\begin{pmatrix}1&2\\end{pmatrix}+\\begin{pmatrix}5&6\\end{pmatrix}",
      ],
    ],
    different: [
      [
        "\\begin{pmatrix}1 & 2 \\\\ 3 & 4\\end{pmatrix}",
        "\\begin{pmatrix}1 & 2 \\\\ 3 & 5\\end{pmatrix}",
      ],
      [
        "\\begin{pmatrix}1 & 2 \\\\ 3 & 4\\end{pmatrix}",
        "\\begin{pmatrix}1 & 3 \\\\ 2 & 4\\end{pmatrix}",
      ],
      ["\\begin{pmatrix}1 & 2\\end{pmatrix}", "\\begin{pmatrix}1 \\\\ 2\\end{pmatrix}"],
      ["\\begin{pmatrix}1 & 2 \\\\ 3 & 4\\end{pmatrix}", "-2"],
      ["\\begin{pmatrix}1&0\\\\0&1\\end{pmatrix}", "1"],
    ],
  },
};
