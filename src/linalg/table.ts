// The table of linear algebra: every row there is, beside those of src/ops/table.ts.
import type { Op } from '../ops/op.js';
import { choleskyOp } from './dense/cholesky.js';
import { detOp, slogdetOp } from './dense/determinant.js';
import { eighOp, eigvalshOp } from './dense/eigh.js';
import { invOp } from './dense/inverse.js';
import { lstsqOp } from './dense/lstsq.js';
import { luOp } from './dense/lu.js';
import { condOp, pinvOp } from './dense/pinv.js';
import { qrOp } from './dense/qr.js';
import { solveOp } from './dense/solve.js';
import { svdOp, svdvalsOp } from './dense/svd.js';
import { solveTriangularOp } from './dense/triangular.js';
import { choleskyUpdateOp } from './dense/update.js';
import { expmOp } from './functions/expm.js';
import { matrixNormOp, traceOp } from './functions/norms.js';
import { solveBandedOp } from './structured/banded.js';
import { solveDiagonalOp } from './structured/diagonal.js';
import { applyRotationsOp } from './structured/rotations.js';
import { solveTridiagonalOp } from './structured/tridiagonal.js';

// Each row has parameters of its own; whoever walks the table sees only what all rows share.
export const linalgOperations = [
  choleskyOp,
  choleskyUpdateOp,
  condOp,
  detOp,
  eighOp,
  eigvalshOp,
  expmOp,
  invOp,
  lstsqOp,
  luOp,
  matrixNormOp,
  pinvOp,
  qrOp,
  slogdetOp,
  solveBandedOp,
  solveDiagonalOp,
  solveOp,
  solveTriangularOp,
  solveTridiagonalOp,
  svdOp,
  svdvalsOp,
  traceOp,
  applyRotationsOp,
] as readonly Op<never>[];
