// The lines of a text and the fields in them, byte by byte: integers and decimals are read where they stand, without a string for each.
import { type FileBytes, readBytes } from '../core/bytes.js';
import { describe } from '../core/describe.js';
import { ArgumentError } from '../core/errors.js';
import { isBuffer, viewName } from '../core/kind.js';

const TAB = 9;
const LINE_FEED = 10;
const FORM_FEED = 12;
const CARRIAGE_RETURN = 13;
const SPACE = 32;
const PLUS = 43;
const MINUS = 45;
const POINT = 46;
const ZERO = 48;

const isBlank = (byte: number): boolean =>
  byte === SPACE || byte === TAB || byte === 11 || byte === FORM_FEED;
const isDigit = (byte: number): boolean => byte >= ZERO && byte < ZERO + 10;

/** Powers of ten that are exact, and whole numbers below 2^53: the quotient or product of two such has one rounding, like the decimal. */
const TENS = [
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
  1e20, 1e21, 1e22,
];

/** How fields of a line are separated. */
export interface Separation {
  /** A character that ends a field, as its code; -1: none. */
  readonly character: number;
  /** Whether blanks end a field too; else they may be part of it. */
  readonly blanks: boolean;
}

/** Goes through the lines of a text; comments and blank lines are passed over. */
export class LineScanner {
  readonly bytes: Uint8Array;
  /** The number of the line, from 1. */
  line = 0;
  /** The field: bytes from `start` up to `stop`. */
  start = 0;
  stop = 0;
  readonly #name: string;
  readonly #separation: Separation;
  readonly #comments: readonly Uint8Array[];
  /** Which bytes may begin a comment. */
  readonly #marks = new Uint8Array(256);
  #at = 0;
  /** Where the content of the line ends, and where the next line begins. */
  #end = 0;
  #next = 0;

