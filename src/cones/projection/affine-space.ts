// {x | E x = e} as origin + Nᵀ v: by QR with column pivoting of Eᵀ, with its rows at length 1.

import { eye, zeros } from '../../core/create.js';
import { ArgumentError } from '../../core/errors.js';
import { lengthOf } from '../../core/scalars.js';
import { scope } from '../../core/scope.js';
import { allocate, type Tensor } from '../../core/tensor.js';
import { maxAbs, view } from '../../linalg/blas/addresses.js';
import { qr } from '../../linalg/dense/qr.js';
import { transpose } from '../../ops/layout.js';
import { slice } from '../../ops/slice.js';

/** An affine space of R^d, with f64 tensors of the caller's. */
export interface AffineSpace {
  /** Its point nearest to 0, [d]. */
  origin: Tensor;
  /** Orthonormal rows: of the normals, [r, d], and of the directions, [d - r, d]. */
  normals: Tensor;
  directions: Tensor;
  /** Whether it is all of R^d; the directions are then the identity. */
  isWhole: boolean;
}

/** Relative to rows of length 1: a row this close to the span of others depends on them, and a value must fit this well. */
const DEPENDENT = 2 ** -49;
const FITS = 1e-9;

/**
 * The solutions of E x = e, f64 [k, d] and [k].
 * @throws ArgumentError where there are none.
 */
export function affineSpace(name: string, E: Tensor, e: Tensor): AffineSpace {
  const [k, d] = E.shape;
  return scope(() => {
    const { rows, sides } = unitRows(name, E, e);
    if (sides.length === 0)
      return { origin: zeros([d]), normals: zeros([0, d]), directions: eye(d), isWhole: true };
    const { q, r, p } = qr(transpose(rows), { pivot: true, mode: 'complete' });
    // Copies: memory may grow below.
    const [R, order, columns] = [r.toTypedArray(), p.toTypedArray(), sides.length];
    const most = Math.min(d, columns);
    let rank = 0;
    while (rank < most && Math.abs(R[rank * columns + rank]) > DEPENDENT * Math.max(k, d, 8)) rank++;
    const Q = transpose(q);
    const normals = slice(Q, [0, 0], [rank, d]);
    const directions = slice(Q, [rank, 0], [d, d]);
    const origin = allocate([d], 'f64', name);
    const x = view(origin).fill(0);
    const [rowsAt, N] = [view(rows), view(normals)];
    // Twice: the second pass is a step of refinement.
    for (let pass = 0; pass < 2; pass++) {
      const w = new Float64Array(rank);
      for (let i = 0; i < rank; i++) {
        let rest = residual(rowsAt, sides, order[i], x);
        for (let j = 0; j < i; j++) rest -= R[j * columns + i] * w[j];
        w[i] = rest / R[i * columns + i];
      }
      for (let i = 0; i < rank; i++) for (let j = 0; j < d; j++) x[j] += w[i] * N[i * d + j];
    }
    const size = lengthOf(x);
    for (let i = 0; i < columns; i++) {
      const rest = Math.abs(residual(rowsAt, sides, i, x));
      if (!(rest <= FITS * (Math.abs(sides[i]) + size)))
        throw new ArgumentError(
          `${name}: equalities must have a solution, but they contradict each other (the nearest point misses one by ${rest})`,
        );
    }
    return { origin, normals, directions, isWhole: false };
  });
}

/** e_i - E_i x. */
function residual(rows: Float64Array, sides: Float64Array, i: number, x: Float64Array): number {
  let rest = sides[i];
  for (let j = 0; j < x.length; j++) rest -= rows[i * x.length + j] * x[j];
  return rest;
}

/** Divides numbers by the length of a row, which is not 0. */
export function dividedByLength(row: Float64Array, length: number): (value: number) => number {
  // In two steps: the length may be too small to divide by.
  const largest = maxAbs(row);
  const share = length / largest;
  return (value) => value / largest / share;
}

/** The rows of E that are not 0, at length 1, and their sides. */
function unitRows(name: string, E: Tensor, e: Tensor): { rows: Tensor; sides: Float64Array } {
  const [k, d] = E.shape;
  const kept: { row: Float64Array; side: number }[] = [];
  for (let i = 0; i < k; i++) {
    const row = view(E).slice(i * d, (i + 1) * d);
    const [length, side] = [lengthOf(row), view(e)[i]];
    if (length === 0) {
      if (side !== 0)
        throw new ArgumentError(`${name}: equalities must have a solution, but row ${i} says 0 = ${side}`);
      continue;
    }
    const over = dividedByLength(row, length);
    kept.push({ row: row.map(over), side: over(side) });
  }
  const rows = allocate([kept.length, d], 'f64', name);
  for (const [i, { row }] of kept.entries()) view(rows).set(row, i * d);
  return { rows, sides: Float64Array.from(kept, ({ side }) => side) };
}
