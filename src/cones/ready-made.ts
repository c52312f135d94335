// Matrices of cones that are used often: {x | A x <= 0}, f64.

import { checkArray, checkCount, checkFlag, checkObject } from '../core/check.js';
import { describe } from '../core/describe.js';
import { ArgumentError } from '../core/errors.js';
import { checkOptions, type OptionNames } from '../core/options.js';
import { allocate, type Tensor } from '../core/tensor.js';

/** Options of `monotone`. */
export interface MonotoneOptions {
  /** x_0 >= x_1 >= … in place of <=; default false. */
  decreasing?: boolean;
  /** All x_i >= 0 as well, by one more row for the least entry; default false. */
  nonnegative?: boolean;
}

const MONOTONE_OPTIONS: OptionNames<MonotoneOptions> = { decreasing: true, nonnegative: true };

/** A matrix [m, d] of entries (row, column, value); the others are 0. */
function matrixOf(m: number, d: number, entries: Iterable<readonly [number, number, number]>): Tensor {
  const matrix = allocate([m, d], 'f64');
  const data = matrix.data().fill(0);
  for (const [row, column, value] of entries) data[row * d + column] = value;
  return matrix;
}

/**
 * Vectors in ascending order, x_0 <= x_1 <= … : rows x_i - x_{i+1} <= 0.
 * @param d length of x, at least 1.
 * @returns f64 [d - 1, d], or [d, d] with `nonnegative`.
 * @throws ArgumentError for a `d` that is no whole number of at least 1.
 * @example
 * cones.monotone(3); // [[1, -1, 0], [0, 1, -1]]
 */
export function monotone(d: number, options: MonotoneOptions = {}): Tensor {
  checkCount('monotone', 'd', d, 1);
  checkOptions('monotone', options, MONOTONE_OPTIONS);
  const { decreasing = false, nonnegative = false } = options;
  checkFlag('monotone', 'decreasing', decreasing);
  checkFlag('monotone', 'nonnegative', nonnegative);
  const sign = decreasing ? -1 : 1;
  const entries: [number, number, number][] = [];
  for (let i = 0; i + 1 < d; i++) entries.push([i, i, sign], [i, i + 1, -sign]);
  if (nonnegative) entries.push([d - 1, decreasing ? d - 1 : 0, -1]);
  return matrixOf(nonnegative ? d : d - 1, d, entries);
}

/**
 * Samples of a convex function at equal distances: rows -x_{i-1} + 2 x_i - x_{i+1} <= 0.
 * @param d length of x, at least 1; with less than 3 samples there is no row.
 * @returns f64 [max(d - 2, 0), d].
 * @throws ArgumentError for a `d` that is no whole number of at least 1.
 * @example
 * cones.convex(4); // [[-1, 2, -1, 0], [0, -1, 2, -1]]
 */
export function convex(d: number): Tensor {
  checkCount('convex', 'd', d, 1);
  const entries: [number, number, number][] = [];
  for (let i = 0; i + 2 < d; i++) entries.push([i, i, -1], [i, i + 1, 2], [i, i + 2, -1]);
  return matrixOf(Math.max(d - 2, 0), d, entries);
}

/**
 * Images whose tiles have sums of alternating sign: the sum over tile (r, c) is <= 0 if r + c is even, and >= 0 if it is odd.
 * Source: the checkerboard of Frerix, Nießner and Cremers, CVPR Workshops (2020), section 4.
 * @param options `tiles`: [rows, columns] of tiles; they divide height and width.
 * @returns f64 [rows columns, height width]; pixels and tiles are row-major.
 * @throws ArgumentError for sizes that are no whole numbers of at least 1, and for tiles that do not divide the image.
 * @example
 * cones.checkerboard(28, 28, { tiles: [4, 4] }); // [16, 784]
 */
export function checkerboard(height: number, width: number, options: { tiles: [number, number] }): Tensor {
  checkCount('checkerboard', 'height', height, 1);
  checkCount('checkerboard', 'width', width, 1);
  checkObject('checkerboard', 'options', options);
  checkOptions('checkerboard', options, { tiles: true });
  const { tiles } = options;
  checkArray('checkerboard', 'tiles', tiles);
  if (tiles.length !== 2)
    throw new ArgumentError(
      `checkerboard: tiles must be [rows, columns], got an array of length ${tiles.length}`,
    );
  const [rows, columns] = tiles;
  checkCount('checkerboard', 'tiles[0]', rows, 1);
  checkCount('checkerboard', 'tiles[1]', columns, 1);
  if (height % rows !== 0 || width % columns !== 0)
    throw new ArgumentError(
      `checkerboard: tiles must divide the image, got ${rows} x ${columns} tiles for ${height} x ${width}`,
    );
  const entries: [number, number, number][] = [];
  for (let i = 0; i < height; i++) {
    const r = Math.floor((i * rows) / height);
    for (let j = 0; j < width; j++) {
      const c = Math.floor((j * columns) / width);
      entries.push([r * columns + c, i * width + j, (r + c) % 2 === 0 ? 1 : -1]);
    }
  }
  return matrixOf(rows * columns, height * width, entries);
}

/**
 * Signs of entries: x_i >= 0 where pattern[i] > 0, x_i <= 0 where it is < 0, free where it is 0.
 * @returns f64, a row for each entry that is not free: [m, pattern.length].
 * @throws ArgumentError for a pattern that is no array of numbers, or empty, or has NaN.
 * @example
 * cones.signs([1, 0, -1]); // [[-1, 0, 0], [0, 0, 1]]
 */
export function signs(pattern: readonly number[]): Tensor {
  checkArray('signs', 'pattern', pattern);
  if (pattern.length === 0) throw new ArgumentError('signs: pattern must not be empty');
  const entries: [number, number, number][] = [];
  pattern.forEach((sign, i) => {
    if (typeof sign !== 'number' || Number.isNaN(sign))
      throw new ArgumentError(`signs: pattern[${i}] must be a number, got ${describe(sign)}`);
    if (sign !== 0) entries.push([entries.length, i, sign > 0 ? -1 : 1]);
  });
  return matrixOf(entries.length, pattern.length, entries);
}
