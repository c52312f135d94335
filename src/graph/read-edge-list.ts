// Edge lists as texts: an edge a line, as SNAP, KONECT, networkx and spreadsheets write them.
import { checkArray, checkCount, checkFlag } from '../core/check.js';
import { describe } from '../core/describe.js';
import { ArgumentError } from '../core/errors.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import { MAXIMUM_EXTENT } from '../core/shape.js';
import { EdgeBuffer } from './edge-buffer.js';
import type { OwnedEdgeList } from './edge-list.js';
import { LineScanner, type Separation } from './line-scanner.js';

/** Options of `readEdgeList`. */
export interface EdgeListOptions {
  /** Labels are integers, and vertex = label - base. Without it labels are names, numbered in the order in which they appear. */
  base?: 0 | 1;
  /** With `base`: the number of vertices; default the largest vertex + 1. */
  n?: number;
  /** The third column is the weight; default false: further columns are ignored. */
  weighted?: boolean;
  /** What begins a comment, at the start of a line or behind a blank; default ['#', '%']. */
  comments?: readonly string[];
  /** One character between columns, blanks around which do not count; ' ' for blanks alone. Default: blanks, a comma, or both. */
  delimiter?: string;
}

const EDGE_LIST_OPTIONS: OptionNames<EdgeListOptions> = {
  base: true,
  n: true,
  weighted: true,
  comments: true,
  delimiter: true,
};

/**
 * Reads a network from a text with an edge a line: two vertices, and with `weighted` a weight. Blank lines and comments are passed over. Edges from a
 * vertex to itself are dropped, though the vertex counts; an edge that comes again, in either direction, is the same edge, and its last
 * weight counts, as in networkx. Edges stand in the order in which they first come. Time is linear in the length of the text.
 * @param text the text itself, or its bytes in UTF-8 (Node's readFileSync gives them); not a path.
 * @param options `base`: 0 or 1 for labels that are integers, none for names; `n`, `weighted`, `comments`, `delimiter`.
 * @returns `n`, `edges` i32 [m, 2], with `weighted` `weights` f64 [m], and of names `labels`.
 * @throws ArgumentError that names the line, for an edge without two vertices, a label that is no integer or out of range, a weight that is missing
 * or not finite; ArgumentError for options; OutOfMemoryError.
 * @example
 * graph.readEdgeList('0 1\n1 2\n', { base: 0 }).n; // 3
 */
export function readEdgeList(text: string | Uint8Array, options: EdgeListOptions = {}): OwnedEdgeList {
  const name = 'readEdgeList';
  checkOptions(name, options, EDGE_LIST_OPTIONS);
  const { base, n, weighted = false, comments = ['#', '%'], delimiter } = options;
  checkFlag(name, 'weighted', weighted);
  checkLabels(name, base, n);
  checkComments(name, comments);
  const scanner = new LineScanner(name, text, separationOf(name, delimiter), comments);
  /** Names in the order in which they appear. */
  const numbers = base === undefined ? new Map<string, number>() : undefined;
  const buffer = new EdgeBuffer(name, weighted);
  const last = (n ?? MAXIMUM_EXTENT) - 1;
  let largest = -1;
  const vertex = (): number => {
    if (!scanner.nextField()) throw scanner.error('an edge needs two vertices, got less');
    if (numbers !== undefined) {
      const label = scanner.text();
      const known = numbers.get(label);
      if (known === undefined) numbers.set(label, numbers.size);
      return known ?? numbers.size - 1;
    }
    const v = scanner.integer() - (base as number);
    if (!(v >= 0 && v <= last)) throw labelError(scanner, base as number, last);
    if (v > largest) largest = v;
    return v;
  };
  while (scanner.nextLine()) {
    const u = vertex();
    const v = vertex();
    buffer.push(u, v, weighted ? weightIn(scanner) : 1);
  }
  return buffer.network(numbers?.size ?? n ?? largest + 1, numbers && [...numbers.keys()]);
}

/** The next field as a weight. */
function weightIn(scanner: LineScanner): number {
  if (!scanner.nextField()) throw scanner.error('with weighted: true there must be a third column, got two');
  const weight = scanner.decimal();
  if (!Number.isFinite(weight))
    throw scanner.error(`the weight must be a finite number, got ${describe(scanner.text())}`);
  return weight;
}

function labelError(scanner: LineScanner, base: number, last: number): ArgumentError {
  const text = describe(scanner.text());
  if (Number.isNaN(scanner.integer()))
    return scanner.error(`labels must be integers, got ${text} (without base they are names)`);
  return scanner.error(`labels must lie between ${base} and ${base + last}, got ${text}`);
}

function checkLabels(name: string, base: unknown, n: unknown): void {
  if (base !== undefined && base !== 0 && base !== 1)
    throw new ArgumentError(`${name}: base must be 0, 1 or undefined (names), got ${describe(base)}`);
  if (n === undefined) return;
  checkCount(name, 'n', n);
  if (base === undefined)
    throw new ArgumentError(
      `${name}: n goes with base, got ${n} without: there are as many vertices as names`,
    );
}

function checkComments(name: string, comments: unknown): void {
  checkArray(name, 'comments', comments);
  comments.forEach((comment, k) => {
    if (typeof comment !== 'string' || comment === '')
      throw new ArgumentError(
        `${name}: comments[${k}] must be a string of at least one character, got ${describe(comment)}`,
      );
  });
}

function separationOf(name: string, delimiter: unknown): Separation {
  if (delimiter === undefined) return { character: 0x2c, blanks: true };
  if (typeof delimiter !== 'string' || !/^[\t -~]$/.test(delimiter))
    throw new ArgumentError(
      `${name}: delimiter must be one character of ASCII or a tab, got ${describe(delimiter)}`,
    );
  return delimiter === ' '
    ? { character: -1, blanks: true }
    : { character: delimiter.charCodeAt(0), blanks: false };
}
