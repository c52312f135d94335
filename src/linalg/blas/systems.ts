// Triangular and factored systems in place, for inner loops of solvers: allocates no tensors and throws nothing.
import { runtime, withWorkspace } from '../../core/runtime.js';
import { allocate, type Tensor } from '../../core/tensor.js';
import { lapack } from '../../generated/lapack.js';
import { matrixOf } from './tensors.js';

/** Cholesky in the lower triangle of A; returns whether A is positive definite. */
export function factorCholesky(a: Tensor): boolean {
  const { n, dtype } = matrixOf(a);
  if (n === 0) return true;
  const { exports } = lapack;
  const bytes = exports[`level3_${dtype}_work`](n, n, n);
  return withWorkspace(bytes + 4, 'cholesky', (work) => {
    exports[`potrf_${dtype}`](1, n, a.address, n, n * n, work + bytes, work);
    return new Int32Array(runtime().memory.buffer, work + bytes, 1)[0] === 0;
  });
}

/** b := (L Lᵀ)⁻¹ b. */
export function solveCholesky(l: Tensor, b: Tensor): void {
  const { n, dtype } = matrixOf(l);
  if (n === 0) return;
  const { exports } = lapack;
  withWorkspace(exports[`level3_${dtype}_work`](n, 1, n), 'cholesky', (work) => {
    exports[`potrs_${dtype}`](1, n, 1, l.address, n, n * n, b.address, 1, 1, n, work);
  });
}

/** P A = L U in place; returns the first zero pivot, or -1. `pivots` is i32 [n]. */
export function factorLu(a: Tensor, pivots: Tensor): number {
  const { n, dtype } = matrixOf(a);
  if (n === 0) return -1;
  const { exports } = lapack;
  const bytes = exports[`getrf_${dtype}_work`](n, n);
  return withWorkspace(bytes + 4, 'lu', (work) => {
    exports[`getrf_${dtype}`](1, n, n, a.address, n, n * n, pivots.address, work + bytes, work);
    return new Int32Array(runtime().memory.buffer, work + bytes, 1)[0] - 1;
  });
}

/** b := A⁻¹ b with the result of `factorLu`. */
export function solveLu(lu: Tensor, pivots: Tensor, b: Tensor): void {
  const { n, dtype } = matrixOf(lu);
  if (n === 0) return;
  const { exports } = lapack;
  withWorkspace(exports[`level3_${dtype}_work`](n, 1, n), 'lu', (work) => {
    const getrs = exports[`getrs_${dtype}`];
    getrs(1, 0, n, 1, lu.address, n, n * n, pivots.address, n, b.address, 1, 1, n, work);
  });
}

/**
 * The first `rows` rows of A (default all) := Qᵀ A, upper triangular, in place; the part below the diagonal is
 * undefined.
 */
export function triangularise(a: Tensor, rows = a.shape[0]): void {
  const { n, dtype } = matrixOf(a);
  if (rows === 0 || n === 0) return;
  const { exports } = lapack;
  const taus = 64 * Math.ceil((8 * Math.min(rows, n)) / 64);
  withWorkspace(taus + exports[`qr_${dtype}_work`](rows, n), 'qr', (work) => {
    exports[`geqrf_${dtype}`](1, rows, n, a.address, n, rows * n, work, work + taus);
  });
}

/** x := R⁻¹ x; R is the upper triangle of the leading columns of `a`, as many as x has numbers. */
export function solveUpper(a: Tensor, x: Tensor): void {
  const { n, dtype } = matrixOf(a);
  lapack.exports[`trsv_${dtype}`](0, 0, x.size, a.address, n, 1, x.address, 1);
}

/** An uninitialised matrix [n, n] for a vector of n numbers. */
export function squareFor(x: Tensor, user: string): Tensor {
  return allocate([x.size, x.size], x.dtype, user);
}
