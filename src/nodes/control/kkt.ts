// The optimality system of a control problem, linearised: symmetric and banded in the order of the layout.
import { BandLU, BandMatrix } from './band-lu.js';
import type { Blocks, Evaluation, Layout } from './layout.js';

/** What the rows of the constraints are. */
export interface ConstraintRows {
  /** Per inequality: whether it takes part; the row of one that does not is μ_i = 0. */
  readonly isOn: (k: number) => boolean;
  /** Per inequality that takes part: what stands on the diagonal. */
  readonly diagonal: (k: number) => number;
  /** What stands on the diagonal for equalities: a small negative number lets rows depend on each other. */
  readonly equalityDiagonal: number;
}

/** M := [H + shift, Jᵀ; J, D]. */
export function writeSystem(
  M: BandMatrix,
  layout: Layout,
  { A, C, G, H }: Blocks,
  rows: ConstraintRows,
  shift: number,
): void {
  const { T, nx, nz, q, p, qT, pT, stride, nuAt, muAt, nuLast, muLast } = layout;
  M.clear();
  const both = (i: number, j: number, value: number) => {
    M.add(i, j, value);
    M.add(j, i, value);
  };
  for (let t = 0; t <= T; t++) {
    const isLast = t === T;
    const base = t * stride;
    const z = base + nx;
    const n = isLast ? nx : nz;
    for (let i = 0; i < nx; i++) both(base + i, z + i, -1);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) M.add(z + i, z + j, H[t * nz * nz + i * n + j]);
      M.add(z + i, z + i, shift);
    }
    if (!isLast) {
      for (let i = 0; i < nx; i++)
        for (let j = 0; j < nz; j++) both(base + stride + i, z + j, A[(t * nx + i) * nz + j]);
    }
    const [equalities, nu] = isLast ? [qT, nuLast] : [q, base + nuAt];
    for (let i = 0; i < equalities; i++) {
      const row = t * q * nz + i * n;
      for (let j = 0; j < n; j++) both(nu + i, z + j, C[row + j]);
      M.add(nu + i, nu + i, rows.equalityDiagonal);
    }
    const [inequalities, mu] = isLast ? [pT, muLast] : [p, base + muAt];
    for (let i = 0; i < inequalities; i++) {
      if (!rows.isOn(t * p + i)) {
        M.add(mu + i, mu + i, 1);
        continue;
      }
      const row = t * p * nz + i * n;
      for (let j = 0; j < n; j++) both(mu + i, z + j, G[row + j]);
      M.add(mu + i, mu + i, rows.diagonal(t * p + i));
    }
  }
}

/** A linear system of the layout's size: matrix and factors, whose memory serves one system after the other. */
export class ControlMatrix {
  readonly matrix: BandMatrix;
  readonly lu: BandLU;

  constructor({ size, reach }: Layout) {
    this.matrix = new BandMatrix(size, reach);
    this.lu = new BandLU(this.matrix);
  }
}

/**
 * The gradient of the Lagrangian in all unknowns at w: stationarity, dynamics, equalities; 0 at the inequalities, which
 * each method treats in its own way.
 */
export function lagrangianGradient(
  layout: Layout,
  { next, h, gradient }: Evaluation,
  w: Float64Array,
  start: Float64Array,
): Float64Array {
  const { T, nx, nz, stride, equalities } = layout;
  const out = new Float64Array(layout.size);
  for (let t = 0; t <= T; t++) {
    const base = t * stride;
    for (let i = 0; i < nx; i++) {
      const from = t === 0 ? start[i] : next[(t - 1) * nx + i];
      out[base + i] = from - w[base + nx + i];
    }
    const n = t === T ? nx : nz;
    for (let i = 0; i < n; i++) out[base + nx + i] = gradient[t * nz + i] - (i < nx ? w[base + i] : 0);
  }
  for (let k = 0; k < equalities.length; k++) out[equalities[k]] = h[k];
  return out;
}
