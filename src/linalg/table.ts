// The table of linear algebra: every row of this folder, in addition to those of src/ops/table.ts.
import type { Op } from '../ops/op.js';
import { choleskyOp } from './dense/cholesky.js';
import { detOp } from './dense/determinant.js';
import { eighOp } from './dense/eigh.js';
import { eigvalshOp } from './dense/eigvalsh.js';
import { invOp } from './dense/inverse.js';
import { lstsqOp } from './dense/lstsq.js';
import { luOp } from './dense/lu.js';
import { condOp, matrixRankOp, pinvOp } from './dense/pinv.js';
import { qrOp } from './dense/qr.js';
import { rcondOp } from './dense/rcond.js';
import { slogdetOp } from './dense/slogdet.js';
import { solveOp } from './dense/solve.js';
import { svdOp, svdvalsOp } from './dense/svd.js';
import { solveTriangularOp } from './dense/triangular.js';
import { choleskyUpdateOp } from './dense/update.js';
import { choleskyRows } from './factor/cholesky.js';
import { ldltRows } from './factor/ldlt.js';
import { luRows } from './factor/lu.js';
import { qrRows } from './factor/qr.js';
import type { FactorRows } from './factor/rows.js';
import { expmFrechetOp, expmOp } from './functions/expm.js';
import { matrixNormOp, normAttainedOp, traceOp } from './functions/norms.js';
import { spectralNormOp } from './functions/spectral-norm.js';
import {
  elementwiseCheckOp,
  spectralEndsOp,
  spectralNodesOp,
  spectralSumOp,
} from './functions/spectral-rows.js';
import { cofactorOp, cofactorSlopeOp } from './rules/cofactors.js';
import { permuteOp } from './rules/permute.js';
import { reciprocalOp } from './rules/reciprocal.js';
import { spectralGradientOp } from './rules/spectral-gradient.js';
import { submatrixOp } from './rules/submatrix.js';
import { nullColumnsOp, tiesBackwardOp } from './rules/ties-backward.js';
import { tiesForwardOp, tiesSlopeOp } from './rules/ties-forward.js';
import { triangleOp } from './rules/triangle.js';
import { solveBandedOp } from './structured/banded.js';
import { solveDiagonalOp } from './structured/diagonal.js';
import { angleCotangentsOp, applyRotationsOp } from './structured/rotations.js';
import { solveTridiagonalOp } from './structured/tridiagonal.js';

/** The rows of one kind of factorization; `solve` and `implicitRoot` use its `solve`, too. */
const rowsOf = ({ factor, solve, inverse, reconstruct, determinant, rcond }: FactorRows) => [
  factor,
  solve,
  inverse,
  reconstruct,
  determinant,
  rcond,
];

// Each row has its own type of parameters; code that walks the table sees only what all rows share.
export const linalgOperations = [
  choleskyOp,
  choleskyUpdateOp,
  condOp,
  detOp,
  eighOp,
  eigvalshOp,
  expmOp,
  expmFrechetOp,
  invOp,
  lstsqOp,
  luOp,
  matrixNormOp,
  matrixRankOp,
  normAttainedOp,
  pinvOp,
  qrOp,
  rcondOp,
  slogdetOp,
  spectralNormOp,
  solveBandedOp,
  solveDiagonalOp,
  solveOp,
  solveTriangularOp,
  solveTridiagonalOp,
  svdOp,
  svdvalsOp,
  traceOp,
  applyRotationsOp,
  angleCotangentsOp,
  ...[choleskyRows, luRows, qrRows, ldltRows].flatMap(rowsOf),
  // The rows that derivatives use.
  cofactorOp,
  cofactorSlopeOp,
  elementwiseCheckOp,
  permuteOp,
  nullColumnsOp,
  reciprocalOp,
  spectralEndsOp,
  spectralGradientOp,
  spectralNodesOp,
  spectralSumOp,
  submatrixOp,
  tiesBackwardOp,
  tiesForwardOp,
  tiesSlopeOp,
  triangleOp,
] as readonly Op<never>[];
