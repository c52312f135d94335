// The table of linear algebra: every row there is, beside those of src/ops/table.ts.
import type { Op } from '../ops/op.js';
import { solveBandedOp } from './banded.js';
import { choleskyOp } from './cholesky.js';
import { detOp, slogdetOp } from './determinant.js';
import { solveDiagonalOp } from './diagonal.js';
import { eighOp, eigvalshOp } from './eigh.js';
import { expmOp } from './expm.js';
import { invOp } from './inverse.js';
import { lstsqOp } from './lstsq.js';
import { luOp } from './lu.js';
import { matrixNormOp, traceOp } from './norms.js';
import { condOp, pinvOp } from './pinv.js';
import { qrOp } from './qr.js';
import { turnOp } from './rotations.js';
import { solveOp } from './solve.js';
import { svdOp, svdvalsOp } from './svd.js';
import { solveTriangularOp } from './triangular.js';
import { solveTridiagonalOp } from './tridiagonal.js';
import { choleskyUpdateOp } from './update.js';

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
  turnOp,
] as readonly Op<never>[];
