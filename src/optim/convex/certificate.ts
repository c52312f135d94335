// Certificates of programs without a solution: multipliers that contradict the constraints (Farkas), or a ray of
// descent.
import { lengthOf } from '../../core/scalars.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { inner, maxAbs, view } from '../../linalg/blas/addresses.js';
import type { Scaling } from './equilibrate.js';
import { type Iterate, worse } from './measure.js';
import { nonnegativeLeastSquares } from './nonnegative-least-squares.js';
import { OrthogonalComplement } from './orthogonal-complement.js';
import { array, type ConvexProgram } from './program.js';

/**
 * Infeasible: Gᵀλ + Aᵀν = 0, λ >= 0 and hᵀλ + bᵀν = -1. Unbounded, without a lower bound on the feasible set: P x = 0,
 * G x <= 0, A x = 0 and qᵀx = -1.
 */
export type Certificate = { lambda: Tensor; nu: Tensor; x?: undefined } | { x: Tensor; lambda?: undefined };

/** Largest residual of a certificate, relative to its 1: with it the certificate holds for all points up to 10⁸. */
const SLACK = 1e-8;
/**
 * Largest residual of a large certificate, in equilibrated units: this fraction of it, its rounding, and no more than
 * that.
 */
const EXACT = { share: 1e-13, most: 1e-5 };
/** A direction is examined if no more than this fraction of it violates the conditions. */
const NEAR = 1e-3;
/** Multipliers, and slacks, below this fraction of the largest count as zero; one guess after the other. */
const SMALL = [1e-5, 1e-9, 0];
/** Rows count as combinations of others up to this: for exact data, and for rounded data. */
const DEPENDENT = [1e-13, 1e-9];
/** How often the set of zeros changes. */
const ROUNDS = 5;

/**
 * Finds certificates near the directions in which an iteration on the equilibrated program diverges: projects the
 * directions on the equations of a certificate, and measures the result in the user's units.
 */
export class Certifier {
  readonly #program: ConvexProgram;
  readonly #scaled: ConvexProgram;
  readonly #scaling: Scaling;
  /** The largest entries of the columns of [G; A], and of the rows of [G; P; A]: the units of residuals. */
  readonly #columns: Float64Array;
  readonly #rows: Float64Array;

  constructor(program: ConvexProgram, scaled: ConvexProgram, scaling: Scaling) {
    this.#program = program;
    this.#scaled = scaled;
    this.#scaling = scaling;
    const { n, P, G, A } = scaled;
    this.#columns = new Float64Array(n);
    for (const row of rowsOf([G, A]))
      for (let j = 0; j < n; j++) this.#columns[j] = Math.max(this.#columns[j], Math.abs(row[j]));
    this.#rows = Float64Array.from(rowsOf([G, P, A]), maxAbs);
  }

