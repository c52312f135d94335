// Plane rotations as users give them: planes, angles, and perhaps a signed permutation.
import { describe } from './describe.js';
import { dtypeOf } from './dtype.js';
import { ArgumentError, DTypeError, ShapeError } from './errors.js';
import { viewName } from './kind.js';
import { show } from './shape.js';
import { Tensor } from './tensor.js';

/** Integers that number rows or columns. */
export type Indices = Int32Array | readonly number[] | Tensor;

/** Floating-point numbers. */
export type Numbers = Tensor | Float64Array | Float32Array | readonly number[];

/** A signed permutation, P[permutation[c], c] = signs[c], and its inverse: places[permutation[c]] = c. */
export interface SignedPermutation {
  readonly permutation: Int32Array;
  readonly signs: Float64Array;
  readonly places: Int32Array;
}

/** `count` planes of d axes as pairs (i, j), one after the other: all indices from 0 to d - 1, and those of a plane different. */
export function readPlanes(name: string, i: unknown, j: unknown, count: number, d: number): Int32Array {
  const [first, second] = [readIntegers(name, 'i', i), readIntegers(name, 'j', j)];
  if (first.length !== count || second.length !== count) {
    throw new ShapeError(
      `${name}: i, j and angles must have one length, got ${first.length}, ${second.length} and ${count}`,
    );
  }
  const pairs = new Int32Array(2 * count);
  for (let t = 0; t < count; t++) {
    const [p, q] = [first[t], second[t]];
    if (!(p >= 0 && p < d && q >= 0 && q < d && p !== q && Number.isInteger(p) && Number.isInteger(q)))
      throw planeError(name, t, p, q, d);
    pairs[2 * t] = p;
    pairs[2 * t + 1] = q;
  }
  return pairs;
}

/** What is wrong with the plane (p, q) at position t. */
export function planeError(name: string, t: number, p: number, q: number, d: number): ArgumentError {
  const isRow = (index: number): boolean => Number.isInteger(index) && index >= 0 && index < d;
  if (isRow(p) && p === q)
    return new ArgumentError(`${name}: i[${t}] and j[${t}] must differ, a plane has two axes; both are ${p}`);
  const [argument, index] = isRow(p) ? ['j', q] : ['i', p];
  return new ArgumentError(
    `${name}: ${argument}[${t}] must be an integer from 0 to ${d - 1}, got ${describe(index)}`,
  );
}

/** Integers that are read now. */
export function readIntegers(name: string, argument: string, x: unknown): ArrayLike<number> {
  if (x instanceof Tensor) {
    if (x.dtype !== 'i32') throw new DTypeError(`${name}: ${argument} must be i32, got ${x.dtype}`);
    return checkVector(name, argument, x).data();
  }
  if (viewName(x) === 'Int32Array' || Array.isArray(x)) return x as ArrayLike<number>;
  throw new ArgumentError(
    `${name}: ${argument} must be an i32 tensor, an Int32Array or an array, got ${describe(x)}`,
  );
}

/** A vector of numbers that are read now. */
export function readNumbers(name: string, argument: string, x: unknown): Float64Array {
  if (x instanceof Tensor) {
    if (x.dtype === 'i32')
      throw new DTypeError(`${name}: ${argument} must be f64 or f32, got i32 (convert with astype)`);
    return new Float64Array(checkVector(name, argument, x).data());
  }
  const dtype = dtypeOf(x);
  if (dtype === 'f64' || dtype === 'f32') return new Float64Array(x as Float64Array);
  if (Array.isArray(x) && x.every((number) => typeof number === 'number')) return Float64Array.from(x);
  throw new ArgumentError(
    `${name}: ${argument} must be a tensor of f64 or f32, a float array or numbers, got ${describe(x)}`,
  );
}

/** A tensor with one axis. */
export function checkVector(name: string, argument: string, x: Tensor): Tensor {
  if (x.ndim !== 1)
    throw new ShapeError(`${name}: ${argument} must have one axis, got shape ${show(x.shape)}`);
  return x;
}

/** A signed permutation of d rows; undefined where neither part is given, which is the identity. */
export function readSignedPermutation(
  name: string,
  permutation: unknown,
  signs: unknown,
  d: number,
): SignedPermutation | undefined {
  if (permutation === undefined && signs === undefined) return undefined;
  if (permutation === undefined || signs === undefined)
    throw new ArgumentError(`${name}: permutation and signs belong together, got one of them`);
  const order = readIntegers(name, 'permutation', permutation);
  const factors = readNumbers(name, 'signs', signs);
  for (const [argument, { length }] of [
    ['permutation', order],
    ['signs', factors],
  ] as const) {
    if (length !== d)
      throw new ShapeError(`${name}: ${argument} must have ${d} entries, one a row, got ${length}`);
  }
  const places = new Int32Array(d).fill(-1);
  for (let c = 0; c < d; c++) {
    const row = order[c];
    if (!(Number.isInteger(row) && row >= 0 && row < d) || places[row] >= 0)
      throw new ArgumentError(
        `${name}: permutation must have each of the numbers from 0 to ${d - 1} once, got ${describe(row)} at position ${c}`,
      );
    if (Math.abs(factors[c]) !== 1)
      throw new ArgumentError(`${name}: signs must be 1 or -1, got ${factors[c]} at position ${c}`);
    places[row] = c;
  }
  return { permutation: new Int32Array(order), signs: factors, places };
}
