// The row of the table that applies rotations: Y = G_1 … G_N P X or its transpose, with derivatives in X and in the angles.
import { bytesPerElement } from '../core/dtype.js';
import { type Runtime, runtime, threadsFor } from '../core/runtime.js';
import type { Tensor } from '../core/tensor.js';
import { ranges } from '../core/threads/ranges.js';
import { type GivensExports, givens } from '../generated/givens.js';
import type { Float } from '../linalg/stack.js';
import { angleCotangents, applyRotations, layoutOf } from '../linalg/structured/rotations.js';
import { mul, plus } from '../ops/arithmetic.js';
import { astype } from '../ops/cast.js';
import { expandDims } from '../ops/layout.js';
import { apply, type Derivative, type Op } from '../ops/op.js';
import { take } from '../ops/take.js';
import type { Workspace } from '../ops/workspace.js';

/** How rotations are applied. */
export interface TurnParams {
  /** To the rows of X, or else to its columns. */
  readonly left: boolean;
  /** Ûᵀ instead of Û, of what is rotated: rows, or columns as rows of Xᵀ. */
  readonly inverse: boolean;
}

type TurnArguments = Parameters<GivensExports['apply_turns_f64']>;

/** Columns of a part start at multiples of a cache line, for either dtype. */
const STRIP = 16;
/**
 * Threads that write pieces of the same rows take cache lines from each other where pieces are shorter than this, in bytes; only many rotations
 * a row outweigh that.
 */
const SHORT_PIECE = 1024;
const MANY_TURNS = 16;
/** What one rotation of one column takes, in multiply-adds: four of them, but it is the memory that counts. */
const ROTATION = 8;
/** Angles whose cosines and sines take so long that threads that are awake anyway may share them. */
const MANY_ANGLES = 2048;

function prepareTurns(
  out: Tensor,
  inputs: readonly Tensor[],
  { left, inverse }: TurnParams,
  space: Workspace,
): () => void {
  // By indices: taking arrays apart is much of what the first calls do.
  const x = inputs[0];
  const angles = inputs[1];
  const pairs = inputs[2];
  const permutation: Tensor | undefined = inputs[3];
  const signs: Tensor | undefined = inputs[4];
  const layout = layoutOf(x.shape, left);
  const dtype = x.dtype as Float;
  const count = angles.size;
  const work = space.scratch(givens.exports[`apply_turns_${dtype}_work`](layout.n, layout.m));
  const turns = space.scratch(count * 2 * bytesPerElement(dtype));
  // Angles in f32 are taken as they are, not their cosines.
  const wide = angles.dtype === 'f64' ? 0 : space.scratch(8 * count);
  return () => {
    if (wide !== 0) new Float64Array(runtime().memory.buffer, wide, count).set(angles.data());
    const parallel = poolFor(layout, bytesPerElement(dtype), count);
    writeTurns(dtype, count, wide === 0 ? angles.address : wide, inverse, turns, parallel);
    const { batch, n, m, rs, cs } = layout;
    // biome-ignore format: in the order of the kernel's arguments
    const call: TurnArguments = [
      batch, n, m, count, pairs.address, turns, !inverse, permutation?.address ?? 0, signs?.address ?? 0,
      x.address, n * m, rs, cs, out.address, n * m, rs, cs, work,
    ];
    if (parallel === undefined || !applyInParts(dtype, call, parallel))
      givens.exports[`apply_turns_${dtype}`](...call);
  };
}

/** The threads that are worth their cost, if any. */
function poolFor(
  { batch, n, m, cs }: ReturnType<typeof layoutOf>,
  size: number,
  count: number,
): Runtime['parallel'] {
  const parallel = threadsFor(ROTATION * batch * m * count);
  if (parallel === undefined) return undefined;
  const { threads } = parallel.pool;
  const isShort = batch < threads && cs === 1 && (m * size) / threads < SHORT_PIECE;
  return isShort && count < MANY_TURNS * n ? undefined : parallel;
}

/** Cosines and sines, in parts where there are many. */
function writeTurns(
  dtype: Float,
  count: number,
  angles: number,
  inverse: boolean,
  turns: number,
  parallel: Runtime['parallel'],
): void {
  const isShared =
    count >= MANY_ANGLES &&
    parallel?.run({
      module: givens,
      kernel: `turns_${dtype}`,
      parts: ranges(count, parallel.pool.threads, STRIP),
      ...{ bytes: 0, work: 0, isRepeatable: true },
      args: ([start, length]) =>
        [length, angles + 8 * start, inverse, turns + 2 * bytesPerElement(dtype) * start] as const,
    });
  if (!isShared) givens.exports[`turns_${dtype}`](count, angles, inverse, turns);
}