  /** The certificate near a direction of the equilibrated program, in the user's units, or undefined. */
  find({ x, lambda, nu }: Iterate): Certificate | undefined {
    const y = this.#contradiction(joined(lambda, nu));
    if (y !== undefined) return this.#multipliers(y);
    const ray = this.#ray(view(x).slice());
    return ray && { x: array('convex', [this.#program.n], ray) };
  }

  /**
   * Looks for a contradiction without a direction: among all multipliers, those for which [Gᵀλ + Aᵀν; hᵀλ + bᵀν] is
   * nearest to [0; -1]. For iterations that diverge so slowly that they show no direction.
   */
  search(): Certificate | undefined {
    const { n, m, G, h, A, b } = this.#scaled;
    const sides = joined(h, b);
    const unit = maxAbs(sides) || 1;
    const rows = rowsOf([G, A]);
    const columns = rows.map((row, i) => Float64Array.of(...row, sides[i] / unit));
    const target = new Float64Array(n + 1);
    target[n] = -1;
    const y = this.#contradiction(nonnegativeLeastSquares(columns, m, target));
    return y && this.#multipliers(y);
  }

  #multipliers(y: Float64Array): Certificate {
    const { m, p } = this.#program;
    return { lambda: array('convex', [m], y.subarray(0, m)), nu: array('convex', [p], y.subarray(m)) };
  }

  /** From y = [λ, ν]: its projection on Gᵀλ + Aᵀν = 0, without the multipliers that become negative. */
  #contradiction(y: Float64Array): Float64Array | undefined {
    const { m, G, h, A, b } = this.#scaled;
    if (!normalise(y, joined(h, b))) return undefined;
    const size = maxAbs(y);
    if (!(maxAbs(over(combination([G, A], y), this.#columns)) <= NEAR * size)) return undefined;
    const tried = new Set<number>();
    for (const small of SMALL) {
      let held = Array.from(y, (_, i) => i).filter((i) => i >= m || y[i] > small * size);
      for (let round = 0; round < ROUNDS && !tried.has(held.length); round++) {
        tried.add(held.length);
        const complement = complementOf([G, A], held, false);
        const isNegative = new Uint8Array(y.length);
        for (const rounding of DEPENDENT) {
          const part = Float64Array.from(held, (i) => y[i]);
          complement.project(part, rounding);
          const z = new Float64Array(y.length);
          held.forEach((row, k) => {
            if (row < m && !(part[k] > 0)) isNegative[row] = 1;
            else z[row] = part[k];
          });
          const proof = this.#contradicts(z);
          if (proof !== undefined) return proof;
        }
        held = held.filter((row) => isNegative[row] === 0);
      }
    }
    return undefined;
  }

  /** [λ, ν] in the user's units, if it proves infeasibility. */
  #contradicts(y: Float64Array): Float64Array | undefined {
    const [from, to] = [this.#scaled, this.#program];
    const { E, F } = this.#scaling;
    if (!normalise(y, joined(from.h, from.b))) return undefined;
    const own = y.map((value, i) => value * (i < E.length ? E[i] : F[i - E.length]));
    if (!normalise(own, joined(to.h, to.b))) return undefined;
    const missed = maxAbs(over(combination([from.G, from.A], y), this.#columns));
    return proves(missed, maxAbs(y), maxAbs(combination([to.G, to.A], own))) ? own : undefined;
  }

  /** From x: its projection on P x = 0, A x = 0 and the rows of G that are zero there, or would become positive. */
  #ray(x: Float64Array): Float64Array | undefined {
    const { m, P, q, G, A } = this.#scaled;
    if (!normalise(x, view(q))) return undefined;
    const size = maxAbs(x);
    const values = over(products([G, P, A], x), this.#rows);
    if (!(excess(values, m) <= NEAR * size)) return undefined;
    const tried = new Set<number>();
    for (const small of SMALL) {
      let held = Array.from(values, (_, i) => i).filter((i) => i >= m || values[i] > -small * size);
      for (let round = 0; round < ROUNDS && !tried.has(held.length); round++) {
        tried.add(held.length);
        const complement = complementOf([G, P, A], held, true);
        const isIn = new Set(held);
        for (const rounding of DEPENDENT) {
          const z = x.slice();
          complement.project(z, rounding);
          const after = products([G], z);
          for (let i = 0; i < m; i++) if (after[i] > 0) isIn.add(i);
          const proof = this.#falls(z);
          if (proof !== undefined) return proof;
        }
        held = Array.from(isIn);
      }
    }
    return undefined;
  }

  /** x in the user's units, if it proves that the value has no lower bound. */
  #falls(x: Float64Array): Float64Array | undefined {
    const [from, to, m] = [this.#scaled, this.#program, this.#program.m];
    if (!normalise(x, view(from.q))) return undefined;
    const own = x.map((value, i) => value * this.#scaling.D[i]);
    if (!normalise(own, view(to.q))) return undefined;
    const missed = excess(over(products([from.G, from.P, from.A], x), this.#rows), m);
    return proves(missed, maxAbs(x), excess(products([to.G, to.P, to.A], own), m)) ? own : undefined;
  }
}

/** Whether a residual is too large, for a certificate of this size, in equilibrated units and in the user's units. */
function proves(scaled: number, size: number, own: number): boolean {
  return scaled <= Math.min(EXACT.share * size, EXACT.most) || Math.max(scaled, own) <= SLACK;
}

/** By how much the first `m` are positive, and the others not zero. */
function excess(values: Float64Array, m: number): number {
  return values.reduce((most, value, i) => worse(most, i < m ? value : Math.abs(value)), 0);
}

/** M x for the rows of these matrices. */
function products(matrices: Tensor[], x: Float64Array): Float64Array {
  return Float64Array.from(rowsOf(matrices), (row) => inner(row, x));
}

/** Mᵀ y for the rows of these matrices. */
function combination(matrices: Tensor[], y: Float64Array): Float64Array {
  const sum = new Float64Array(matrices[0].shape[1]);
  rowsOf(matrices).forEach((row, i) => {
    if (y[i] !== 0) for (let j = 0; j < sum.length; j++) sum[j] += row[j] * y[i];
  });
  return sum;
}

/** values / units, where a unit is not zero. */
function over(values: Float64Array, units: Float64Array): Float64Array {
  return values.map((value, i) => value / (units[i] || 1));
}

/**
 * Scales a direction to a product of -1 with these sides; false if the product is not negative, or lost in rounding.
 */
function normalise(direction: Float64Array, sides: Float64Array): boolean {
  let [product, size] = [0, 0];
  for (let i = 0; i < direction.length; i++) {
    product += direction[i] * sides[i];
    size += Math.abs(direction[i] * sides[i]);
  }
  if (!(product < -1e-12 * size) || !Number.isFinite(product)) return false;
  for (let i = 0; i < direction.length; i++) direction[i] /= -product;
  return true;
}

/** The entries of two vectors, one after the other, in JavaScript's memory. */
function joined(a: Tensor, b: Tensor): Float64Array {
  const out = new Float64Array(a.size + b.size);
  out.set(view(a));
  out.set(view(b), a.size);
  return out;
}

/**
 * Projects on the orthogonal complement of the columns of these rows of [M_1; M_2; ...]; `transposed`: of the rows,
 * scaled to length 1.
 */
function complementOf(matrices: Tensor[], rows: number[], transposed: boolean): OrthogonalComplement {
  const n = matrices[0].shape[1];
  return scope(() => {
    const B = array('convex', transposed ? [n, rows.length] : [rows.length, n]);
    const [to, all] = [view(B), rowsOf(matrices)];
    rows.forEach((row, k) => {
      const length = transposed ? lengthOf(all[row]) || 1 : 1;
      for (let j = 0; j < n; j++) to[transposed ? j * rows.length + k : k * n + j] = all[row][j] / length;
    });
    return new OrthogonalComplement(B);
  });
}

/** Views of the rows of stacked matrices. */
function rowsOf(matrices: Tensor[]): Float64Array[] {
  return matrices.flatMap((M) => {
    const [count, n] = M.shape;
    return Array.from({ length: count }, (_, i) => view(M).subarray(i * n, (i + 1) * n));
  });
}
