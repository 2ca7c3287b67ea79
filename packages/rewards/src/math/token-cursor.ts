// The tokens of an answer and the place in them: what the readers of commands, operands, expressions and
// answers share, one class on the other. A limit on depth keeps brackets from using up the stack.

import { BudgetError, type Budget } from "./budget.ts";
import { UnreadableError, type Token } from "./tokens.ts";

const maxDepth = 120;

export class TokenCursor {
  protected readonly tokens: Token[];
  protected readonly budget: Budget;
  protected at = 0;
  /** Inside |…| or {x | …} a bar ends the expression. */
  protected barEnds = false;
  #depth = 0;

  constructor(tokens: Token[], budget: Budget) {
    this.tokens = tokens;
    this.budget = budget;
  }

  protected get token(): Token | undefined {
    return this.tokens[this.at];
  }

  protected is(text: string, ahead = 0): boolean {
    const token = this.tokens[this.at + ahead];
    return token !== undefined && token.type === "sign" && token.text === text;
  }

  protected take(text: string): boolean {
    if (!this.is(text)) return false;
    this.at++;
    return true;
  }

  /** Takes a sign that must come; a closing brace may be missing at the very end. */
  protected expect(text: string): void {
    const isForgotten = text === "}" && this.token === undefined;
    if (!isForgotten && !this.take(text)) throw this.unreadable();
  }

  protected unreadable(): UnreadableError {
    return new UnreadableError(this.token?.text ?? "end");
  }

  protected nested<T>(read: () => T): T {
    this.budget.spend();
    if (++this.#depth > maxDepth) throw new BudgetError(`brackets nested deeper than ${maxDepth}`);
    const result = read();
    this.#depth--;
    return result;
  }
}
