// The text of a file of cddlib, lrs or ppl as rows of numbers: a representation, the rows that are lines or equalities, and between `begin` and `end` the
// size and the numbers. Errors name the line.
import { ArgumentError } from '../../core/errors.js';
import { type Rational, rationalOf } from '../exact/rational.js';

/** What a file says. */
export interface CddFile {
  readonly representation: 'H' | 'V';
  /** Rows of n numbers. */
  readonly rows: Rational[][];
  readonly width: number;
  /** Numbers of rows that hold with equality, or are lines. */
  readonly linearity: ReadonlySet<number>;
  /** The line of each row, for errors. */
  readonly lines: number[];
}

/** An error that names the function and the line, counted from 1. */
export function lineError(line: number, text: string): ArgumentError {
  return new ArgumentError(`readCdd: line ${line}: ${text}`);
}

interface Line {
  readonly number: number;
  readonly words: string[];
}

/** Lines with words. Comments begin with * or #; but lrs, which writes rows as it finds them, has ***** in place of their number. */
function linesOf(text: string): Line[] {
  const isComment = (line: string) => /^[*#]/.test(line) && !/^\*+\s+\d+\s+\w+$/.test(line);
  return text
    .split(/\r\n|\n|\r/)
    .map((line, k) => ({ number: k + 1, line: line.trim() }))
    .filter(({ line }) => line !== '' && !isComment(line))
    .map(({ number, line }) => ({ number, words: line.split(/\s+/) }));
}

const REPRESENTATIONS: Record<string, 'H' | 'V'> = {
  'h-representation': 'H',
  'v-representation': 'V',
};

/** cddlib's names of the list. */
const LINEARITY = ['linearity', 'equality', 'partial_enum'];

/** Reads a file: what stands around the numbers, and then them. */
export function parseCdd(text: string): CddFile {
  const lines = linesOf(text);
  const begin = lines.findIndex(({ words }) => words[0] === 'begin');
  if (begin < 0) throw new ArgumentError("readCdd: text must have a line 'begin', got none");
  const representation = representationOf(lines.slice(0, begin), lines[begin]);
  const end = lines.findIndex(({ words }, k) => k > begin && words[0] === 'end');
  const last = lines[lines.length - 1].number;
  if (end < 0) throw lineError(last, "the text ends without a line 'end'");
  const second = lines.find(({ words }, k) => k > begin && words[0] === 'begin');
  if (second !== undefined)
    throw lineError(second.number, "a second 'begin': one representation is read at a time");
  const size = sizeOf(lines[begin + 1]);
  const { rows, at } = rowsOf(lines.slice(begin + 2, end), size, lines[end]);
  const around = [...lines.slice(0, begin), ...lines.slice(end + 1)];
  const linearity = linearityOf(around, rows.length);
  return { representation, rows, width: size.columns, linearity, lines: at };
}

function representationOf(lines: readonly Line[], begin: Line): 'H' | 'V' {
  let found: 'H' | 'V' | undefined;
  for (const { number, words } of lines) {
    const named = REPRESENTATIONS[words[0].toLowerCase()];
    if (named === undefined) continue;
    if (found !== undefined) throw lineError(number, `a second representation, '${words[0]}'`);
    found = named;
  }
  if (found === undefined)
    throw lineError(begin.number, "'begin' before 'H-representation' or 'V-representation'");
  return found;
}

interface Size {
  /** undefined: as many as there are up to `end`. */
  readonly rows: number | undefined;
  readonly columns: number;
}

/** 'm n type', or ***** for m. */
function sizeOf({ number, words }: Line): Size {
  const [m, n, type] = words;
  const isCount = (word: string | undefined) => word !== undefined && /^\d+$/.test(word);
  if (words.length !== 3 || !(isCount(m) || /^\*+$/.test(m)) || !isCount(n))
    throw lineError(number, `after 'begin' must come rows, columns and a type, got '${words.join(' ')}'`);
  if (!['integer', 'rational', 'real'].includes(type))
    throw lineError(number, `the type must be integer, rational or real, got '${type}'`);
  if (Number(n) < 2) throw lineError(number, `there must be at least 2 columns, got ${n}`);
  return { rows: isCount(m) ? Number(m) : undefined, columns: Number(n) };
}

/** The numbers, which may stand in lines as they like. */
function rowsOf(lines: readonly Line[], { rows, columns }: Size, end: Line) {
  const numbers: Rational[] = [];
  const places: number[] = [];
  for (const { number, words } of lines) {
    for (const word of words) {
      numbers.push(numberOf(word, number));
      places.push(number);
    }
  }
  const wanted = rows === undefined ? undefined : rows * columns;
  if (numbers.length % columns !== 0 || (wanted !== undefined && numbers.length !== wanted)) {
    const odd = lines.find(({ words }) => words.length !== columns);
    if (odd !== undefined)
      throw lineError(odd.number, `a row must have ${columns} numbers, got ${odd.words.length}`);
    throw lineError(end.number, `'end' must come after ${rows} rows, got ${numbers.length / columns}`);
  }
  const starts = numbers.flatMap((_, k) => (k % columns === 0 ? [k] : []));
  return {
    rows: starts.map((k) => numbers.slice(k, k + columns)),
    at: starts.map((k) => places[k]),
  };
}

function numberOf(word: string, line: number): Rational {
  try {
    return rationalOf('readCdd', 'number', word);
  } catch {
    throw lineError(line, `'${word}' is no number`);
  }
}

/** 'linearity k i_1 … i_k', rows counted from 1. */
function linearityOf(lines: readonly Line[], rows: number): Set<number> {
  const found = new Set<number>();
  for (const { number, words } of lines) {
    if (!LINEARITY.includes(words[0].toLowerCase())) continue;
    const [count, ...list] = words.slice(1).map((word) => (/^\d+$/.test(word) ? Number(word) : Number.NaN));
    if (!(count === list.length))
      throw lineError(number, `'${words[0]}' must be followed by a number of rows, and as many rows`);
    for (const row of list) {
      if (!(row >= 1 && row <= rows)) throw lineError(number, `there is no row ${row} of ${rows}`);
      found.add(row - 1);
    }
  }
  return found;
}
