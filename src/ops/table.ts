// The table of operations: every row there is.
import { addOp, divOp, mulOp, negOp, subOp } from './arithmetic.js';
import { castOp } from './cast.js';
import { reshapeOp, transposeOp } from './layout.js';
import { matmulOp } from './matmul.js';
import type { Op } from './op.js';
import { sumOp } from './reduce.js';
import { takeOp } from './take.js';

// Each row has parameters of its own; whoever walks the table sees only what all rows share.
export const operations = [
  addOp,
  subOp,
  mulOp,
  divOp,
  negOp,
  sumOp,
  reshapeOp,
  transposeOp,
  matmulOp,
  castOp,
  takeOp,
] as readonly Op<never>[];
