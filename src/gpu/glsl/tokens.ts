// The words of WGSL text, one after the other.

const TOKEN =
  /\s*(?:([A-Za-z_]\w*)|(0x[\da-f]+u?|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?[fu]?)|(<<=|>>=|->|&&|\|\||[=!<>+\-*/|&^]=|<<|>>|[-+*/%&|^~!<>=(){}[\].,;:]))/iy;

/** Words from the first on. */
export class Tokens {
  readonly #words: string[] = [];
  #at = 0;

  constructor(wgsl: string) {
    TOKEN.lastIndex = 0;
    const end = wgsl.trimEnd().length;
    while (TOKEN.lastIndex < end) {
      const from = TOKEN.lastIndex;
      const found = TOKEN.exec(wgsl);
      if (!found) throw new Error(`glslOf: cannot read ${JSON.stringify(wgsl.slice(from, from + 20))}`);
      this.#words.push(found[1] ?? found[2] ?? found[3]);
    }
  }

  get isOver(): boolean {
    return this.#at >= this.#words.length;
  }

  peek(): string {
    return this.#words[this.#at];
  }

  next(): string {
    return this.#words[this.#at++];
  }

  /** Whether this word is the next; then it is read. */
  accept(word: string): boolean {
    if (this.peek() !== word) return false;
    this.#at++;
    return true;
  }

  expect(word: string): void {
    if (!this.accept(word)) throw this.error(`${word} wanted`);
  }

  /** Items up to `end`, separated by commas of which the last may be followed by nothing. */
  list<T>(end: string, item: () => T): T[] {
    const items: T[] = [];
    while (!this.accept(end)) {
      items.push(item());
      if (this.peek() !== end) this.expect(',');
    }
    return items;
  }

  error(what: string): Error {
    return new Error(`glslOf: ${what} at ${this.#words.slice(this.#at, this.#at + 8).join(' ')}`);
  }
}
