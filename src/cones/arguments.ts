// The arguments of enumerations: matrices and vectors of numbers, or with exact arithmetic also of bigints and fractions, and options.
import {
  checkBetween,
  checkFlag,
  checkFunction,
  checkLimit,
  checkObject,
  checkOneOf,
} from '../core/check.js';
import { describe } from '../core/describe.js';
import { ArgumentError, ShapeError } from '../core/errors.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import { show } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import { checkFloat } from '../linalg/stack.js';
import { untraced } from '../ops/untraced.js';
import type { EnumerationOptions, RowOrder } from './problem.js';

/** A number of a matrix; with `exact: true` also a bigint, or a fraction or decimal as a string: '1/3', '-0.25'. */
export type Entry = number | bigint | string;

/** A matrix [m, d]: a tensor, or an array of rows. */
export type MatrixLike = Tensor | readonly (readonly Entry[])[];

/** A vector [m]: a tensor, or an array. */
export type VectorLike = Tensor | readonly Entry[];

/** A matrix that has been checked. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  /** Its numbers, row-major, in a view that is valid until the next allocation; NaN for bigints and strings. */
  numbers(): ArrayLike<number>;
  /** An entry as it was given. */
  entry(row: number, column: number): Entry;
}

/** Options with their defaults filled in. */
export interface Settings {
  readonly exact: boolean | 'verified';
  readonly tolerance: number;
  readonly order: RowOrder;
  readonly maxRays: number;
  readonly onProgress?: EnumerationOptions['onProgress'];
}

/** The names of the options of all enumerations. */
export const ENUMERATION_OPTIONS: OptionNames<EnumerationOptions> = {
  exact: true,
  tolerance: true,
  order: true,
  maxRays: true,
  onProgress: true,
};

const ORDERS: readonly RowOrder[] = ['lexmin', 'maxcutoff', 'fewest', 'input'];

/** Checks the options of an enumeration, with those in `names` besides. */
export function settingsOf(
  name: string,
  options: EnumerationOptions,
  names: OptionNames = ENUMERATION_OPTIONS,
): Settings {
  checkOptions(name, options, names);
  const { exact = false, tolerance = 1e-9, order = 'lexmin', maxRays = 1e6, onProgress } = options;
  if (exact !== 'verified') {
    if (typeof exact === 'string') checkOneOf(name, 'exact', exact, ['verified']);
    checkFlag(name, 'exact', exact);
  }
  checkBetween(name, 'tolerance', tolerance, 0, 0.1);
  checkOneOf(name, 'order', order, ORDERS);
  checkLimit(name, 'maxRays', maxRays, 1);
  if (onProgress !== undefined) checkFunction(name, 'onProgress', onProgress);
  return { exact, tolerance, order, maxRays, onProgress };
}

/** A matrix [m, d] of finite numbers, or with `exact: true` of other entries too. */
export function matrixArgument(
  name: string,
  argument: string,
  value: unknown,
  exact: Settings['exact'],
): Matrix {
  if (value instanceof Tensor) return tensorMatrix(name, argument, value, 2);
  if (!Array.isArray(value))
    throw new ArgumentError(
      `${name}: ${argument} must be a tensor or an array of rows, got ${describe(value)}`,
    );
  if (value.length === 0 || !value.every(Array.isArray)) {
    throw new ShapeError(
      `${name}: ${argument} must be a matrix, got ${describe(value)}${value.length === 0 ? ' (zeros([0, d]) has no rows, but a width)' : ''}`,
    );
  }
  const columns = value[0].length;
  value.forEach((row: unknown[], i) => {
    if (row.length !== columns) {
      throw new ShapeError(
        `${name}: ${argument} must have rows of one length, got ${columns} and, in row ${i}, ${row.length}`,
      );
    }
  });
  return listMatrix(name, argument, value.flat(), value.length, columns, exact, (k) =>
    columns === 0 ? argument : `${argument}[${Math.floor(k / columns)}][${k % columns}]`,
  );
}

/** A vector [m] as a matrix [m, 1], of the length that is wanted. */
export function vectorArgument(
  name: string,
  argument: string,
  value: unknown,
  length: number,
  exact: Settings['exact'],
): Matrix {
  let vector: Matrix;
  if (value instanceof Tensor) vector = tensorMatrix(name, argument, value, 1);
  else if (!Array.isArray(value))
    throw new ArgumentError(`${name}: ${argument} must be a tensor or an array, got ${describe(value)}`);
  else {
    if (value.some(Array.isArray))
      throw new ShapeError(`${name}: ${argument} must be a vector, got ${describe(value)}`);
    vector = listMatrix(name, argument, value, value.length, 1, exact, (k) => `${argument}[${k}]`);
  }
  if (vector.rows !== length)
    throw new ShapeError(`${name}: ${argument} must have ${length} entries, one a row, got ${vector.rows}`);
  return vector;
}

