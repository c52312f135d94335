// Matrix Market's coordinate format: a header, comments, a line of sizes, and an entry a line, counted from 1.
import { checkFlag } from '../core/check.js';
import { describe } from '../core/describe.js';
import { ShapeError } from '../core/errors.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import { MAXIMUM_EXTENT } from '../core/shape.js';
import { EdgeBuffer } from './edge-buffer.js';
import type { OwnedEdgeList } from './edge-list.js';
import { LineScanner } from './line-scanner.js';

/** Options of `readMatrixMarket`. */
export interface MatrixMarketOptions {
  /** Keeps the values as weights; default false. */
  weighted?: boolean;
}

const MATRIX_MARKET_OPTIONS: OptionNames<MatrixMarketOptions> = { weighted: true };

/** What the words of the header may be, behind '%%MatrixMarket'. */
const HEADER = [
  ['object', ['matrix']],
  ['format', ['coordinate']],
  ['field', ['pattern', 'real', 'integer']],
  ['symmetry', ['symmetric', 'general']],
] as const;

/**
 * Reads a network from a sparse matrix in Matrix Market's coordinate format: every entry off the diagonal is an edge, whatever its value, (u, v) and
 * (v, u) are one edge, and where it comes twice its last value counts: also where a general matrix has different values in both directions. Entries on
 * the diagonal are dropped. Edges stand in the order in which they first come. Time is linear in the length of the text.
 * Source: Boisvert, Pozo and Remington, The Matrix Market exchange formats, NIST IR 5935 (1996).
 * @param text the text itself, or its bytes (Node's readFileSync gives them); not a path.
 * @param options `weighted`: keep the values, 1 of a pattern; default false.
 * @returns `n`, `edges` i32 [m, 2], with `weighted` `weights` f64 [m].
 * @throws ArgumentError that names the line, for another format (array, complex, hermitian, skew-symmetric), for what is no entry, and where there are
 * more or less entries than announced; ShapeError for a matrix that is not square; OutOfMemoryError.
 * @example
 * graph.readMatrixMarket('%%MatrixMarket matrix coordinate pattern symmetric\n3 3 2\n2 1\n3 2\n').n; // 3
 */
export function readMatrixMarket(
  text: string | Uint8Array,
  options: MatrixMarketOptions = {},
): OwnedEdgeList {
  const name = 'readMatrixMarket';
  checkOptions(name, options, MATRIX_MARKET_OPTIONS);
  const { weighted = false } = options;
  checkFlag(name, 'weighted', weighted);
  const scanner = new LineScanner(name, text, { character: -1, blanks: true }, ['%']);
  const field = fieldIn(scanner);
  const { n, entries, line } = sizesIn(name, scanner);
  const buffer = new EdgeBuffer(name, weighted);
  let count = 0;
  while (scanner.nextLine()) {
    if (count === entries) throw scanner.error(`an entry too many: line ${line} announces ${entries}`);
    const u = indexIn(scanner, 'row', n);
    const v = indexIn(scanner, 'column', n);
    const value = field === 'pattern' ? 1 : valueIn(scanner, field);
    if (scanner.nextField()) throw scanner.error(`an entry must end here, got ${describe(scanner.text())}`);
    buffer.push(u, v, value);
    count++;
  }
  if (count < entries)
    throw scanner.error(`the text ends after ${count} of the ${entries} entries that line ${line} announces`);
  return buffer.network(n);
}

/** Reads the header; what it says about values. */
function fieldIn(scanner: LineScanner): 'pattern' | 'real' | 'integer' {
  const words = scanner.rawLine().trim().split(/\s+/);
  if (words[0].toLowerCase() !== '%%matrixmarket')
    throw scanner.error(`a text of Matrix Market begins with '%%MatrixMarket', got ${describe(words[0])}`);
  HEADER.forEach(([what, known], k) => {
    const word = words[k + 1]?.toLowerCase();
    if (!(known as readonly (string | undefined)[]).includes(word))
      throw scanner.error(
        `the ${what} must be ${known.join(' or ')}, got ${word === undefined ? 'none' : `'${word}'`}`,
      );
  });
  return words[3].toLowerCase() as 'pattern';
}

/** Reads the line 'rows columns entries'. */
function sizesIn(name: string, scanner: LineScanner): { n: number; entries: number; line: number } {
  if (!scanner.nextLine()) throw scanner.error('the text ends before the line of rows, columns and entries');
  const [rows, columns, entries] = [0, 1, 2].map(() =>
    scanner.nextField() ? scanner.integer() : Number.NaN,
  );
  if (!(rows >= 0 && columns >= 0 && entries >= 0) || scanner.nextField())
    throw scanner.error('there must be three counts: rows, columns and entries');
  if (rows !== columns)
    throw new ShapeError(
      `${name}: line ${scanner.line}: the matrix of a network is square, got ${rows} x ${columns}`,
    );
  if (rows > MAXIMUM_EXTENT) throw scanner.error(`there may be at most 2^31 - 1 rows, got ${rows}`);
  return { n: rows, entries, line: scanner.line };
}

/** The next field as a vertex. */
function indexIn(scanner: LineScanner, what: string, n: number): number {
  const isThere = scanner.nextField();
  const index = isThere ? scanner.integer() : Number.NaN;
  if (!(index >= 1 && index <= n))
    throw scanner.error(
      `a ${what} must be a whole number from 1 to ${n}, got ${isThere ? describe(scanner.text()) : 'none'}`,
    );
  return index - 1;
}

/** The next field as a value. */
function valueIn(scanner: LineScanner, field: 'real' | 'integer'): number {
  const isThere = scanner.nextField();
  const value = isThere ? scanner.decimal() : Number.NaN;
  if (!Number.isFinite(value) || (field === 'integer' && !Number.isInteger(value)))
    throw scanner.error(
      `a value must be ${field === 'integer' ? 'an integer' : 'a finite number'}, got ${isThere ? describe(scanner.text()) : 'none'}`,
    );
  return value;
}
