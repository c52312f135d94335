// The table of operations: every row of this folder. test/ops/table.test.ts compares it with what the modules export.

import {
  eluOp,
  eluSlopeOp,
  erfOp,
  erfSlopeOp,
  geluOp,
  geluSlopeOp,
  normalDensityOp,
  reluOp,
  sigmoidOp,
  sigmoidSlopeOp,
  siluOp,
  siluSlopeOp,
  softplusOp,
  softsignOp,
} from './activations.js';
import { addOp, divAlongOp, divOp, mulAlongOp, mulOp, mulZeroOp, negOp, subOp } from './arithmetic.js';
import { castOp } from './cast.js';
import { equalOp, greaterEqualOp, greaterOp, isNaNOp, lessEqualOp, lessOp, notEqualOp } from './compare.js';
import { concatOp, splitOp } from './concat.js';
import { convolveInputOp, convolveOp, convolveWeightOp } from './conv/convolve.js';
import { maxPoolOp, poolGatherOp, poolScatterOp } from './conv/max-pool.js';
import { windowGramOp } from './conv/window-gram.js';
import { col2imOp, im2colOp } from './conv/windows.js';
import { cumsumOp } from './cumulative.js';
import { diagonalOp, embedOp } from './diagonal.js';
import { expDifferenceOp, expm1Op, expOp, expRestOp, log1pOp, logOp } from './exponential.js';
import { argmaxOp, argminOp, maxOp, minOp } from './extrema.js';
import { flipOp, rollOp } from './flip.js';
import { reshapeOp, transposeOp } from './layout.js';
import { matmulOp } from './matmul.js';
import { maximumOp, minimumOp, tieWeightOp } from './minmax.js';
import { normOp } from './norm.js';
import { normDirectionOp } from './norm-direction.js';
import { squaredNormOp } from './norm-square.js';
import type { Op } from './op.js';
import { overlapOp } from './overlap.js';
import { padOp, padTransposeOp } from './pad.js';
import { pickOp, scatterClassOp } from './pick.js';
import { atan2Op, atan2SlopeOp, powOp, powSumOp } from './power.js';
import { prodOp } from './product.js';
import { bernoulliOp, foldInOp, randomBitsOp } from './random-bits.js';
import { absOp, rsqrtOp, signOp, sqrtOp, squareOp } from './roots.js';
import { clipOp, whereOp } from './select.js';
import { sliceOp, unsliceOp } from './slice.js';
import { logSoftmaxOp, logsumexpOp, softmaxOp } from './softmax.js';
import { standardizeOp } from './standardize.js';
import { centreOp, meanOp, varianceOp } from './statistics.js';
import { aliasOp, stopOp } from './stop.js';
import { broadcastOp, sumOp } from './sum.js';
import { scatterAddOp, takeOp } from './take.js';
import { trilOp, triuOp } from './triangle.js';
import {
  acosOp,
  asinOp,
  asinSlopeOp,
  atanOp,
  atanSlopeOp,
  coshOp,
  cosOp,
  sinhOp,
  sinOp,
  tanhOp,
  tanhSlopeOp,
  tanOp,
} from './trigonometric.js';

// Each row has its own type of parameters; code that walks the table sees only what all rows share.
export const operations = [
  addOp,
  subOp,
  mulOp,
  divOp,
  negOp,
  mulAlongOp,
  divAlongOp,
  mulZeroOp,
  sumOp,
  reshapeOp,
  transposeOp,
  broadcastOp,
  aliasOp,
  stopOp,
  matmulOp,
  castOp,
  takeOp,
  scatterAddOp,
  concatOp,
  splitOp,
  sliceOp,
  unsliceOp,
  overlapOp,
  padOp,
  padTransposeOp,
  flipOp,
  rollOp,
  trilOp,
  triuOp,
  diagonalOp,
  embedOp,
  eluOp,
  erfOp,
  geluOp,
  reluOp,
  sigmoidOp,
  siluOp,
  softplusOp,
  softsignOp,
  eluSlopeOp,
  erfSlopeOp,
  geluSlopeOp,
  normalDensityOp,
  sigmoidSlopeOp,
  siluSlopeOp,
  equalOp,
  greaterEqualOp,
  greaterOp,
  isNaNOp,
  lessEqualOp,
  lessOp,
  notEqualOp,
  convolveOp,
  convolveInputOp,
  convolveWeightOp,
  windowGramOp,
  maxPoolOp,
  poolGatherOp,
  poolScatterOp,
  im2colOp,
  col2imOp,
  pickOp,
  scatterClassOp,
  cumsumOp,
  expDifferenceOp,
  expRestOp,
  expm1Op,
  expOp,
  log1pOp,
  logOp,
  argmaxOp,
  argminOp,
  maxOp,
  minOp,
  maximumOp,
  minimumOp,
  tieWeightOp,
  normOp,
  normDirectionOp,
  squaredNormOp,
  atan2Op,
  powOp,
  atan2SlopeOp,
  powSumOp,
  prodOp,
  absOp,
  rsqrtOp,
  signOp,
  sqrtOp,
  squareOp,
  clipOp,
  whereOp,
  meanOp,
  varianceOp,
  centreOp,
  standardizeOp,
  logSoftmaxOp,
  logsumexpOp,
  softmaxOp,
  bernoulliOp,
  foldInOp,
  randomBitsOp,
  acosOp,
  asinOp,
  atanOp,
  coshOp,
  cosOp,
  sinhOp,
  sinOp,
  tanhOp,
  tanOp,
  asinSlopeOp,
  atanSlopeOp,
  tanhSlopeOp,
] as readonly Op<never>[];
