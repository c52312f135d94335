// Right-hand sides: which vectors or matrices belong to which matrix of a stack, and in what pieces a kernel can take them.
import { ShapeError } from '../core/errors.js';
import { withWorkspace } from '../core/runtime.js';
import { broadcastShapes, broadcastStrides, mergeAxes, type Shape, show, sizeOf } from '../core/shape.js';
import { allocate, type Tensor } from '../core/tensor.js';
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
  const [from, to] = [b.data(), out.data()];
  if (from.length === to.length) to.set(from);
  else {
    const size = from.length / Math.max(1, sizeOf(sides.own));
    forEachPair(sides.batch, [sides.own, sides.batch], ([i, o]) => {
      to.set(from.subarray(i * size, (i + 1) * size), o * size);
    });
  }
  return out;
}

/** Calls `f` with the numbers of the matrices that meet at each place of a broadcast batch. */
function forEachPair(batch: Shape, shapes: readonly Shape[], f: (numbers: number[]) => void): void {
  const { extents, strides } = mergeAxes(
    batch,
    shapes.map((shape) => broadcastStrides(shape, batch)),
  );
  const total = sizeOf(extents);
  for (let index = 0; index < total; index++) {
    const at = shapes.map(() => 0);
    let rest = index;
    for (let axis = extents.length - 1; axis >= 0; axis--) {
      const i = rest % extents[axis];
      rest = (rest - i) / extents[axis];
      for (let s = 0; s < at.length; s++) at[s] += i * strides[s][axis];
    }
    f(at);
  }
}

/** One call of a kernel: so many systems, the first matrix, the first right side, and whether the matrix moves on. */
export interface Piece {
  batch: number;
  matrix: number;
  side: number;
  repeats: boolean;
}

/** Cuts a broadcast batch in pieces: one where no axis repeats a matrix, else one per run. */
export function forEachPiece(a: Shape, batch: Shape, f: (piece: Piece) => void): void {
  if (sizeOf(batch) === 0) return;
  const { extents, strides } = mergeAxes(batch, [broadcastStrides(a, batch), broadcastStrides(batch, batch)]);
  const last = extents.length - 1;
  const [as, bs] = strides;
  const outer = sizeOf(extents.slice(0, last));
  for (let index = 0; index < outer; index++) {
    let [matrix, side, rest] = [0, 0, index];
    for (let axis = last - 1; axis >= 0; axis--) {
      const i = rest % extents[axis];
      rest = (rest - i) / extents[axis];
      matrix += i * as[axis];
      side += i * bs[axis];
    }
    // A stride of 0 or 1 in matrices is what kernels take; anything else goes one by one.
    if (as[last] === 0 || as[last] === 1 || extents[last] === 1) {
      f({ batch: extents[last], matrix, side, repeats: as[last] === 0 });
    } else {
      for (let i = 0; i < extents[last]; i++) {
        f({ batch: 1, matrix: matrix + i * as[last], side: side + i * bs[last], repeats: true });
      }
    }
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
