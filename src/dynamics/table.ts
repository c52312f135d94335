// The table of dynamics: every row there is.
import type { Op } from '../ops/op.js';
import { flowOperations } from './flow/table.js';
import { adjointOp, lorenz96Op, tangentOp } from './systems/lorenz96-rows.js';

export const dynamicsOperations = [
  lorenz96Op,
  tangentOp,
  adjointOp,
  ...flowOperations,
] as readonly Op<never>[];
