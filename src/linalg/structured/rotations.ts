// Y = G(α) X for a sequence of plane rotations, its derivatives along angles, and their transposes, by sweeps of O(1)
// work per rotation and column.
import { bytesPerElement, typedArray } from '../../core/dtype.js';
import { runtime } from '../../core/runtime.js';
import type { Shape } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { blas } from '../../generated/blas.js';
import { givens } from '../../generated/givens.js';
import { plus } from '../../ops/arithmetic.js';
import { apply, type Derivative, type Op } from '../../ops/op.js';
import type { Workspace } from '../../ops/workspace.js';
import type { Float } from '../stack.js';
import { rotateInParts } from './rotation-threads.js';
import { prepareTurns } from './turns.js';

interface RotationParams {
  /** Rotate the rows of X, or else the columns. */
  left: boolean;
  /** Use Gᵀ = G_Nᵀ … G_1ᵀ instead of G = G_1 … G_N. */
  inverse: boolean;
}

/** X as `batch` times m columns of n elements; rs and cs are the pitches of rows and columns. */
export function layoutOf(shape: Shape, left: boolean) {
  const axes = shape.length;
  const rows = axes > 1 ? shape[axes - 2] : left ? shape[0] : 1;
  const columns = axes === 1 && left ? 1 : shape[axes - 1];
  let batch = 1;
  for (let k = 0; k < axes - 2; k++) batch *= shape[k];
  return left
    ? { batch, n: rows, m: columns, rs: columns, cs: 1 }
    : { batch, n: columns, m: rows, rs: 1, cs: columns };
}

/** Prepares Y := G X by the kernel. */
function prepareRotate(
  out: Tensor,
  x: Tensor,
  angles: Tensor,
  pairs: Tensor,
  { left, inverse }: RotationParams,
  space: Workspace,
): () => void {
  const { batch, n, m, rs, cs } = layoutOf(x.shape, left);
  const dtype = x.dtype as Float;
  const count = angles.size;
  const work = space.scratch(blas.exports.rotate_work(n));
  const turns = space.scratch(count * 2 * bytesPerElement(dtype));
  const turnsOf = prepareTurns(angles, dtype, space);
  return () => {
    const table = typedArray(dtype, runtime().memory.buffer, turns, 2 * count);
    turnsOf((cos, sin, start) => {
      for (let t = 0; t < cos.length; t++) {
        table[2 * (start + t)] = cos[t];
        table[2 * (start + t) + 1] = inverse ? -sin[t] : sin[t];
      }
    });
    rotateInParts(dtype, [
      ...([batch, n, m, count, pairs.address, turns, !inverse] as const),
      ...([x.address, n * m, rs, cs, out.address, n * m, rs, cs, work] as const),
    ]);
  };
}

/** Where the kernels of derivatives find the angles and their directions, all in f64. */
interface Sweep {
  readonly turns: number;
  readonly directions: number;
  /** Writes them, before each run. */
  write(): void;
}

function prepareSweep(angles: Tensor, ws: readonly Tensor[], space: Workspace): Sweep {
  const count = angles.size;
  const turns = space.scratch(16 * count);
  const directions = space.scratch(8 * count * ws.length);
  const wide = angles.dtype === 'f64' ? 0 : space.scratch(8 * count);
  return {
    turns,
    directions,
    write() {
      const { buffer } = runtime().memory;
      if (wide !== 0) new Float64Array(buffer, wide, count).set(angles.data());
      givens.exports.turns_f64(count, wide === 0 ? angles.address : wide, false, turns);
      ws.forEach((w, p) => {
        new Float64Array(buffer, directions + 8 * count * p, count).set(w.data());
      });
    },
  };
}

