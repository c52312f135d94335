// Why a quadratic program has no solution: multipliers that contradict its constraints (Farkas), or a ray along which it falls.
import type { Tensor } from '../../core/tensor.js';
import { inner, largest, multiply, multiplyTransposed, view } from './matrix.js';
import { PROXIMAL } from './newton-system.js';
import { array, type Program } from './program.js';
import { SymmetricSystem } from './symmetric-system.js';

/**
 * No point is feasible: Gᵀλ + Aᵀν = 0, λ >= 0 and hᵀλ + bᵀν = -1. Or the objective has no lower bound on the feasible set: P x = 0,
 * G x <= 0, A x = 0 and qᵀx = -1.
 */
export type Certificate = { lambda: Tensor; nu: Tensor; x?: undefined } | { x: Tensor; lambda?: undefined };

/** What a certificate may leave over, relative to its 1: as much as makes it hold for all points up to 10⁸. */
const SLACK = 1e-8;
/** Multipliers below this share of the largest are taken for zero. */
const SMALL = 1e-5;
/** Rounds of a projection. */
const ROUNDS = 4;

/** Finds certificates near the directions in which an iteration diverges; the program is equilibrated. */
export class Certifier {
  readonly #program: Program;
  readonly #system: SymmetricSystem;

  constructor(program: Program) {
    this.#program = program;
    this.#system = new SymmetricSystem(program.n, 'f64', 'convex');
  }

  /** The certificate that λ, ν point at, or undefined. */
  contradiction(lambda: Tensor, nu: Tensor): { lambda: Tensor; nu: Tensor } | undefined {
    const { n, m, p, G, h, A, b, work } = this.#program;
    const out = { lambda: array('convex', [m], lambda), nu: array('convex', [p], nu) };
    const [left, rows] = [array('convex', [n]), array('convex', [m])];
    const [l, v] = [view(out.lambda), view(out.nu)];
    const least = SMALL * Math.max(largest(l), largest(v));
    const isIn = Array.from(l, (value) => value > least);
    for (let i = 0; i < m; i++) if (!isIn[i]) l[i] = 0;
    if (!this.#normalise([l, v], [view(h), view(b)])) return undefined;
    const rest = () => {
      multiplyTransposed(G, 1, out.lambda.address, 0, left.address, work.address);
      if (m === 0) view(left).fill(0);
      if (p > 0) multiplyTransposed(A, 1, out.nu.address, 1, left.address, work.address);
      return largest(view(left));
    };
    if (!(rest() <= 1e-3)) return undefined;
    if (!this.#assemble(isIn, false)) return undefined;
    for (let k = 0; k < ROUNDS; k++) {
      // (λ, ν) := its projection on Gᵀλ + Aᵀν = 0
      this.#system.solve(left.address);
      if (m > 0) multiply(G, 1, left.address, 0, rows.address, work.address);
      const away = view(rows);
      for (let i = 0; i < m; i++) if (isIn[i]) l[i] = Math.max(0, l[i] - away[i]);
      if (p > 0) multiply(A, -1, left.address, 1, out.nu.address, work.address);
      if (!this.#normalise([l, v], [view(h), view(b)])) return undefined;
      rest();
    }
    return rest() <= SLACK ? out : undefined;
  }

  /** The ray that x points at, or undefined. */
  ray(direction: Tensor): Tensor | undefined {
    const { n, m, p, P, q, G, A, work } = this.#program;
    const x = array('convex', [n], direction);
    if (!this.#normalise([view(x)], [view(q)])) return undefined;
    const size = largest(view(x));
    const [a, b, c] = [array('convex', [n]), array('convex', [m]), array('convex', [p])];
    const left = array('convex', [n]);
    let isIn: boolean[] = [];
    const rest = () => {
      multiply(P, 1, x.address, 0, a.address, work.address);
      if (m > 0) multiply(G, 1, x.address, 0, b.address, work.address);
      if (p > 0) multiply(A, 1, x.address, 0, c.address, work.address);
      const outside = view(b).reduce((most, value) => Math.max(most, value), 0);
      return Math.max(largest(view(a)), outside, largest(view(c)));
    };
    if (!(rest() <= 1e-3 * Math.max(1, size))) return undefined;
    isIn = Array.from(view(b), (value) => value > -SMALL * size);
    if (!this.#assemble(isIn, true)) return undefined;
    for (let k = 0; k < ROUNDS; k++) {
      // x := its projection on P x = 0, A x = 0 and the rows of G that are zero there
      const rows = view(b);
      for (let i = 0; i < m; i++) if (!isIn[i]) rows[i] = 0;
      multiply(P, 1, a.address, 0, left.address, work.address);
      if (m > 0) multiplyTransposed(G, 1, b.address, 1, left.address, work.address);
      if (p > 0) multiplyTransposed(A, 1, c.address, 1, left.address, work.address);
      this.#system.solve(left.address);
      const [to, step] = [view(x), view(left)];
      for (let i = 0; i < n; i++) to[i] -= step[i];
      if (!this.#normalise([to], [view(q)])) return undefined;
      rest();
    }
    return rest() <= SLACK ? x : undefined;
  }

  /** Scales a direction to a product of -1 with the right sides; false where that is not negative. */
  #normalise(direction: Float64Array[], sides: Float64Array[]): boolean {
    const product = direction.reduce((sum, part, i) => sum + inner(part, sides[i]), 0);
    const size = Math.max(...direction.map(largest)) * Math.max(...sides.map(largest));
    if (!(product < -1e-12 * size) || !Number.isFinite(product)) return false;
    for (const part of direction) for (let i = 0; i < part.length; i++) part[i] /= -product;
    return true;
  }

  /** Factors CᵀC + δI, with C the rows of G that are in, A, and P if asked for. */
  #assemble(isIn: boolean[], quadratic: boolean): boolean {
    const { n, m, p, P, G, A } = this.#program;
    const M = view(this.#system.matrix).fill(0);
    const add = (row: Float64Array) => {
      for (let i = 0; i < n; i++) {
        if (row[i] !== 0) for (let j = 0; j <= i; j++) M[i * n + j] += row[i] * row[j];
      }
    };
    const row = (T: Tensor, i: number) => view(T).subarray(i * n, (i + 1) * n);
    for (let i = 0; i < m; i++) if (isIn[i]) add(row(G, i));
    for (let i = 0; i < p; i++) add(row(A, i));
    for (let i = 0; i < n && quadratic; i++) add(row(P, i));
    for (let i = 0; i < n; i++) M[i * n + i] += PROXIMAL;
    return this.#system.factor(n);
  }
}
