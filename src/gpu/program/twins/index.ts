// The rows of the table of operations that have kernels on the GPU, beside the elementwise ones.
import { castOp } from '../../../ops/cast.js';
import { concatOp, splitOp } from '../../../ops/concat.js';
import { convolveInputOp, convolveOp, convolveWeightOp } from '../../../ops/conv/convolve.js';
import { maxPoolOp, poolGatherOp, poolScatterOp } from '../../../ops/conv/max-pool.js';
import { col2imOp, im2colOp } from '../../../ops/conv/windows.js';
import { cumsumOp } from '../../../ops/cumulative.js';
import { diagonalOp, embedOp } from '../../../ops/diagonal.js';
import { argmaxOp, argminOp, maxOp, minOp } from '../../../ops/extrema.js';
import { flipOp, rollOp } from '../../../ops/flip.js';
import { reshapeOp, transposeOp } from '../../../ops/layout.js';
import { matmulOp } from '../../../ops/matmul.js';
import { normOp } from '../../../ops/norm.js';
import { squaredNormOp } from '../../../ops/norm-square.js';
import type { Op } from '../../../ops/op.js';
import { padOp } from '../../../ops/pad.js';
import { pickOp, scatterClassOp } from '../../../ops/pick.js';
import { prodOp } from '../../../ops/product.js';
import { sliceOp, unsliceOp } from '../../../ops/slice.js';
import { logSoftmaxOp, logsumexpOp, softmaxOp } from '../../../ops/softmax.js';
import { standardizeOp } from '../../../ops/standardize.js';
import { centreOp, meanOp, varianceOp } from '../../../ops/statistics.js';
import { broadcastOp, sumOp } from '../../../ops/sum.js';
import { operations } from '../../../ops/table.js';
import { scatterAddOp, takeOp } from '../../../ops/take.js';
import { trilOp, triuOp } from '../../../ops/triangle.js';
import { adamStepOp } from '../../../optim/stochastic/adam.js';
import { rmspropStepOp } from '../../../optim/stochastic/rmsprop.js';
import { sgdStepOp } from '../../../optim/stochastic/sgd.js';
import { elementwiseRuns } from '../elementwise.js';
import type { Twin } from '../twin.js';
import * as copies from './copies.js';
import * as indices from './indices.js';
import { adamTwin, rmspropTwin, sgdTwin } from './optimizers.js';
import { matmulTwin } from './products.js';
import * as reduce from './reduce.js';
import * as passes from './softmax.js';
import * as windows from './windows.js';

/** y y, y² or y^2 for y, a norm: as the elementwise row of that name. */
const squaredNormTwin: Twin = ({ inputs: [, ...inputs], outputs: [output], params }) =>
  elementwiseRuns([{ name: (params as { by: string }).by, inputs, output }], [output]);

const rows: readonly (readonly [Op<never>, Twin])[] = [
  [reshapeOp, copies.plainCopy],
  [transposeOp, copies.transposeTwin],
  [broadcastOp, copies.broadcastTwin],
  [sliceOp, copies.sliceTwin],
  [unsliceOp, copies.unsliceTwin],
  [flipOp, copies.flipTwin],
  [rollOp, copies.rollTwin],
  [concatOp, copies.concatTwin],
  [splitOp, copies.splitTwin],
  [trilOp, copies.trilTwin],
  [triuOp, copies.triuTwin],
  [diagonalOp, copies.diagonalTwin],
  [embedOp, copies.embedTwin],
  [padOp, copies.padTwin],
  [castOp, copies.castTwin],
  [sumOp, reduce.sumTwin],
  [meanOp, reduce.meanTwin],
  [maxOp, reduce.maxTwin],
  [minOp, reduce.minTwin],
  [prodOp, reduce.prodTwin],
  [argmaxOp, reduce.argmaxTwin],
  [argminOp, reduce.argminTwin],
  [logsumexpOp, passes.logsumexpTwin],
  [softmaxOp, passes.softmaxTwin],
  [logSoftmaxOp, passes.logSoftmaxTwin],
  [cumsumOp, passes.cumsumTwin],
  [normOp, passes.normTwin],
  [squaredNormOp, squaredNormTwin],
  [centreOp, passes.centreTwin],
  [varianceOp, passes.varianceTwin],
  [standardizeOp, passes.standardizeTwin],
  [takeOp, indices.takeTwin],
  [scatterAddOp, indices.scatterAddTwin],
  [pickOp, indices.pickTwin],
  [scatterClassOp, indices.placeTwin],
  [im2colOp, windows.unfoldTwin],
  [col2imOp, windows.foldTwin],
  [convolveOp, windows.convolveTwin],
  [convolveInputOp, windows.convolveInputTwin],
  [convolveWeightOp, windows.convolveWeightTwin],
  [maxPoolOp, windows.maxPoolTwin],
  [poolGatherOp, windows.poolGatherTwin],
  [poolScatterOp, windows.poolScatterTwin],
  [matmulOp, matmulTwin],
  [adamStepOp, adamTwin],
  [sgdStepOp, sgdTwin],
  [rmspropStepOp, rmspropTwin],
];

/** Rows by identity: a user's operation may have any name. */
export const twins: ReadonlyMap<Op<never>, Twin> = new Map(rows);

/** The rows of the table, whose names say which expression they are. */
export const tableRows: ReadonlySet<Op<never>> = new Set(operations);
