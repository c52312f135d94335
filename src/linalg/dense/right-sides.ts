// Right-hand sides: which of them belong to which matrix of a stack, and the pieces in which a kernel can process them.
import { ShapeError } from '../../core/errors.js';
import {
  broadcastShapes,
  broadcastStrides,
  mergeAxes,
  type Shape,
  show,
  sizeOf,
  stridesOf,
} from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { describeCopy } from '../../ops/copy.js';
import { commonFloat, type TensorSpec } from '../../ops/op.js';
import type { Workspace } from '../../ops/workspace.js';
import type { Stack } from '../stack.js';

/** Right-hand sides as a stack of n x columns matrices that broadcasts with the stack of matrices. */
export interface RightSides {
  columns: number;
  /** Shape of the solution. */
  shape: Shape;
  /** Broadcast batch. */
  batch: Shape;
  own: Shape;
}

/** b is a vector (one axis) or a stack of matrices [..., n, columns]. */
export function sidesOf(
  name: string,
  a: Stack,
  b: TensorSpec,
  rows = a.rows,
  solution = a.columns,
): RightSides {
  commonFloat(name, [{ shape: [], dtype: a.dtype }, b]);
  const { shape } = b;
  const ndim = shape.length;
  const vector = ndim === 1;
  if (ndim === 0 || shape[vector ? 0 : ndim - 2] !== rows)
    throw new ShapeError(`${name}: b must have ${rows} rows, got shape ${show(shape)}`);
  const own = vector ? [] : shape.slice(0, -2);
  const batch = broadcastShapes(name, a.batch, own);
  const columns = vector ? 1 : shape[ndim - 1];
  return {
    columns,
    batch,
    own,
    shape: vector ? [...batch, solution] : [...batch, solution, columns],
  };
}

/** Prepares out := b, broadcast to the shape of the solution. */
function prepareSpread(out: Tensor, b: Tensor, sides: RightSides, space: Workspace): () => void {
  // Right sides get one more axis, so that a batch of any shape is one copy.
  const side = out.size / sizeOf(sides.batch);
  const to = [...sides.batch, side];
  const layout = mergeAxes(to, [stridesOf(to), broadcastStrides([...sides.own, side], to)], 2);
  return describeCopy(out, 0, b, 0, layout, space);
}

/** One call of a kernel: the number of systems, and the offsets and pitches of their matrices and right sides. */
export interface Piece {
  batch: number;
  matrix: number;
  /** 0 if all systems have the same matrix. */
  matrixStride: number;
  side: number;
  sideStride: number;
}

/** Splits a broadcast batch along its longest axis, after merging axes, so that there are as few calls as possible. */
export function forEachPiece(a: Shape, batch: Shape, f: (piece: Piece) => void): void {
  if (sizeOf(batch) === 0) return;
  const { extents, strides } = mergeAxes(batch, [broadcastStrides(a, batch), stridesOf(batch)]);
  const [matrices, sides] = strides;
  const along = extents.indexOf(Math.max(...extents));
  const rest = extents.filter((_, axis) => axis !== along);
  const place = rest.map(() => 0);
  const firstOf = (row: number[]) =>
    row.filter((_, axis) => axis !== along).reduce((sum, stride, i) => sum + stride * place[i], 0);
  for (let count = sizeOf(rest); count > 0; count--) {
    f({
      batch: extents[along],
      matrix: firstOf(matrices),
      matrixStride: matrices[along],
      side: firstOf(sides),
      sideStride: sides[along],
    });
    for (let axis = rest.length - 1; axis >= 0 && ++place[axis] === rest[axis]; axis--) place[axis] = 0;
  }
}

/** Works on right sides in place, piece by piece. */
export type SolvePiece = (sides: RightSides, piece: Piece, work: number) => void;

/**
 * Prepares copying b to x, which has the solution's shape, and `solve` on x in place, with the workspace at `work`.
 */
export function prepareSolve(
  name: string,
  a: Stack,
  x: Tensor,
  b: Tensor,
  work: number,
  solve: SolvePiece,
  space: Workspace,
): () => void {
  if (x.size === 0) return () => {};
  const sides = sidesOf(name, a, b);
  const spread = prepareSpread(x, b, sides, space);
  const pieces: Piece[] = [];
  forEachPiece(a.batch, sides.batch, (piece) => void pieces.push(piece));
  return () => {
    spread();
    for (const piece of pieces) solve(sides, piece, work);
  };
}
