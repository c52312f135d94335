// Literals of Python, as the header of a .npy file is one: strings, integers, True, False, None, tuples, lists and dicts.

/** A tuple, which is not a list. */
export class Tuple {
  readonly parts: readonly Literal[];
  constructor(parts: readonly Literal[]) {
    this.parts = parts;
  }
}

/** A dict. */
export class Dict {
  readonly entries: ReadonlyMap<Literal, Literal>;
  constructor(entries: ReadonlyMap<Literal, Literal>) {
    this.entries = entries;
  }
}

/** A literal; None is null. */
export type Literal = string | number | boolean | null | Tuple | Dict | readonly Literal[];

/** Deeper nesting is no header. */
const DEEPEST = 32;

const NAMES: Readonly<Record<string, Literal>> = { True: true, False: false, None: null };
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\n': '' };

/**
 * The value of a text that is one literal, as Python's ast.literal_eval reads it; integers may end in L, as Python 2 wrote
 * them.
 * @throws SyntaxError for any other text.
 */
export function parseLiteral(text: string): Literal {
  const parser = new Parser(text);
  const value = parser.value(0);
  parser.end();
  return value;
}

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): Literal {
    if (depth > DEEPEST) throw this.#wrong('less nesting');
    const c = this.#next();
    if (c === '{') return this.#dict(depth);
    if (c === '[') return this.#list(']', depth).parts;
    if (c === '(') {
      const { parts, commas } = this.#list(')', depth);
      return parts.length === 1 && commas === 0 ? parts[0] : new Tuple(parts);
    }
    if (/["'uU]/.test(c) && /^[uU]?["']/.test(this.#text.slice(this.#at, this.#at + 2)))
      return this.#string();
    const name = this.#match(/[A-Za-z_]\w*/y);
    if (name !== undefined && Object.hasOwn(NAMES, name)) return NAMES[name];
    const digits = name === undefined ? this.#match(/[+-]?\d+/y) : undefined;
    if (digits === undefined) throw this.#wrong('a literal');
    this.#match(/L/y);
    return Number(digits);
  }

  end(): void {
    if (this.#next() !== '') throw this.#wrong('nothing more');
  }

  #dict(depth: number): Dict {
    const dict = new Map<Literal, Literal>();
    this.#at++;
    while (!this.#takes('}')) {
      const key = this.value(depth + 1);
      if (!this.#takes(':')) throw this.#wrong("':'");
      dict.set(key, this.value(depth + 1));
      if (!this.#takes(',') && this.#next() !== '}') throw this.#wrong("',' or '}'");
    }
    return new Dict(dict);
  }

  #list(close: string, depth: number): { parts: Literal[]; commas: number } {
    const parts: Literal[] = [];
    let commas = 0;
    this.#at++;
    while (!this.#takes(close)) {
      parts.push(this.value(depth + 1));
      if (this.#takes(',')) commas++;
      else if (this.#next() !== close) throw this.#wrong(`',' or '${close}'`);
    }
    return { parts, commas };
  }

  #string(): string {
    this.#match(/[uU]/y);
    const quote = this.#text[this.#at++];
    let value = '';
    for (;;) {
      const c = this.#text[this.#at++];
      if (c === undefined || c === '\n') throw this.#wrong('the end of a string');
      if (c === quote) return value;
      if (c !== '\\') value += c;
      else {
        const escaped = this.#text[this.#at++] ?? '';
        value += ESCAPES[escaped] ?? (/[\\'"]/.test(escaped) ? escaped : `\\${escaped}`);
      }
    }
  }

  /** The next character that is no white space; empty at the end. */
  #next(): string {
    this.#match(/\s*/y);
    return this.#text.charAt(this.#at);
  }

  #takes(c: string): boolean {
    if (this.#next() !== c) return false;
    this.#at++;
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #wrong(wanted: string): SyntaxError {
    return new SyntaxError(`${wanted} is wanted at character ${this.#at}`);
  }
}
