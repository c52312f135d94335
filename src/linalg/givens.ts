// [c s; -s c] [a; b] = [r; 0]: plane rotations, made without overflow and applied in long sequences.
import { typedArray } from '../core/dtype.js';
import { ArgumentError, DTypeError, ShapeError } from '../core/errors.js';
import { runtime, withWorkspace } from '../core/runtime.js';
import { show, sizeOf } from '../core/shape.js';
import { allocate, Tensor } from '../core/tensor.js';
import type { RotateArguments } from '../core/threads/parallel.js';
import { blas } from '../generated/blas.js';
import { checkFloat, type Float } from './stack.js';

/** Below this many pairs of a rotation and a column, waking threads costs more than they save. */
const WORTH_THREADS = 2 ** 20;
/** The smallest normal number, and its reciprocal. */
const SAFE_MINIMUM = 2 ** -1022;
const SAFE_MAXIMUM = 2 ** 1022;
/** Between these, squares and their sum neither overflow nor underflow. */
const ROOT_MINIMUM = 2 ** -511;
const ROOT_MAXIMUM = Math.sqrt(SAFE_MAXIMUM / 2);

/** A plane rotation [c s; -s c] and the length r that it leaves. */
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
    throw new ArgumentError(`givens: a and b must be numbers, got ${String(a)} and ${String(b)}`);
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

/** A sequence of rotations: factor t turns the plane of axes i[t] and j[t] by angles[t]. All three have one length. */
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

/**
 * G x, Gᵀ x, x G or x Gᵀ for G = G_1 G_2 … G_N, where G_t is the identity but for g_ii = g_jj = cos α, g_ij = sin α and
 * g_ji = -sin α with i = i[t], j = j[t], α = angles[t]. O(1) operations per factor and column; x is not changed.
 * x: a vector [n], a matrix [n, m] (side 'right': [m, n]) or a stack of matrices; f64 or f32.
 * @throws ArgumentError for an index outside 0 … n - 1 or i = j, ShapeError where lengths differ, DTypeError.
 * @example
 * applyGivens(tensor([1, 0]), { i: [0], j: [1], angles: [Math.PI / 2] }); // [0, -1]
 */
export function applyGivens(x: Tensor, rotations: Rotations, options: ApplyGivensOptions = {}): Tensor {
  const { transpose = false, side = 'left' } = options;
  if (side !== 'left' && side !== 'right')
    throw new ArgumentError(`applyGivens: side must be 'left' or 'right', got ${String(side)}`);
  const { dtype, shape } = checkFloat('applyGivens', 'x', x) as Tensor & { dtype: Float };
  if (shape.length === 0)
    throw new ShapeError('applyGivens: x must have at least one axis, got a scalar (shape [])');
  const left = side === 'left';
  // A vector is a column on the left and a row on the right: one column of n elements either way.
  const [rows, columns] = shape.length === 1 ? (left ? [shape[0], 1] : [1, shape[0]]) : shape.slice(-2);
  const [n, m] = left ? [rows, columns] : [columns, rows];
  const { pairs, angles } = checkRotations(rotations, n);
  const count = angles.length;
  // What turns the columns of x by G turns the rows of xᵀ by Gᵀ.
  const inverse = transpose === left;
  const out = allocate(shape, dtype, 'applyGivens');
  if (out.size === 0) return out;
  const wide = dtype === 'f64' ? 8 : 4;
  const strip = blas.exports.rotate_work(n);
  const anglesAt = strip;
  const pairsAt = anglesAt + count * 2 * wide;
  try {
    withWorkspace(pairsAt + count * 8, 'applyGivens', (work) => {
      const { buffer } = runtime().memory;
      const table = typedArray(dtype, buffer, work + anglesAt, 2 * count);
      for (let t = 0; t < count; t++) {
        table[2 * t] = Math.cos(angles[t]);
        table[2 * t + 1] = inverse ? -Math.sin(angles[t]) : Math.sin(angles[t]);
      }
      typedArray('i32', buffer, work + pairsAt, 2 * count).set(pairs);
      const [rs, cs] = left ? [columns, 1] : [1, columns];
      const args: RotateArguments = [
        ...([sizeOf(shape.slice(0, -2)), n, m, count, work + pairsAt, work + anglesAt, !inverse] as const),
        ...([x.address, n * m, rs, cs, out.address, n * m, rs, cs, work] as const),
      ];
      const shared =
        (x.size / n) * count >= WORTH_THREADS && runtime().parallel?.rotate(dtype as Float, args);
      if (!shared) blas.exports[`rotate_${dtype}`](...args);
    });
  } catch (error) {
    out.dispose();
    throw error;
  }
  return out;
}

/** The planes as (i, j) one after the other, every index in 0 … n - 1, and the angles. */
function checkRotations(rotations: Rotations, n: number): { pairs: Int32Array; angles: ArrayLike<number> } {
  if (typeof rotations !== 'object' || rotations === null)
    throw new ArgumentError(`applyGivens: rotations must be { i, j, angles }, got ${String(rotations)}`);
  const i = integers('i', rotations.i);
  const j = integers('j', rotations.j);
  const angles = numbersOf(rotations.angles);
  if (i.length !== j.length || i.length !== angles.length) {
    throw new ShapeError(
      `applyGivens: i, j and angles must have one length, got ${i.length}, ${j.length} and ${angles.length}`,
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
    return vectorOf(argument, x);
  }
  if (x instanceof Int32Array || Array.isArray(x)) return x;
  throw new ArgumentError(
    `applyGivens: ${argument} must be an i32 tensor, an Int32Array or an array, got ${String(x)}`,
  );
}

function numbersOf(x: unknown): ArrayLike<number> {
  if (x instanceof Tensor) return vectorOf('angles', checkFloat('applyGivens', 'angles', x));
  if (x instanceof Float64Array || x instanceof Float32Array) return x;
  if (Array.isArray(x) && x.every((angle) => typeof angle === 'number')) return x;
  throw new ArgumentError(
    `applyGivens: angles must be a tensor of f64 or f32, a float array or numbers, got ${String(x)}`,
  );
}

/** A copy: the memory may move before it is used. */
function vectorOf(argument: string, x: Tensor): ArrayLike<number> {
  if (x.ndim !== 1)
    throw new ShapeError(`applyGivens: ${argument} must have one axis, got shape ${show(x.shape)}`);
  return x.toTypedArray();
}
