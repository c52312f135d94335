// [c s; -s c] [a; b] = [r; 0]: plane rotations, computed without overflow and applied in long sequences.

import { tensor } from '../../core/create.js';
import { describe } from '../../core/describe.js';
import { dtypeOf } from '../../core/dtype.js';
import { ArgumentError, DTypeError, ShapeError } from '../../core/errors.js';
import { viewName } from '../../core/kind.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { show } from '../../core/shape.js';
import { Tensor } from '../../core/tensor.js';
import { checkFloat } from '../stack.js';
import { applyRotations } from './rotations.js';

/** The smallest normal number, and its reciprocal. */
const SAFE_MINIMUM = 2 ** -1022;
const SAFE_MAXIMUM = 2 ** 1022;
/** Between these bounds, squares and their sum neither overflow nor underflow. */
const ROOT_MINIMUM = 2 ** -511;
const ROOT_MAXIMUM = Math.sqrt(SAFE_MAXIMUM / 2);

/** A plane rotation [c s; -s c] and the resulting length r. */
export interface Givens {
  c: number;
  s: number;
  r: number;
}

/**
 * The plane rotation that makes b zero: [c s; -s c] [a; b] = [r; 0], c² + s² = 1, without overflow or underflow.
 * LAPACK's conventions since 3.10: c >= 0, r has the sign of a; b = 0 gives c = 1, s = 0, r = a; otherwise a = 0 gives
 * c = 0, s = ±1, r = |b|. NaN beside a number other than 0, and Infinity beside one, give NaN in c and s.
 * Source: Anderson, Algorithm 978: Safe Scaling in the Level 1 BLAS, ACM TOMS 44 (2017), section 4.
 * @example
 * givens(3, 4); // { c: 0.6, s: 0.8, r: 5 }
 */
export function givens(a: number, b: number): Givens {
  if (typeof a !== 'number' || typeof b !== 'number')
    throw new ArgumentError(`givens: a and b must be numbers, got ${describe(a)} and ${describe(b)}`);
  if (b === 0) return { c: 1, s: 0, r: a };
  if (a === 0) return { c: 0, s: Math.sign(b), r: Math.abs(b) };
  const [largeA, largeB] = [Math.abs(a), Math.abs(b)];
  if (largeA > ROOT_MINIMUM && largeA < ROOT_MAXIMUM && largeB > ROOT_MINIMUM && largeB < ROOT_MAXIMUM) {
    const length = Math.sqrt(a * a + b * b);
    const r = a < 0 ? -length : length;
    return { c: largeA / length, s: b / r, r };
  }
  const unit = Math.min(SAFE_MAXIMUM, Math.max(SAFE_MINIMUM, largeA, largeB));
  const [x, y] = [a / unit, b / unit];
  const length = Math.sqrt(x * x + y * y);
  const r = a < 0 ? -length : length;
  return { c: Math.abs(x) / length, s: y / r, r: r * unit };
}

/** Integers that number rows or columns. */
export type Indices = Int32Array | readonly number[] | Tensor;

/**
 * A sequence of rotations: factor t rotates the plane of axes i[t] and j[t] by angles[t]. All three have the same
 * length.
 */
export interface Rotations {
  /** First axis of each plane: i32 tensor [N], Int32Array, or integers. */
  i: Indices;
  /** Second axis of each plane, never the same as the first. */
  j: Indices;
  /** Angles in radians: tensor [N] of f64 or f32, typed array, or numbers. */
  angles: Tensor | Float64Array | Float32Array | readonly number[];
}

/** Options of `applyGivens`. */
export interface ApplyGivensOptions {
  /** Apply Gᵀ, which is G⁻¹; default false. */
  transpose?: boolean;
  /** 'left' (default): G x, on rows; 'right': x G, on columns. */
  side?: 'left' | 'right';
}

const APPLY_GIVENS_OPTIONS: OptionNames<ApplyGivensOptions> = { transpose: true, side: true };

/**
 * G x, Gᵀ x, x G or x Gᵀ for G = G_1 G_2 … G_N, where G_t is the identity except for g_ii = g_jj = cos α, g_ij = sin α
 * and g_ji = -sin α with i = i[t], j = j[t], α = angles[t]. O(1) operations per factor and column; x is not changed. x:
 * a vector [n], a matrix [n, m] (side 'right': [m, n]) or a stack of matrices; f64 or f32.
 * Derivatives in x and in the angles, of any order, also take O(1) operations per factor and column, forward and
 * backward.
 * @throws ArgumentError for an index outside 0 … n - 1 or i = j, ShapeError for different lengths, DTypeError.
 * @example
 * applyGivens(tensor([1, 0]), { i: [0], j: [1], angles: [Math.PI / 2] }); // [0, -1]
 */
