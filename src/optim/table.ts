// The table of optimisation: every row there is, beside those of src/ops/table.ts and src/linalg/table.ts.
import type { Op } from '../ops/op.js';
import { kktSolveOp } from './convex/kkt-solve.js';
import { alongNormalOp } from './prox/normal.js';
import { l1BallOp, l2BallOp, secondOrderConeOp, simplexOp } from './prox/project-rows.js';
import { l2Op, linfOp } from './prox/prox-rows.js';
import { positivePartOp, thresholdOp } from './prox/spectral.js';
import { adamStepOp } from './stochastic/adam.js';
import { rmspropStepOp } from './stochastic/rmsprop.js';
import { sgdStepOp } from './stochastic/sgd.js';

export const optimOperations = [
  kktSolveOp,
  alongNormalOp,
  l1BallOp,
  l2BallOp,
  secondOrderConeOp,
  simplexOp,
  l2Op,
  linfOp,
  positivePartOp,
  thresholdOp,
  adamStepOp,
  rmspropStepOp,
  sgdStepOp,
] as readonly Op<never>[];
