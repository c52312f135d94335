// Why a quadratic program has no solution: multipliers that contradict its constraints (Farkas), or a ray along which it falls.
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import type { Scaling } from './equilibrate.js';
import { inner, largest, view } from './matrix.js';
import type { Point } from './measure.js';
import { nonnegativeLeastSquares } from './nonnegative-least-squares.js';
import { OrthogonalComplement } from './orthogonal-complement.js';
import { array, type Program } from './program.js';

/**
 * No point is feasible: Gᵀλ + Aᵀν = 0, λ >= 0 and hᵀλ + bᵀν = -1. Or the objective has no lower bound on the feasible set: P x = 0,
 * G x <= 0, A x = 0 and qᵀx = -1.
 */
export type Certificate = { lambda: Tensor; nu: Tensor; x?: undefined } | { x: Tensor; lambda?: undefined };

/** What a certificate may leave over, relative to its 1: as much as makes it hold for all points up to 10⁸. */
const SLACK = 1e-8;
/** What it may leave over of a sum of large terms: their rounding. */
const ROUNDING = 2 ** -48;
/** A direction is looked at where no more than this share of it is in the way. */
const NEAR = 1e-3;
/** Multipliers, and slacks, below this share of the largest are taken for zero, one guess after the other. */
const SMALL = [1e-5, 1e-9, 0];
/** Rows count as combinations of others up to this: exact data, and data that were rounded. */
const DEPENDENT = [1e-13, 1e-9];
/** Changes of what is taken for zero. */
const ROUNDS = 5;

/**
 * Finds certificates near the directions in which an iteration on the equilibrated program diverges: projects them on the
 * equations that they have to meet, and measures what comes out in the units of the user.
 */
export class Certifier {
  readonly #program: Program;
  readonly #scaled: Program;
  readonly #scaling: Scaling;

  constructor(program: Program, scaled: Program, scaling: Scaling) {
    this.#program = program;
    this.#scaled = scaled;
    this.#scaling = scaling;
  }

  /** The certificate that a direction on the equilibrated program points at, in the user's units, or undefined. */
  find({ x, lambda, nu }: Point): Certificate | undefined {
    const y = this.#contradiction(joined(lambda, nu));
    if (y !== undefined) return this.#multipliers(y);
    const ray = this.#ray(view(x).slice());
    return ray && { x: array('convex', [this.#program.n], ray) };
  }

  /**
   * The contradiction, if there is one, from nowhere: of all multipliers, those for which [Gᵀλ + Aᵀν; hᵀλ + bᵀν] is nearest to
   * [0; -1]. For iterations that diverge so slowly that their direction does not show.
   */
  search(): Certificate | undefined {
    const { n, m, G, h, A, b } = this.#scaled;
    const sides = joined(h, b);
    const unit = largest(sides) || 1;
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

  /** From y = [λ, ν]: its projection on Gᵀλ + Aᵀν = 0, without the multipliers that are negative there. */
  #contradiction(y: Float64Array): Float64Array | undefined {
    const { n, m, G, h, A, b } = this.#scaled;
    if (!normalise(y, joined(h, b))) return undefined;
    const sums = new Sums(n);
    sums.addCombination([G, A], y);
    const size = largest(y);
    if (!(largest(sums.values) <= NEAR * size)) return undefined;
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
          if (this.#contradicts(z)) return z;
        }
        held = held.filter((row) => isNegative[row] === 0);
      }
    }
    return undefined;
  }

  /** Takes [λ, ν] to the user's units; whether it proves that there is no feasible point. */
  #contradicts(y: Float64Array): boolean {
    const { n, m, G, h, A, b } = this.#program;
    const { E, F } = this.#scaling;
    for (let i = 0; i < y.length; i++) y[i] *= i < m ? E[i] : F[i - m];
    if (!normalise(y, joined(h, b))) return false;
    const sums = new Sums(n);
    sums.addCombination([G, A], y);
    return sums.vanish();
  }

