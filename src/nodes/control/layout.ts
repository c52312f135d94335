// Where the unknowns of one control problem lie: one vector, ordered by time, so that the optimality system is banded.

/** The sizes of a problem. */
export interface ControlSizes {
  /** The number of steps. */
  readonly T: number;
  readonly nx: number;
  readonly nu: number;
  /** Equalities and inequalities of each step, and of the last state. */
  readonly q: number;
  readonly p: number;
  readonly qT: number;
  readonly pT: number;
}

/**
 * Step t has the entries (λ_t, x_t, u_t, ν_t, μ_t): the multipliers of the equation that x_t comes from, the state, the
 * control, the multipliers of the step's equalities and inequalities. The last state has (λ_T, x_T, ν_T, μ_T).
 */
export interface Layout extends ControlSizes {
  /** x_t and u_t together. */
  readonly nz: number;
  /** Entries of a step; t * stride is where step t begins. */
  readonly stride: number;
  /** Where the parts of a step lie in it; λ_t is at 0, x_t at nx. */
  readonly u: number;
  readonly nuAt: number;
  readonly muAt: number;
  /** Where the last state's entries begin, and its multipliers. */
  readonly last: number;
  readonly nuLast: number;
  readonly muLast: number;
  /** All entries. */
  readonly size: number;
  /** The distance from the diagonal within which all couplings lie. */
  readonly reach: number;
  /** Positions of the multipliers of all equalities and of all inequalities, by time. */
  readonly equalities: Int32Array;
  readonly inequalities: Int32Array;
}

/** The layout of problems of these sizes. */
export function layoutOf(sizes: ControlSizes): Layout {
  const { T, nx, nu, q, p, qT, pT } = sizes;
  const stride = 2 * nx + nu + q + p;
  const last = T * stride;
  const [u, nuAt, muAt] = [2 * nx, 2 * nx + nu, 2 * nx + nu + q];
  const [nuLast, muLast] = [last + 2 * nx, last + 2 * nx + qT];
  const size = muLast + pT;
  const positions = (count: number, at: number, countLast: number, atLast: number) =>
    Int32Array.from({ length: T * count + countLast }, (_, k) =>
      k < T * count ? Math.floor(k / count) * stride + at + (k % count) : atLast + k - T * count,
    );
  return {
    ...sizes,
    nz: nx + nu,
    stride,
    u,
    nuAt,
    muAt,
    last,
    nuLast,
    muLast,
    size,
    reach: Math.max(stride, size - last) - 1,
    equalities: positions(q, nuAt, qT, nuLast),
    inequalities: positions(p, muAt, pT, muLast),
  };
}

/** Functions and their derivatives at a point of one problem; matrices are row-major, one per step. */
export interface Evaluation {
  /** The whole cost. */
  cost: number;
  /** f(x_t, u_t) [T, nx]. */
  readonly next: Float64Array;
  /** Equalities and inequalities, in the order of the layout's positions. */
  readonly h: Float64Array;
  readonly g: Float64Array;
  /** The gradient of cost + λ_{t+1}ᵀ f + νᵀ h + μᵀ g in (x_t, u_t) [T, nz], then in x_T [nx]. */
  readonly gradient: Float64Array;
}

/** First derivatives, and the second ones of the Lagrangian. */
export interface Blocks {
  /** The gradient of the cost alone, like `gradient`. */
  readonly costGradient: Float64Array;
  /** [T, nx, nz] */
  readonly A: Float64Array;
  /** [T, q, nz], then [qT, nx] */
  readonly C: Float64Array;
  /** [T, p, nz], then [pT, nx] */
  readonly G: Float64Array;
  /** [T, nz, nz], then [nx, nx] */
  readonly H: Float64Array;
}

export function makeEvaluation({ T, nx, nz, equalities, inequalities }: Layout): Evaluation {
  return {
    cost: 0,
    next: new Float64Array(T * nx),
    h: new Float64Array(equalities.length),
    g: new Float64Array(inequalities.length),
    gradient: new Float64Array(T * nz + nx),
  };
}

export function makeBlocks({ T, nx, nz, q, p, qT, pT }: Layout): Blocks {
  return {
    costGradient: new Float64Array(T * nz + nx),
    A: new Float64Array(T * nx * nz),
    C: new Float64Array(T * q * nz + qT * nx),
    G: new Float64Array(T * p * nz + pT * nx),
    H: new Float64Array(T * nz * nz + nx * nx),
  };
}

/** The largest absolute entry; NaN if there is one. */
export function largest(v: Float64Array): number {
  let high = 0;
  for (let i = 0; i < v.length; i++) {
    const size = Math.abs(v[i]);
    if (!(size <= high)) {
      if (Number.isNaN(size)) return size;
      high = size;
    }
  }
  return high;
}
