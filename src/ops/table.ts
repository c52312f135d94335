// The table of operations: every row there is.
import { addOp, divOp, mulOp, negOp, subOp } from './arithmetic.js';
import { castOp } from './cast.js';
import { concatOp, splitOp } from './concat.js';
import { diagonalOp, embedOp } from './diagonal.js';
import { flipOp, rollOp } from './flip.js';
import { reshapeOp, transposeOp } from './layout.js';
import { matmulOp } from './matmul.js';
import type { Op } from './op.js';
import { foldOp, padOp } from './pad.js';
import { sumOp } from './reduce.js';
import { sliceOp, unsliceOp } from './slice.js';
import { scatterAddOp, takeOp } from './take.js';
import { trilOp, triuOp } from './triangle.js';

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
  scatterAddOp,
  concatOp,
  splitOp,
  sliceOp,
  unsliceOp,
  padOp,
  foldOp,
  flipOp,
  rollOp,
  trilOp,
  triuOp,
  diagonalOp,
  embedOp,
] as readonly Op<never>[];
