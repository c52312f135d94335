// The table of flows: every row there is.
import type { Op } from '../../ops/op.js';
import { projectionOp } from './projection.js';
import { volumesAdjointOp, volumesStepOp, volumesTangentOp } from './volumes.js';
import { vorticityAdjointOp, vorticitySlopeOp, vorticityStageOp } from './vorticity-rows.js';

export const flowOperations = [
  ...[volumesStepOp, volumesTangentOp, volumesAdjointOp, projectionOp],
  ...[vorticityStageOp, vorticitySlopeOp, vorticityAdjointOp],
] as readonly Op<never>[];
