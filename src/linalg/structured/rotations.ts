// Y = G(α) X for a sequence of plane rotations, its derivatives along angles, and their transposes, by sweeps of O(1)
// work per rotation and column.
import { bytesPerElement, typedArray } from '../../core/dtype.js';
import { runtime } from '../../core/runtime.js';
import { type Shape, sizeOf } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { blas } from '../../generated/blas.js';
import { plus } from '../../ops/arithmetic.js';
import { apply, type Derivative, type Op } from '../../ops/op.js';
import type { Workspace } from '../../ops/workspace.js';
import type { Float } from '../stack.js';
import { rotateInParts } from './rotation-threads.js';
import { prepareTurns, type TakeTurns } from './turns.js';

interface RotationParams {
  /** Rotate the rows of X, or else the columns. */
  left: boolean;
  /** Use Gᵀ = G_Nᵀ … G_1ᵀ instead of G = G_1 … G_N. */
  inverse: boolean;
}

/** X as `batch` times m columns of n elements; rs and cs are the pitches of rows and columns. */
export function layoutOf(shape: Shape, left: boolean) {
  const [rows, columns] = shape.length === 1 ? (left ? [shape[0], 1] : [1, shape[0]]) : shape.slice(-2);
  const [n, m] = left ? [rows, columns] : [columns, rows];
  const [rs, cs] = left ? [columns, 1] : [1, columns];
  return { batch: sizeOf(shape.slice(0, -2)), n, m, rs, cs };
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

/**
 * One column over the algebra of k nilpotent numbers, ε_p² = 0: coefficient S (a set of p as bits) of element i lies at
 * S n + i, and the angles are α_t + Σ ε_p w_p,t. The coefficient of ε_1 … ε_k of a sweep is the derivative along w_1 …
 * w_k.
 */
class NilpotentSeries {
  readonly z: Float64Array;
  readonly n: number;
  readonly size: number;

  constructor(n: number, k: number) {
    this.n = n;
    this.size = 1 << k;
    this.z = new Float64Array(n * this.size);
  }

  /** Takes a column as the coefficient of 1. */
  load(data: ArrayLike<number>, start: number, step: number): void {
    this.z.fill(0);
    for (let i = 0; i < this.n; i++) this.z[i] = data[start + i * step];
  }

  /** Rotates the plane of i and j by the angle with this cosine and sine, and by `sign` w_p ε_p. */
  turn(
    i: number,
    j: number,
    c: number,
    s: number,
    sign: number,
    t: number,
    ws: readonly ArrayLike<number>[],
  ): void {
    const { z, n, size } = this;
    for (let p = 0; p < ws.length; p++) {
      const w = sign * ws[p][t];
      for (let set = 0; set < size; set++) {
        if ((set & (1 << p)) === 0) continue;
        const [to, from] = [set * n, (set ^ (1 << p)) * n];
        z[to + i] += w * z[from + j];
        z[to + j] -= w * z[from + i];
      }
    }
    for (let at = 0; at < z.length; at += n) {
      const [a, b] = [z[at + i], z[at + j]];
      z[at + i] = c * a + s * b;
      z[at + j] = c * b - s * a;
    }
  }
}

/** The sequence in the order in which the factors are applied: step number `step` of `count`. */
class RotationSequence {
  readonly count: number;
  readonly #pairs: ArrayLike<number>;
  readonly #cos: Float64Array;
  readonly #sin: Float64Array;
  readonly #ws: readonly ArrayLike<number>[];
  readonly sign: number;

  /** `turnsOf`: prepared cosines and sines of `count` angles, in f64. */
  constructor(
    count: number,
    turnsOf: (take: TakeTurns) => void,
    pairs: Tensor,
    ws: readonly Tensor[],
    inverse: boolean,
  ) {
    this.count = count;
    this.#pairs = pairs.data();
    this.#cos = new Float64Array(count);
    this.#sin = new Float64Array(count);
    turnsOf((cos, sin, start) => {
      this.#cos.set(cos, start);
      this.#sin.set(sin, start);
    });
    this.#ws = ws.map((w) => w.data());
    this.sign = inverse ? -1 : 1;
  }

  /** G applies its last factor first, Gᵀ its first. */
  factor(step: number): number {
    return this.sign > 0 ? this.count - 1 - step : step;
  }

  /** Applies a step, or with direction -1 undoes it. */
  apply(jet: NilpotentSeries, step: number, direction: 1 | -1): void {
    const t = this.factor(step);
    const sign = this.sign * direction;
    const [i, j] = [this.#pairs[2 * t], this.#pairs[2 * t + 1]];
    jet.turn(i, j, this.#cos[t], sign * this.#sin[t], sign, t, this.#ws);
  }

  /** Σ_S u_S J z_{all but S} in the plane of a step: the part that depends on its angle. */
  moment(step: number, u: NilpotentSeries, z: NilpotentSeries): number {
    const t = this.factor(step);
    const [i, j] = [this.#pairs[2 * t], this.#pairs[2 * t + 1]];
    let total = 0;
    for (let set = 0; set < u.size; set++) {
      const [at, other] = [set * u.n, (u.size - 1 - set) * u.n];
      total += u.z[at + i] * z.z[other + j] - u.z[at + j] * z.z[other + i];
    }
    return this.sign * total;
  }
}

/** Row of the table; inputs x, angles, pairs [N, 2] and k directions [N]: the k-th derivative of G(α) x along them. */
export const applyRotationsOp: Op<RotationParams> = {
  name: 'applyGivens',
  shape: ([x]) => x,
  prepare([out], [x, angles, pairs, ...ws], params, space) {
    if (ws.length === 0) return prepareRotate(out, x, angles, pairs, params, space);
    const { batch, n, m, rs, cs } = layoutOf(x.shape, params.left);
    const turnsOf = prepareTurns(angles, 'f64', space);
    return () => {
      const sequence = new RotationSequence(angles.size, turnsOf, pairs, ws, params.inverse);
      const jet = new NilpotentSeries(n, ws.length);
      const [from, to] = [x.data(), out.data()];
      for (let column = 0; column < batch * m; column++) {
        const start = Math.floor(column / m) * n * m + (column % m) * cs;
        jet.load(from, start, rs);
        for (let step = 0; step < sequence.count; step++) sequence.apply(jet, step, 1);
        for (let i = 0; i < n; i++) to[start + i * rs] = jet.z[(jet.size - 1) * n + i];
      }
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
    const turnsOf = prepareTurns(angles, 'f64', space);
    return () => {
      const sequence = new RotationSequence(angles.size, turnsOf, pairs, ws, params.inverse);
      const [left, right] = [new NilpotentSeries(n, ws.length), new NilpotentSeries(n, ws.length)];
      const [us, xs, sums] = [u.data(), x.data(), new Float64Array(sequence.count)];
      for (let column = 0; column < batch * m; column++) {
        const start = Math.floor(column / m) * n * m + (column % m) * cs;
        left.load(us, start, rs);
        right.load(xs, start, rs);
        for (let step = 0; step < sequence.count; step++) sequence.apply(right, step, 1);
        for (let step = sequence.count - 1; step >= 0; step--) {
          sums[sequence.factor(step)] += sequence.moment(step, left, right);
          sequence.apply(left, step, -1);
          sequence.apply(right, step, -1);
        }
      }
      out.data().set(sums);
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