/** In parts, by matrices or by columns of one matrix; false if they could not be run. A column has the same bits in any part. */
function applyInParts(
  dtype: Float,
  call: TurnArguments,
  parallel: NonNullable<Runtime['parallel']>,
): boolean {
  const [batch, n, m, count, pairs, turns, backward, permutation, signs, ...rest] = call;
  const [x, bsx, rsx, csx, y, bsy, rsy, csy, work] = rest;
  const { threads } = parallel.pool;
  const byMatrix = batch >= threads;
  const size = bytesPerElement(dtype);
  return parallel.run({
    module: givens,
    kernel: `apply_turns_${dtype}`,
    parts: byMatrix ? ranges(batch, threads, 1) : ranges(m, threads, STRIP),
    bytes: givens.exports[`apply_turns_${dtype}_work`](n, m),
    work,
    isRepeatable: x !== y,
    args: ([start, length], own): TurnArguments => {
      const partX = x + start * (byMatrix ? bsx : csx) * size;
      const partY = y + start * (byMatrix ? bsy : csy) * size;
      const [matrices, columns] = byMatrix ? [length, m] : [batch, length];
      return [
        ...([matrices, n, columns, count, pairs, turns, backward, permutation, signs] as const),
        ...([partX, bsx, rsx, csx, partY, bsy, rsy, csy, own] as const),
      ];
    },
  });
}

/** P x, or Pᵀ x for the rows (or the columns) of x. */
function permuted(x: Tensor, order: readonly Tensor[], { left, inverse }: TurnParams): Tensor {
  if (order.length === 0) return x;
  const [permutation, signs, places] = order;
  const axis = left && x.ndim > 1 ? x.ndim - 2 : x.ndim - 1;
  // P x has row permutation[c] = signs[c] x_c; of the way back row c is signs[c] x_permutation[c].
  const factors = left && x.ndim > 1 ? expandDims(signs, 1) : signs;
  const signed = (y: Tensor): Tensor => mul(y, x.dtype === 'f64' ? factors : astype(factors, 'f32'));
  return inverse ? signed(take(x, permutation, axis)) : take(signed(x), places, axis);
}

/** The derivative of Y along directions of the angles. */
function alongAngles(
  params: TurnParams,
  x: Tensor,
  angles: Tensor,
  pairs: Tensor,
  order: readonly Tensor[],
  w: Tensor,
): Tensor {
  if (params.inverse) return permuted(applyRotations(params, x, angles, pairs, [w]), order, params);
  return applyRotations(params, permuted(x, order, params), angles, pairs, [w]);
}

/**
 * Row of the table; inputs x, angles, pairs i32 [N, 2], and permutation i32 [d], signs f64 [d] and the inverse permutation, or none of these: Û x or Ûᵀ x, of
 * rows or of columns. The derivatives in the angles are those of `applyGivens`.
 */
export const applyTurnsOp: Op<TurnParams> = {
  name: 'apply',
  shape: ([x]) => x,
  prepare: (outputs, inputs, params, space) => prepareTurns(outputs[0], inputs, params, space),
  jvp([tx, ta], { inputs: [x, angles, pairs, ...order], params }) {
    let total: Derivative = tx && applyTurns(params, tx, angles, pairs, order);
    if (ta) total = plus(total, alongAngles(params, x, angles, pairs, order, ta));
    return total;
  },
  vjp([ct], { inputs: [x, angles, pairs, ...order], params, wanted }) {
    const c = ct as Tensor;
    const back = { ...params, inverse: !params.inverse };
    const inAngles = (): Tensor =>
      params.inverse
        ? angleCotangents(params, permuted(c, order, back), x, angles, pairs, [])
        : angleCotangents(params, c, permuted(x, order, params), angles, pairs, []);
    return [
      wanted[0] ? applyTurns(back, c, angles, pairs, order) : undefined,
      wanted[1] ? inAngles() : undefined,
      undefined,
      ...order.map(() => undefined),
    ];
  },
};

/** Û x, Ûᵀ x, x Û or x Ûᵀ. */
export function applyTurns(
  params: TurnParams,
  x: Tensor,
  angles: Tensor,
  pairs: Tensor,
  order: readonly Tensor[],
): Tensor {
  return apply(applyTurnsOp, [x, angles, pairs, ...order], params);
}