/** Row of the table; inputs x, angles, pairs [N, 2] and k directions [N]: the k-th derivative of G(α) x along them. */
export const applyRotationsOp: Op<RotationParams> = {
  name: 'applyGivens',
  shape: ([x]) => x,
  prepare([out], [x, angles, pairs, ...ws], params, space) {
    if (ws.length === 0) return prepareRotate(out, x, angles, pairs, params, space);
    const { batch, n, m, rs, cs } = layoutOf(x.shape, params.left);
    const dtype = x.dtype as Float;
    const work = space.scratch(givens.exports.turn_series_work(n, m, ws.length));
    const sweep = prepareSweep(angles, ws, space);
    return () => {
      sweep.write();
      givens.exports[`turn_series_${dtype}`](
        ...([batch, n, m, angles.size, pairs.address, sweep.turns, ws.length, sweep.directions] as const),
        ...([params.inverse, x.address, n * m, rs, cs, out.address, work] as const),
      );
    };
  },
  jvp([tx, ta, , ...tws], { inputs: [x, angles, pairs, ...ws], params }) {
    let total = tx && applyRotations(params, tx, angles, pairs, ws);
    if (ta) total = plus(total, applyRotations(params, x, angles, pairs, [...ws, ta]));
    tws.forEach((tw, p) => {
      if (tw) total = plus(total, applyRotations(params, x, angles, pairs, ws.with(p, tw)));
    });
    return total;
  },
  vjp([ct], { inputs: [x, angles, pairs, ...ws], params, wanted }) {
    const c = ct as Tensor;
    return [
      wanted[0] ? applyRotations({ ...params, inverse: !params.inverse }, c, angles, pairs, ws) : undefined,
      wanted[1] ? angleCotangents(params, c, x, angles, pairs, ws) : undefined,
      undefined,
      ...ws.map((_, p) =>
        wanted[3 + p] ? angleCotangents(params, c, x, angles, pairs, ws.toSpliced(p, 1)) : undefined,
      ),
    ];
  },
};

/**
 * Row of the table; inputs u, x, angles, pairs and k - 1 directions: the numbers m_t with Σ m_t v_t = <u, D x>, where D
 * is the k-th derivative of G along the directions and v. The sweep goes back through the rotations and undoes them one
 * by one.
 */
export const angleCotangentsOp: Op<RotationParams> = {
  name: 'applyGivens',
  shape: ([, , angles]) => angles,
  prepare([out], [u, x, angles, pairs, ...ws], params, space) {
    const { batch, n, m, rs, cs } = layoutOf(x.shape, params.left);
    const dtype = x.dtype as Float;
    const count = angles.size;
    const work = space.scratch(givens.exports.turn_series_work(n, m, ws.length));
    const sums = space.scratch(8 * count);
    const sweep = prepareSweep(angles, ws, space);
    return () => {
      sweep.write();
      givens.exports[`turn_moments_${dtype}`](
        ...([batch, n, m, count, pairs.address, sweep.turns, ws.length, sweep.directions] as const),
        ...([params.inverse, u.address, x.address, n * m, rs, cs, sums, work] as const),
      );
      out.data().set(new Float64Array(runtime().memory.buffer, sums, count));
    };
  },
  jvp([tu, tx, ta, , ...tws], { inputs: [u, x, angles, pairs, ...ws], params }) {
    let total: Derivative = tu && angleCotangents(params, tu, x, angles, pairs, ws);
    if (tx) total = plus(total, angleCotangents(params, u, tx, angles, pairs, ws));
    if (ta) total = plus(total, angleCotangents(params, u, x, angles, pairs, [...ws, ta]));
    tws.forEach((tw, p) => {
      if (tw) total = plus(total, angleCotangents(params, u, x, angles, pairs, ws.with(p, tw)));
    });
    return total;
  },
  vjp([ct], { inputs: [u, x, angles, pairs, ...ws], params, wanted }) {
    const all = [...ws, ct as Tensor];
    return [
      wanted[0] ? applyRotations(params, x, angles, pairs, all) : undefined,
      wanted[1] ? applyRotations({ ...params, inverse: !params.inverse }, u, angles, pairs, all) : undefined,
      wanted[2] ? angleCotangents(params, u, x, angles, pairs, all) : undefined,
      undefined,
      ...ws.map((_, p) =>
        wanted[4 + p] ? angleCotangents(params, u, x, angles, pairs, all.toSpliced(p, 1)) : undefined,
      ),
    ];
  },
};

/** The derivative of G(α) x along directions; without directions G(α) x itself. */
export function applyRotations(
  params: RotationParams,
  x: Tensor,
  angles: Tensor,
  pairs: Tensor,
  ws: readonly Tensor[] = [],
): Tensor {
  return apply(applyRotationsOp, [x, angles, pairs, ...ws], params);
}

export function angleCotangents(
  params: RotationParams,
  u: Tensor,
  x: Tensor,
  angles: Tensor,
  pairs: Tensor,
  ws: readonly Tensor[],
): Tensor {
  return apply(angleCotangentsOp, [u, x, angles, pairs, ...ws], params);
}
