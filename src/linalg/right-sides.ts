// Right-hand sides: which vectors or matrices belong to which matrix of a stack, and in what pieces a kernel can take them.
import { ShapeError } from '../core/errors.js';
import { withWorkspace } from '../core/runtime.js';
import {
  broadcastShapes,
  broadcastStrides,
  mergeAxes,
  type Shape,
  show,
  sizeOf,
  stridesOf,
} from '../core/shape.js';
import { allocate, type Tensor } from '../core/tensor.js';
import { copyNow } from '../ops/copy.js';
import { commonFloat } from '../ops/op.js';
import { checkFloat, type Stack } from './stack.js';

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
export function checkRightSides(
  name: string,
  a: Stack,
  b: Tensor,
  rows = a.rows,
  solution = a.columns,
): RightSides {
  checkFloat(name, 'b', b);
  commonFloat(name, [{ shape: [], dtype: a.dtype }, b]);
  const vector = b.ndim === 1;
  if (b.ndim === 0 || b.shape[vector ? 0 : b.ndim - 2] !== rows) {
    throw new ShapeError(`${name}: b must have ${rows} rows, got shape ${show(b.shape)}`);
  }
  const own = vector ? [] : b.shape.slice(0, -2);
  const batch = broadcastShapes(name, a.batch, own);
  const columns = vector ? 1 : b.shape[b.ndim - 1];
  return {
    columns,
    batch,
    own,
    shape: Object.freeze(vector ? [...batch, solution] : [...batch, solution, columns]),
  };
}

/** A tensor of the solution's shape that holds b, repeated where the batch repeats it. */
export function spread(name: string, b: Tensor, sides: RightSides): Tensor {
  const out = allocate(sides.shape, b.dtype, name);
  if (out.size === 0) return out;
  // A right side is one axis more, so that a batch of any shape is one copy.
  const side = out.size / sizeOf(sides.batch);
  const to = [...sides.batch, side];
  const layout = mergeAxes(to, [stridesOf(to), broadcastStrides([...sides.own, side], to)], 2);
  copyNow(out, b, layout);
  return out;
}

/** One call of a kernel: so many systems, where they begin and how far they are apart, in matrices and in right sides. */
export interface Piece {
  batch: number;
  matrix: number;
  /** 0 where all systems have one matrix. */
  matrixStride: number;
  side: number;
  sideStride: number;
}

/** Cuts a broadcast batch in pieces along its longest axis, once axes are merged: the fewest calls. */
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

/** Spreads b, lets `solve` work on it in place piece by piece, and gives it back; frees it if anything throws. */
export function solveInPlace(
  name: string,
  a: Stack,
  b: Tensor,
  bytes: number,
  solve: (x: Tensor, sides: RightSides, piece: Piece, work: number) => void,
): Tensor {
  const sides = checkRightSides(name, a, b);
  const x = spread(name, b, sides);
  try {
    if (x.size > 0) {
      withWorkspace(bytes, name, (work) => {
        forEachPiece(a.batch, sides.batch, (piece) => solve(x, sides, piece, work));
      });
    }
    return x;
  } catch (error) {
    x.dispose();
    throw error;
  }
}
