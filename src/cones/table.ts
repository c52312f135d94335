// The table of cones: every row there is, beside those of the folders below.
import type { Op } from '../ops/op.js';
import { alongFaceOp, containsOp, distanceOp, nearestOp } from './projection/rows.js';

export const coneOperations = [nearestOp, alongFaceOp, distanceOp, containsOp] as readonly Op<never>[];
