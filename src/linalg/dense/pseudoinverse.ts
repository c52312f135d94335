// A⁺ B and A⁺ by singular values, without singular vectors: the computation behind pinv and lstsq.
import { bytesPerElement } from '../../core/dtype.js';
import { ArgumentError, ConvergenceError } from '../../core/errors.js';
import { type Shape, sizeOf } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { svd as kernels } from '../../generated/svd.js';
import type { Workspace } from '../../ops/workspace.js';
import type { Located } from '../scratch.js';
import { type Stack, stackIndexText } from '../stack.js';

/** Right sides [...own, m, columns] for a stack of matrices; both broadcast to `batch`. */
export interface Sides {
  b: Tensor;
  own: Shape;
  batch: Shape;
  columns: number;
}

/** The positions of a batch's elements in a shape that broadcasts to it. */
function placesOf(own: Shape, batch: Shape): number[] {
  const lead = batch.length - own.length;
  return Array.from({ length: sizeOf(batch) }, (_, flat) => {
    let [place, step, rest] = [0, 1, flat];
    for (let axis = batch.length - 1; axis >= 0; axis--) {
      const i = rest % batch[axis];
      rest = (rest - i) / batch[axis];
      if (axis < lead) continue;
      if (own[axis - lead] > 1) place += i * step;
      step *= own[axis - lead];
    }
    return place;
  });
}

/** For each matrix of a stack: the right sides that belong to it, and the solutions that belong to those. */
export function pairsOf(stack: Stack, { own, batch }: Sides): [side: number, solution: number][][] {
  const pairs: [number, number][][] = Array.from({ length: stack.count }, () => []);
  const [matrices, vectors] = [placesOf(stack.batch, batch), placesOf(own, batch)];
  for (let i = 0; i < matrices.length; i++) pairs[matrices[i]].push([vectors[i], i]);
  return pairs;
}

/**
 * Prepares x := A⁺ b for every matrix of a and its right sides, or x := A⁺ without right sides. Values up to rcond
 * times the largest count as zero; the number of others goes to `ranks`, and the values to s [..., min(m, n)], for the
 * whole stack a.
 */
export function preparePseudoinverse(
  name: string,
  x: Tensor,
  { s, ranks }: { s: Located; ranks?: Tensor },
  a: Tensor,
  stack: Stack,
  rcond: number,
  space: Workspace,
  sides?: Sides,
): () => void {
  const { dtype, count, rows: m, columns: n } = stack;
  const { exports } = kernels;
  const [factor, solve] = [exports[`gelsf_${dtype}`], exports[`gelss_${dtype}`]];
  const size = bytesPerElement(dtype);
  const k = Math.min(m, n);
  // The inverse of a tall matrix is computed transposed, so that the identity and the workspace have its short side.
  const adjoint = Number(!sides && m >= n);
  const width = sides?.columns ?? k;
  const bytes = exports[`gelsd_${dtype}_work`](m, n, adjoint, width) >>> 0;
  const pairs = sides && pairsOf(stack, sides);
  // The kernel counts bytes in 32 bits: a size that cannot fit must not wrap around to one that does.
  const work = space.scratch(Math.max(m * n * size, bytes));
  return () => {
    for (let i = 0; i < count; i++) {
      const rank = factor(m, n, a.address + i * m * n * size, rcond, s.address + i * k * size, work);
      if (rank < 0) throw failure(name, stack, i, rank);
      if (ranks) ranks.data()[i] = rank;
      if (!sides || !pairs) {
        const to = x.address + i * m * n * size;
        solve(m, n, adjoint, k, 0, 0, 0, to, adjoint ? 1 : m, adjoint ? m : 1, work);
        continue;
      }
      for (const [at, to] of pairs[i]) {
        const [from, into] = [at * m * width * size, to * n * width * size];
        solve(m, n, 0, width, sides.b.address + from, width, 1, x.address + into, width, 1, work);
      }
    }
  };
}

function failure(name: string, stack: Stack, index: number, info: number): Error {
  const place = stackIndexText(stack, index);
  if (info === -1) return new ArgumentError(`${name}: a${place} must be finite, got NaN or Inf in it`);
  const sweeps = 6 * Math.min(stack.rows, stack.columns);
  return new ConvergenceError(
    `${name}: a${place} (${stack.rows} x ${stack.columns}) did not converge within ${sweeps} sweeps (please report this matrix)`,
    sweeps,
    Number.NaN,
  );
}
