// Table of contents of linear algebra.

export { cholesky } from './dense/cholesky.js';
export { det } from './dense/determinant.js';
export { type EighOptions, type EighResult, eigh } from './dense/eigh.js';
export { eigvalsh } from './dense/eigvalsh.js';
export { inv } from './dense/inverse.js';
export { type Inertia, ldlt, type SymmetricFactor } from './dense/ldlt.js';
export { type LstsqOptions, type LstsqResult, lstsq } from './dense/lstsq.js';
export { lu } from './dense/lu.js';
export {
  type CondOrder,
  cond,
  type MatrixRankOptions,
  matrixRank,
  type PinvOptions,
  pinv,
} from './dense/pinv.js';
export { type QrOptions, type QrResult, qr } from './dense/qr.js';
export { rcond } from './dense/rcond.js';
export { slogdet } from './dense/slogdet.js';
export { type SolveOptions, solve } from './dense/solve.js';
export { type SvdMethod, type SvdOptions, type SvdResult, svd, svdvals } from './dense/svd.js';
export { solveTriangular, type TriangularOptions } from './dense/triangular.js';
export { choleskyUpdate } from './dense/update.js';
export { type FactorKind, factor } from './factor/factor.js';
export type { Factor } from './factor/object.js';
export { expm } from './functions/expm.js';
export { type NormOrder, norm, trace } from './functions/norms.js';
export { type SpectralFunction, symmetricFunction } from './functions/symmetric-function.js';
export { type CgOptions, cg } from './iterative/cg.js';
export { type GmresOptions, gmres } from './iterative/gmres.js';
export type { IterativeOptions, IterativeResult, Status } from './iterative/krylov.js';
export { type LsmrOptions, type LsmrResult, lsmr, type RectangularOperator } from './iterative/lsmr.js';
export { type MinresOptions, minres } from './iterative/minres.js';
export type { LinearOperator } from './iterative/operator.js';
export { type Bandwidths, solveBanded } from './structured/banded.js';
export { solveBlockDiagonal, solveDiagonal } from './structured/diagonal.js';
export {
  type ApplyGivensOptions,
  applyGivens,
  type Givens,
  givens,
  type Rotations,
} from './structured/givens.js';
export { solveTridiagonal } from './structured/tridiagonal.js';