export function applyGivens(x: Tensor, rotations: Rotations, options: ApplyGivensOptions = {}): Tensor {
  checkOptions('applyGivens', options, APPLY_GIVENS_OPTIONS);
  const { transpose = false, side = 'left' } = options;
  if (side !== 'left' && side !== 'right')
    throw new ArgumentError(`applyGivens: side must be 'left' or 'right', got ${describe(side)}`);
  const { shape } = checkFloat('applyGivens', 'x', x);
  if (shape.length === 0)
    throw new ShapeError('applyGivens: x must have at least one axis, got a scalar (shape [])');
  const left = side === 'left';
  // A vector is a column on the left and a row on the right: n elements either way.
  const n = shape.length === 1 || !left ? shape[shape.length - 1] : shape[shape.length - 2];
  const { pairs, angles } = checkRotations(rotations, n);
  const made: Tensor[] = [];
  try {
    made.push(tensor(pairs, { shape: [angles instanceof Tensor ? angles.size : angles.length, 2] }));
    if (!(angles instanceof Tensor)) made.push(tensor(angles));
    const turned = angles instanceof Tensor ? angles : made[1];
    // Rotating the columns of x by G is rotating the rows of xᵀ by Gᵀ.
    return applyRotations({ left, inverse: transpose === left }, x, turned, made[0]);
  } finally {
    for (const t of made) t.dispose();
  }
}

/** The planes as pairs (i, j), with every index checked to be in 0 … n - 1, and the angles. */
function checkRotations(
  rotations: Rotations,
  n: number,
): { pairs: Int32Array; angles: Tensor | Float64Array } {
  if (typeof rotations !== 'object' || rotations === null)
    throw new ArgumentError(`applyGivens: rotations must be { i, j, angles }, got ${describe(rotations)}`);
  const i = integers('i', rotations.i);
  const j = integers('j', rotations.j);
  const angles = anglesOf(rotations.angles);
  const count = angles instanceof Tensor ? angles.size : angles.length;
  if (i.length !== j.length || i.length !== count) {
    throw new ShapeError(
      `applyGivens: i, j and angles must have one length, got ${i.length}, ${j.length} and ${count}`,
    );
  }
  const pairs = new Int32Array(2 * i.length);
  for (let t = 0; t < i.length; t++) {
    for (const [argument, index] of [
      ['i', i[t]],
      ['j', j[t]],
    ] as const) {
      if (!Number.isInteger(index) || index < 0 || index >= n)
        throw new ArgumentError(
          `applyGivens: ${argument}[${t}] must be an integer from 0 to ${n - 1}, got ${index}`,
        );
    }
    if (i[t] === j[t])
      throw new ArgumentError(
        `applyGivens: i[${t}] and j[${t}] must differ, a plane has two axes; both are ${i[t]}`,
      );
    pairs[2 * t] = i[t];
    pairs[2 * t + 1] = j[t];
  }
  return { pairs, angles };
}

function integers(argument: string, x: unknown): ArrayLike<number> {
  if (x instanceof Tensor) {
    if (x.dtype !== 'i32') throw new DTypeError(`applyGivens: ${argument} must be i32, got ${x.dtype}`);
    return vectorOf(argument, x).data();
  }
  if (viewName(x) === 'Int32Array' || Array.isArray(x)) return x as ArrayLike<number>;
  throw new ArgumentError(
    `applyGivens: ${argument} must be an i32 tensor, an Int32Array or an array, got ${describe(x)}`,
  );
}

function anglesOf(x: unknown): Tensor | Float64Array {
  if (x instanceof Tensor) return vectorOf('angles', checkFloat('applyGivens', 'angles', x));
  const dtype = dtypeOf(x);
  if (dtype === 'f64' || dtype === 'f32') return Float64Array.from(x as Float64Array);
  if (Array.isArray(x) && x.every((angle) => typeof angle === 'number')) return Float64Array.from(x);
  throw new ArgumentError(
    `applyGivens: angles must be a tensor of f64 or f32, a float array or numbers, got ${describe(x)}`,
  );
}

function vectorOf(argument: string, x: Tensor): Tensor {
  if (x.ndim !== 1)
    throw new ShapeError(`applyGivens: ${argument} must have one axis, got shape ${show(x.shape)}`);
  return x;
}
