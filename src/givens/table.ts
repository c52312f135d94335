// The table of givens: every row there is.
import type { Op } from '../ops/op.js';
import { applyTurnsOp } from './rows.js';

export const givensOperations = [applyTurnsOp] as readonly Op<never>[];
