// Table of contents of linear algebra.

export { type Bandwidths, solveBanded } from './banded.js';
export { type CgOptions, cg } from './cg.js';
export { cholesky } from './cholesky.js';
export { det, slogdet } from './determinant.js';
export { solveBlockDiagonal, solveDiagonal } from './diagonal.js';
export { type EighOptions, type EighResult, eigh, eigvalsh } from './eigh.js';
export { expm } from './expm.js';
export { type FactorKind, factor } from './factor/factor.js';
export type { Factor } from './factor/object.js';
export { type ApplyGivensOptions, applyGivens, type Givens, givens, type Rotations } from './givens.js';
export { type GmresOptions, gmres } from './gmres.js';
export { inv } from './inverse.js';
export type { IterativeOptions, IterativeResult, Status } from './krylov.js';
export { type Inertia, ldlt, type SymmetricFactor } from './ldlt.js';
export { type LsmrOptions, type LsmrResult, lsmr, type RectangularOperator } from './lsmr.js';
export { type LstsqOptions, type LstsqResult, lstsq } from './lstsq.js';
export { lu } from './lu.js';
export { type MinresOptions, minres } from './minres.js';
export { type NormOrder, norm, trace } from './norms.js';
export type { LinearOperator } from './operator.js';
export {
  type CondOrder,
  cond,
  type MatrixRankOptions,
  matrixRank,
  type PinvOptions,
  pinv,
} from './pinv.js';
export { type QrOptions, type QrResult, qr } from './qr.js';
export { rcond } from './rcond.js';
export { type SolveOptions, solve } from './solve.js';
export { type SvdMethod, type SvdOptions, type SvdResult, svd, svdvals } from './svd.js';
export { solveTriangular, type TriangularOptions } from './triangular.js';
export { solveTridiagonal } from './tridiagonal.js';
export { choleskyUpdate } from './update.js';
