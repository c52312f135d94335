// Files of cddlib, lrs and ppl: rows (b, -A) of b - A x >= 0, or rows (1, vertex) and (0, ray).
import { checkFlag } from '../../core/check.js';
import { tensor, zeros } from '../../core/create.js';
import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { quotient } from '../exact/integers.js';
import { type Rational, reduced } from '../exact/rational.js';
import { type CddFile, lineError, parseCdd } from './parse.js';

/** Options of `readCdd` and `writeCdd`. */
export interface CddOptions {
  /** Bigints and fractions in nested arrays in place of numbers in tensors; default false. */
  exact?: boolean;
}

/** A x <= b and equalities, or generators: M and V are tensors, or with `exact: true` nested arrays of bigints and strings. */
export type CddDescription<M, V> =
  | { representation: 'H'; A: M; b: V; equalities?: { A: M; b: V } }
  | { representation: 'V'; vertices: M; rays: M; lineality: M };

/** Bigints, and fractions such as '1/3'; a matrix without rows is a tensor, so that its width is known. */
export type ExactMatrix = (bigint | string)[][] | Tensor;
export type ExactVector = (bigint | string)[];

export const CDD_OPTIONS: OptionNames<CddOptions> = { exact: true };

/**
 * Reads a polyhedron from the text of a file .ine or .ext, as cddlib, lrs and ppl write it: `H-representation` or `V-representation`, `linearity`,
 * and between `begin` and `end` rows, columns, a type and the numbers. Numbers may be integers, fractions or decimals, whatever the type. Comments (*, #), names
 * and other options are skipped. Rows b + a x >= 0 become -a x <= b.
 * @param options `exact`: bigints and fractions in nested arrays (matrices without rows: tensors).
 * @returns of inequalities A [m, d], b [m], and `equalities` where there are some; of generators `vertices`, `rays` and `lineality`; f64.
 * @throws ArgumentError for what is no such text; it names the line.
 * @example
 * cones.readCdd('H-representation\nbegin\n 2 2 integer\n 1 -1\n 1 1\nend'); // x <= 1, -x <= 1
 */
export function readCdd(text: string, options: { exact: true }): CddDescription<ExactMatrix, ExactVector>;
export function readCdd(text: string, options?: { exact?: false }): CddDescription<Tensor, Tensor>;
export function readCdd(
  text: string,
  options?: CddOptions,
): CddDescription<ExactMatrix, ExactVector> | CddDescription<Tensor, Tensor>;
export function readCdd(text: string, options: CddOptions = {}): unknown {
  checkOptions('readCdd', options, CDD_OPTIONS);
  const { exact = false } = options;
  checkFlag('readCdd', 'exact', exact);
  if (typeof text !== 'string')
    throw new ArgumentError(`readCdd: text must be a string, got ${describe(text)}`);
  const file = parseCdd(text);
  if (!exact) checkRange(file);
  return scope<unknown>(() =>
    exact ? described(file, exactMatrix, exactVector) : described(file, numbers, vector),
  );
}

/** Floats end at 1.8e308. */
function checkRange({ rows, lines }: CddFile): void {
  rows.forEach((row, k) => {
    const beyond = row.findIndex((x) => !Number.isFinite(toFloat(x)));
    if (beyond >= 0)
      throw lineError(
        lines[k],
        `number ${beyond + 1} of row ${k + 1} is beyond the range of floats (exact: true)`,
      );
  });
}

const toFloat = ({ p, q }: Rational): number => quotient(p, q);

type Maker<T> = (rows: Rational[][], columns: number) => T;

function described<M, V>(
  file: CddFile,
  matrix: Maker<M>,
  list: (entries: Rational[]) => V,
): CddDescription<M, V> {
  const d = file.width - 1;
  const { rows, linearity, representation } = file;
  const all = rows.map((_, k) => k);
  const free = all.filter((k) => linearity.has(k));
  const part = (which: number[]) =>
    matrix(
      which.map((k) => rows[k].slice(1)),
      d,
    );
  if (representation === 'V') {
    const kinds = all.map((k) => kindOf(file, k));
    const ofKind = (kind: string) => part(all.filter((k) => kinds[k] === kind));
    return { representation, vertices: ofKind('vertex'), rays: ofKind('ray'), lineality: ofKind('line') };
  }
  const sides = (which: number[]) => ({
    A: matrix(
      which.map((k) => rows[k].slice(1).map(({ p, q }) => ({ p: -p, q }))),
      d,
    ),
    b: list(which.map((k) => rows[k][0])),
  });
  const { A, b } = sides(all.filter((k) => !linearity.has(k)));
  return { representation, A, b, ...(free.length > 0 ? { equalities: sides(free) } : {}) };
}

/** What a row of generators is. */
function kindOf({ rows, lines, linearity }: CddFile, k: number): 'vertex' | 'ray' | 'line' {
  const { p, q } = rows[k][0];
  if (p !== 0n && p !== q) throw lineError(lines[k], 'a generator must begin with 1 (a vertex) or 0 (a ray)');
  if (!linearity.has(k)) return p === 0n ? 'ray' : 'vertex';
  if (p !== 0n) throw lineError(lines[k], `row ${k + 1} is in 'linearity', so that it must begin with 0`);
  return 'line';
}

const numbers = (rows: Rational[][], columns: number): Tensor =>
  tensor(Float64Array.from(rows.flat(), toFloat), { shape: [rows.length, columns] });

const vector = (entries: Rational[]): Tensor => tensor(Float64Array.from(entries, toFloat));

const exactVector = (entries: Rational[]): ExactVector =>
  entries.map((entry) => {
    const { p, q } = reduced(entry);
    return q === 1n ? p : `${p}/${q}`;
  });

const exactMatrix = (rows: Rational[][], columns: number): ExactMatrix =>
  rows.length === 0 ? zeros([0, columns]) : rows.map(exactVector);