  /** From x: its projection on P x = 0, A x = 0 and the rows of G that are zero there, or would be positive. */
  #ray(x: Float64Array): Float64Array | undefined {
    const { m, P, q, G, A } = this.#scaled;
    if (!normalise(x, view(q).slice())) return undefined;
    const matrices = [G, P, A];
    const { values } = Sums.ofProducts(matrices, x);
    const size = largest(x);
    if (!values.every((value, i) => (i < m ? value : Math.abs(value)) <= NEAR * size)) return undefined;
    const tried = new Set<number>();
    for (const small of SMALL) {
      let held = Array.from(values, (_, i) => i).filter((i) => i >= m || values[i] > -small * size);
      for (let round = 0; round < ROUNDS && !tried.has(held.length); round++) {
        tried.add(held.length);
        const complement = complementOf(matrices, held, true);
        const isIn = new Set(held);
        for (const rounding of DEPENDENT) {
          const z = x.slice();
          complement.project(z, rounding);
          Sums.ofProducts(matrices, z).values.forEach((value, i) => {
            if (i < m && value > 0) isIn.add(i);
          });
          if (this.#falls(z)) return z;
        }
        held = Array.from(isIn);
      }
    }
    return undefined;
  }

  /** Takes x to the user's units; whether it proves that the value has no lower bound. */
  #falls(x: Float64Array): boolean {
    const { m, P, q, G, A } = this.#program;
    const { D } = this.#scaling;
    for (let i = 0; i < x.length; i++) x[i] *= D[i];
    return normalise(x, view(q)) && Sums.ofProducts([G, P, A], x).vanish(m);
  }
}

/** Sums and the sums of the magnitudes of their terms, by which rounding is measured. */
class Sums {
  readonly values: Float64Array;
  readonly #sizes: Float64Array;

  constructor(count: number) {
    this.values = new Float64Array(count);
    this.#sizes = new Float64Array(count);
  }

  /** M x for the rows of these matrices. */
  static ofProducts(matrices: Tensor[], x: Float64Array): Sums {
    const sums = new Sums(matrices.reduce((count, { shape }) => count + shape[0], 0));
    let row = 0;
    for (const M of matrices) {
      const data = view(M);
      for (let at = 0; at < data.length; row++)
        for (let j = 0; j < x.length; j++) sums.#add(row, data[at++] * x[j]);
    }
    return sums;
  }

  /** Adds Mᵀ y, M the rows of these matrices. */
  addCombination(matrices: Tensor[], y: Float64Array): void {
    const n = this.values.length;
    let row = 0;
    for (const M of matrices) {
      const data = view(M);
      for (let at = 0; at < data.length; row++) {
        if (y[row] === 0) at += n;
        else for (let j = 0; j < n; j++) this.#add(j, data[at++] * y[row]);
      }
    }
  }

  #add(i: number, term: number): void {
    this.values[i] += term;
    this.#sizes[i] += Math.abs(term);
  }

  /** Whether they are zero, the first `oneSided` ones or negative, up to what a certificate may leave over. */
  vanish(oneSided = 0): boolean {
    return this.values.every((value, i) => {
      const off = i < oneSided ? value : Math.abs(value);
      return off <= Math.max(SLACK, ROUNDING * this.#sizes[i]);
    });
  }
}

/** Scales a direction to a product of -1 with these sides; false where that is not negative, or lost in rounding. */
function normalise(direction: Float64Array, sides: Float64Array): boolean {
  const product = inner(direction, sides);
  const size = largest(direction) * largest(sides);
  if (!(product < -1e-12 * size) || !Number.isFinite(product)) return false;
  for (let i = 0; i < direction.length; i++) direction[i] /= -product;
  return true;
}

/** The numbers of two vectors, one after the other, in JavaScript's memory. */
function joined(a: Tensor, b: Tensor): Float64Array {
  const out = new Float64Array(a.size + b.size);
  out.set(view(a));
  out.set(view(b), a.size);
  return out;
}

/** Projects on what the columns of these rows of [M_1; M_2; ...] do not reach; `transposed`: what the rows do not, each of length 1. */
function complementOf(matrices: Tensor[], rows: number[], transposed: boolean): OrthogonalComplement {
  const n = matrices[0].shape[1];
  return scope(() => {
    const B = array('convex', transposed ? [n, rows.length] : [rows.length, n]);
    const [to, all] = [view(B), rowsOf(matrices)];
    rows.forEach((row, k) => {
      const length = transposed ? Math.hypot(...all[row]) || 1 : 1;
      for (let j = 0; j < n; j++) to[transposed ? j * rows.length + k : k * n + j] = all[row][j] / length;
    });
    return new OrthogonalComplement(B);
  });
}

/** Views of the rows of matrices that lie below each other. */
function rowsOf(matrices: Tensor[]): Float64Array[] {
  return matrices.flatMap((M) => {
    const [count, n] = M.shape;
    return Array.from({ length: count }, (_, i) => view(M).subarray(i * n, (i + 1) * n));
  });
}
