// The table of nodes: every row there is, beside those of src/ops/table.ts, src/linalg/table.ts and src/optim/table.ts. The
// nodes themselves are rows made for one call.
import type { Op } from '../ops/op.js';
import { blocksOp, quotientOp } from './eigen/blocks.js';
import { leftOutOp } from './eigen/derivatives.js';
import { symmetricProductOp, turnsOp } from './eigen/symmetric-product.js';
import { normalSolveOp } from './least-squares/normal-solve.js';
import { levelRateOp, segmentMeanOp } from './total-variation/derivative.js';

export const nodeOperations = [
  blocksOp,
  quotientOp,
  leftOutOp,
  symmetricProductOp,
  turnsOp,
  normalSolveOp,
  levelRateOp,
  segmentMeanOp,
] as readonly Op<never>[];