  /** Errors name `name`; `comments`: what begins one, at the start of a line or behind a blank. */
  constructor(name: string, text: unknown, separation: Separation, comments: readonly string[]) {
    this.#name = name;
    this.bytes = bytesOf(name, text);
    this.#separation = separation;
    this.#comments = comments.map((comment) => new TextEncoder().encode(comment));
    for (const [first] of this.#comments) this.#marks[first] = 1;
    const [a, b, c] = this.bytes;
    // The byte order mark of UTF-8.
    if (a === 0xef && b === 0xbb && c === 0xbf) this.#next = 3;
  }

  /** Moves to the next line that has a field; false where there is none. */
  nextLine(): boolean {
    const { bytes } = this;
    while (this.#next < bytes.length) {
      this.line++;
      this.#at = this.#next;
      this.#findEnd();
      let at = this.#at;
      while (at < this.#end && isBlank(bytes[at])) at++;
      if (at < this.#end) return true;
    }
    return false;
  }

  /** The whole of the next line, comments and all. */
  rawLine(): string {
    const { bytes } = this;
    const from = this.#next;
    let to = from;
    while (to < bytes.length && bytes[to] !== LINE_FEED && bytes[to] !== CARRIAGE_RETURN) to++;
    this.line++;
    this.#next = this.#behind(to);
    return new TextDecoder().decode(bytes.slice(from, to));
  }

  /** Moves to the next field of the line; false where it is missing or empty. */
  nextField(): boolean {
    const { bytes } = this;
    const { character, blanks } = this.#separation;
    const end = this.#end;
    let at = this.#at;
    while (at < end && bytes[at] !== character && isBlank(bytes[at])) at++;
    this.start = at;
    while (at < end && bytes[at] !== character && !(blanks && isBlank(bytes[at]))) at++;
    this.stop = at;
    if (blanks) while (at < end && bytes[at] !== character && isBlank(bytes[at])) at++;
    else while (this.stop > this.start && isBlank(bytes[this.stop - 1])) this.stop--;
    this.#at = at < end && bytes[at] === character ? at + 1 : at;
    return this.stop > this.start;
  }

  /** The field as an integer; NaN if it is none. */
  integer(): number {
    const { bytes, stop } = this;
    let at = this.start;
    const sign = bytes[at] === MINUS ? -1 : 1;
    if (bytes[at] === MINUS || bytes[at] === PLUS) at++;
    if (at === stop) return Number.NaN;
    let value = 0;
    for (; at < stop; at++) {
      const digit = bytes[at] - ZERO;
      if (!(digit >= 0 && digit < 10)) return Number.NaN;
      value = 10 * value + digit;
    }
    return sign * value;
  }

  /** The field as a decimal, correctly rounded; NaN if it is none. Exponents may begin with e or, as Fortran writes, d. */
  decimal(): number {
    const { bytes, stop } = this;
    let at = this.start;
    const negative = bytes[at] === MINUS;
    if (negative || bytes[at] === PLUS) at++;
    let value = 0;
    let digits = 0;
    let exponent = 0;
    for (; at < stop && isDigit(bytes[at]); at++, digits++) value = 10 * value + (bytes[at] - ZERO);
    if (bytes[at] === POINT && at < stop)
      for (at++; at < stop && isDigit(bytes[at]); at++, digits++, exponent--)
        value = 10 * value + (bytes[at] - ZERO);
    if (digits === 0) return Number.NaN;
    if (at < stop) {
      const letter = bytes[at] | 32;
      if (letter !== 0x65 && letter !== 0x64) return Number.NaN;
      const from = this.start;
      this.start = at + 1;
      const power = this.integer();
      this.start = from;
      if (Number.isNaN(power)) return Number.NaN;
      exponent += power;
    }
    // Below 2^53 no digit has been rounded.
    if (value < 2 ** 53 && Math.abs(exponent) < TENS.length) {
      value = exponent < 0 ? value / TENS[-exponent] : value * TENS[exponent];
      return negative ? -value : value;
    }
    return Number(this.text().replace(/d/i, 'e'));
  }

  /** The field as a string. */
  text(): string {
    const { bytes, start, stop } = this;
    // A decoder takes longer to begin than a short name to read.
    let text = '';
    for (let at = start; at < stop && stop - start <= 32; at++) {
      if (bytes[at] >= 0x80) break;
      text += String.fromCharCode(bytes[at]);
    }
    return text.length === stop - start ? text : new TextDecoder().decode(bytes.slice(start, stop));
  }

  /** An error that names the function and the line. */
  error(text: string): ArgumentError {
    return new ArgumentError(`${this.#name}: line ${this.line}: ${text}`);
  }

  /** The end of what counts in the line, and the beginning of the next one. */
  #findEnd(): void {
    const { bytes } = this;
    const marks = this.#marks;
    let at = this.#at;
    let end = -1;
    for (; at < bytes.length; at++) {
      const byte = bytes[at];
      if (byte === LINE_FEED || byte === CARRIAGE_RETURN) break;
      if (marks[byte] === 1 && end < 0 && this.#isComment(at)) end = at;
    }
    this.#end = end < 0 ? at : end;
    this.#next = this.#behind(at);
  }

  /** Behind the end of a line: LF, CR LF or CR. */
  #behind(at: number): number {
    const { bytes } = this;
    return bytes[at] === CARRIAGE_RETURN && bytes[at + 1] === LINE_FEED ? at + 2 : at + 1;
  }

  #isComment(at: number): boolean {
    const { bytes } = this;
    if (at > this.#at && !isBlank(bytes[at - 1])) return false;
    return this.#comments.some((comment) => comment.every((byte, k) => bytes[at + k] === byte));
  }
}

/** The text in UTF-8. */
function bytesOf(name: string, text: unknown): Uint8Array {
  if (typeof text === 'string') return new TextEncoder().encode(text);
  if (viewName(text) === undefined && !isBuffer(text))
    throw new ArgumentError(`${name}: text must be a string or a Uint8Array, got ${describe(text)}`);
  return readBytes(name, text as FileBytes);
}
