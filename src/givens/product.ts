// A product of rotations as users give it: planes, angles, and perhaps a signed permutation.
import { tensor } from '../core/create.js';
import { describe } from '../core/describe.js';
import { dtypeOf } from '../core/dtype.js';
import { ArgumentError, DTypeError, ShapeError } from '../core/errors.js';
import { viewName } from '../core/kind.js';
import { show } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import { checkFloat } from '../linalg/stack.js';
import type { Indices, Rotations } from '../linalg/structured/givens.js';

/** G_1 … G_N P: a factorization, or planes and angles with or without P. */
export interface Product extends Rotations {
  /** i32 [d]: P[permutation[c], c] = signs[c]; together with signs. */
  permutation?: Indices;
  /** [d], 1 or -1. */
  signs?: Tensor | Float64Array | Float32Array | readonly number[];
  /** The number of rows, which a factorization knows. */
  d?: number;
}

/** A product whose arguments have been checked, as tensors. */
export interface CheckedProduct {
  readonly pairs: Tensor;
  readonly angles: Tensor;
  /** The permutation, signs, and the inverse permutation; or nothing. */
  readonly order: readonly Tensor[];
  /** Disposes what was made for this call. */
  release(): void;
}

/** Checks a product for d rows, which `what` has. */
export function productOf(name: string, f: Product, d: number, what: string): CheckedProduct {
  if (f.d !== undefined && f.d !== d)
    throw new ShapeError(`${name}: ${what} does not fit a factorization of ${describe(f.d)} rows`);
  const made: Tensor[] = [];
  const own = (x: Tensor): Tensor => {
    made.push(x);
    return x;
  };
  const release = (): void => {
    for (const x of made) x.dispose();
  };
  try {
    const angles = anglesOf(name, f.angles, own);
    const pairs = own(tensor(planesOf(name, f, angles.size, d), { shape: [angles.size, 2] }));
    return { pairs, angles, order: orderOf(name, f, d, own), release };
  } catch (error) {
    release();
    throw error;
  }
}

/** The planes as pairs (i, j): all indices from 0 to d - 1, and those of a plane different. */
function planesOf(name: string, f: Rotations, count: number, d: number): Int32Array {
  const [i, j] = [integersOf(name, 'i', f.i), integersOf(name, 'j', f.j)];
  if (i.length !== count || j.length !== count) {
    throw new ShapeError(
      `${name}: i, j and angles must have one length, got ${i.length}, ${j.length} and ${count}`,
    );
  }
  const pairs = new Int32Array(2 * count);
  for (let t = 0; t < count; t++) {
    const [p, q] = [i[t], j[t]];
    if (!(p >= 0 && p < d && q >= 0 && q < d && p !== q && Number.isInteger(p) && Number.isInteger(q)))
      throw planeError(name, t, p, q, d);
    pairs[2 * t] = p;
    pairs[2 * t + 1] = q;
  }
  return pairs;
}

function planeError(name: string, t: number, p: number, q: number, d: number): ArgumentError {
  const isRow = (index: number): boolean => Number.isInteger(index) && index >= 0 && index < d;
  if (isRow(p) && p === q)
    return new ArgumentError(`${name}: i[${t}] and j[${t}] must differ, a plane has two axes; both are ${p}`);
  const [argument, index] = isRow(p) ? ['j', q] : ['i', p];
  return new ArgumentError(
    `${name}: ${argument}[${t}] must be an integer from 0 to ${d - 1}, got ${describe(index)}`,
  );
}

function integersOf(name: string, argument: string, x: unknown): ArrayLike<number> {
  if (x instanceof Tensor) {
    if (x.dtype !== 'i32') throw new DTypeError(`${name}: ${argument} must be i32, got ${x.dtype}`);
    return vectorOf(name, argument, x).data();
  }
  if (viewName(x) === 'Int32Array' || Array.isArray(x)) return x as ArrayLike<number>;
  throw new ArgumentError(
    `${name}: ${argument} must be an i32 tensor, an Int32Array or an array, got ${describe(x)}`,
  );
}

function anglesOf(name: string, x: unknown, own: (x: Tensor) => Tensor): Tensor {
  if (x instanceof Tensor) return vectorOf(name, 'angles', checkFloat(name, 'angles', x));
  return own(tensor(numbersOf(name, 'angles', x)));
}

function numbersOf(name: string, argument: string, x: unknown): Float64Array {
  const dtype = dtypeOf(x);
  if (dtype === 'f64' || dtype === 'f32') return Float64Array.from(x as Float64Array);
  if (Array.isArray(x) && x.every((number) => typeof number === 'number')) return Float64Array.from(x);
  throw new ArgumentError(
    `${name}: ${argument} must be a tensor of f64 or f32, a float array or numbers, got ${describe(x)}`,
  );
}

function vectorOf(name: string, argument: string, x: Tensor): Tensor {
  if (x.ndim !== 1)
    throw new ShapeError(`${name}: ${argument} must have one axis, got shape ${show(x.shape)}`);
  return x;
}

/** Permutation, signs in f64, and the inverse permutation; or nothing where P is the identity. */
function orderOf(name: string, f: Product, d: number, own: (x: Tensor) => Tensor): Tensor[] {
  if (f.permutation === undefined && f.signs === undefined) return [];
  if (f.permutation === undefined || f.signs === undefined)
    throw new ArgumentError(`${name}: permutation and signs belong together, got one of them`);
  const permutation = integersOf(name, 'permutation', f.permutation);
  const signs =
    f.signs instanceof Tensor
      ? vectorOf(name, 'signs', checkFloat(name, 'signs', f.signs)).data()
      : numbersOf(name, 'signs', f.signs);
  for (const [argument, { length }] of [
    ['permutation', permutation],
    ['signs', signs],
  ] as const) {
    if (length !== d)
      throw new ShapeError(`${name}: ${argument} must have ${d} entries, one a row, got ${length}`);
  }
  const places = new Int32Array(d).fill(-1);
  for (let c = 0; c < d; c++) {
    const row = permutation[c];
    if (!(Number.isInteger(row) && row >= 0 && row < d) || places[row] >= 0)
      throw new ArgumentError(
        `${name}: permutation must have each of the numbers from 0 to ${d - 1} once, got ${describe(row)} at position ${c}`,
      );
    if (Math.abs(signs[c]) !== 1)
      throw new ArgumentError(`${name}: signs must be 1 or -1, got ${signs[c]} at position ${c}`);
    places[row] = c;
  }
  return [
    own(tensor(Int32Array.from(permutation))),
    own(tensor(Float64Array.from(signs))),
    own(tensor(places)),
  ];
}

/** The number of rows of a product, its own or the one that is given. */
export function rowsOf(name: string, f: Product, d: unknown): number {
  if (d !== undefined && f.d !== undefined && d !== f.d)
    throw new ArgumentError(`${name}: d must be that of the factorization, ${f.d}, got ${describe(d)}`);
  const rows = d ?? f.d ?? (f.permutation instanceof Tensor ? f.permutation.size : f.permutation?.length);
  if (!Number.isInteger(rows) || (rows as number) < 0)
    throw new ArgumentError(
      `${name}: d, the number of rows, must be a whole number of at least 0, got ${describe(rows)}`,
    );
  return rows as number;
}