/** Some rows of a matrix without bigints and strings. */
export function takeRows(matrix: Matrix, rows: readonly number[]): Matrix {
  const { columns } = matrix;
  const from = matrix.numbers();
  const numbers = new Float64Array(rows.length * columns);
  rows.forEach((row, i) => {
    for (let j = 0; j < columns; j++) numbers[i * columns + j] = from[row * columns + j];
  });
  return matrixOf(numbers, rows.length, columns);
}

/** A matrix of numbers. */
export function matrixOf(numbers: Float64Array, rows: number, columns: number): Matrix {
  const entry = (row: number, column: number) => numbers[row * columns + column];
  return { rows, columns, numbers: () => numbers, entry };
}

/** A tensor of our own as a matrix. */
export function tensorRows(x: Tensor): Matrix {
  const [rows, columns] = x.shape;
  const entry = (row: number, column: number) => x.data()[row * columns + column];
  return { rows, columns, numbers: () => x.data(), entry };
}

/** Which rows of a matrix of numbers are zero. */
export function zeroRows({ rows, columns, numbers }: Matrix): boolean[] {
  const list = numbers();
  const zero: boolean[] = [];
  for (let i = 0, k = 0; i < rows; i++) {
    const end = k + columns;
    while (k < end && list[k] === 0) k++;
    zero.push(k === end);
    k = end;
  }
  return zero;
}

/** Throws unless a matrix has the width of another one. */
export function checkWidth(name: string, argument: string, { columns }: Matrix, wanted: number): void {
  if (columns !== wanted)
    throw new ShapeError(`${name}: ${argument} must have rows of ${wanted} entries, got ${columns}`);
}

/** The matrix of equalities E x = 0. */
export function linearEqualities(
  name: string,
  value: unknown,
  columns: number,
  exact: Settings['exact'],
): Matrix | undefined {
  if (value === undefined) return undefined;
  const E = matrixArgument(name, 'equalities', value, exact);
  checkWidth(name, 'equalities', E, columns);
  return E;
}

/** The matrix and right-hand side of equalities { A, b }. */
export function equalitiesArgument(
  name: string,
  value: unknown,
  columns: number,
  exact: Settings['exact'],
): { A: Matrix; b: Matrix } | undefined {
  if (value === undefined) return undefined;
  checkObject(name, 'equalities', value);
  checkOptions(name, value, { A: true, b: true }, 'equalities');
  const given = value as { A?: unknown; b?: unknown };
  const A = matrixArgument(name, 'equalities.A', given.A, exact);
  checkWidth(name, 'equalities.A', A, columns);
  return { A, b: vectorArgument(name, 'equalities.b', given.b, A.rows, exact) };
}

function tensorMatrix(name: string, argument: string, x: Tensor, ndim: 1 | 2): Matrix {
  untraced(name, argument, x);
  const { shape } = checkFloat(name, argument, x);
  if (shape.length !== ndim) {
    throw new ShapeError(
      `${name}: ${argument} must be a ${ndim === 1 ? 'vector' : 'matrix'}, got shape ${show(shape)}`,
    );
  }
  const list = x.data();
  for (let k = 0; k < list.length; k++) {
    if (!Number.isFinite(list[k])) throw notFinite(name, argument, k, list[k]);
  }
  const [rows, columns = 1] = shape;
  const entry = (row: number, column: number) => x.data()[row * columns + column];
  return { rows, columns, numbers: () => x.data(), entry };
}

function listMatrix(
  name: string,
  argument: string,
  list: readonly unknown[],
  rows: number,
  columns: number,
  exact: Settings['exact'],
  place: (k: number) => string,
): Matrix {
  const numbers = new Float64Array(list.length);
  list.forEach((value, k) => {
    if (typeof value === 'number') {
      if (!Number.isFinite(value)) throw notFinite(name, argument, k, value);
      numbers[k] = value;
    } else if (typeof value === 'bigint' || typeof value === 'string') {
      if (exact !== true) {
        throw new ArgumentError(
          `${name}: ${place(k)} must be a number, got ${describe(value)} (exact: true takes bigints and fractions)`,
        );
      }
      numbers[k] = Number.NaN;
    } else throw new ArgumentError(`${name}: ${place(k)} must be a number, got ${describe(value)}`);
  });
  const entry = (row: number, column: number) => list[row * columns + column] as Entry;
  return { rows, columns, numbers: () => numbers, entry };
}

function notFinite(name: string, argument: string, k: number, value: number): ArgumentError {
  return new ArgumentError(`${name}: ${argument} must have finite entries, got ${value} at position ${k}`);
}
