// Operator splitting (ADMM) for quadratic programs: one factorization, cheap iterations, warm starts.

import { checkAtLeast, checkBetween, checkFlag, checkLimit, checkObject } from '../../core/check.js';
import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { Tensor } from '../../core/tensor.js';
import { gemv, gemvTransposed, maxAbs, view } from '../../linalg/blas/addresses.js';
import type { SolutionStatus } from '../../solve/solution.js';
import type { Iterate } from './measure.js';
import type { ConvexIteration, ConvexMethod, WarmStart } from './method.js';
import type { NewtonSystem } from './newton-system.js';
import { array, type ConvexProgram } from './program.js';
import { SymmetricSystem } from './symmetric-system.js';

/** Options of `operatorSplitting`. */
export interface OperatorSplittingOptions {
  /**
   * ρ > 0, the weight of the constraints at the start, on equilibrated data; default 0.1. Equalities weigh 1000 times
   * as much.
   */
  rho?: number;
  /** σ > 0, the weight of the proximal term; default 1e-6. */
  sigma?: number;
  /** Relaxation in (0, 2); default 1.6. */
  alpha?: number;
  /** Whether ρ adapts to the ratio of the residuals, at the cost of a factorization each time; default true. */
  adaptive?: boolean;
  /** Iterations between two checks; default 25. */
  checkEvery?: number;
  /** A point near the solution, such as that of a similar problem: tensors, or a solution of `quadraticProgram`. */
  warmStart?: { x?: Tensor; lambda?: Tensor; nu?: Tensor };
}

const OPERATOR_SPLITTING_OPTIONS: OptionNames<OperatorSplittingOptions> = {
  rho: true,
  sigma: true,
  alpha: true,
  adaptive: true,
  checkEvery: true,
  warmStart: true,
};

/** Relative errors below which polishing is tried. */
const ROUGH = 1e-4;

/**
 * The alternating direction method of multipliers for `quadraticProgram`: for large programs whose factorization is
 * expensive, and for sequences of similar programs with `warmStart`. It gets close to the solution; polishing, which is
 * tried at decreasing errors, then solves the equations of the active constraints to rounding.
 * Source: Stellato, Banjac, Goulart, Bemporad & Boyd, OSQP, Math. Prog. Comp. 12 (2020), Algorithm 1 and sections 3.4,
 * 4, 5; for the means: Applegate, Hinder, Lu & Lubin, Math. Prog. 201 (2023).
 * @example
 * const first = optim.quadraticProgram(problem, { method: optim.operatorSplitting() });
 * const next = optim.quadraticProgram(similar, { method: optim.operatorSplitting({ warmStart: first }) });
 */
export function operatorSplitting(options: OperatorSplittingOptions = {}): ConvexMethod {
  const name = 'operatorSplitting';
  checkOptions(name, options, OPERATOR_SPLITTING_OPTIONS);
  const { rho = 0.1, sigma = 1e-6, alpha = 1.6, adaptive = true, checkEvery = 25, warmStart = {} } = options;
  checkAtLeast(name, 'rho', rho, Number.MIN_VALUE);
  checkAtLeast(name, 'sigma', sigma, Number.MIN_VALUE);
  checkBetween(name, 'alpha', alpha, 0, 2);
  checkLimit(name, 'checkEvery', checkEvery, 1);
  checkFlag(name, 'adaptive', adaptive);
  checkObject(name, 'warmStart', warmStart);
  const warm: Record<string, ArrayLike<number>> = {};
  for (const key of ['x', 'lambda', 'nu'] as const) {
    const part: unknown = warmStart[key];
    if (part === undefined) continue;
    if (!(part instanceof Tensor))
      throw new ArgumentError(`${name}: warmStart.${key} must be a tensor, got ${describe(part)}`);
    warm[key] = Float64Array.from(part.data());
  }
  return {
    name,
    maxIterations: 20_000,
    polishFrom: ROUGH,
    warmStart: warm,
    start: (program, system, from) =>
      new Splitting(program, system, from, { rho, sigma, alpha, adaptive, checkEvery }),
  };
}

type Settings = Required<Omit<OperatorSplittingOptions, 'warmStart'>>;

/** ρ changes if the ratio of the residuals exceeds the square of this. */
const UNBALANCED = 5;
const EQUALITIES = 1e3;
/** ρ changes by no more than this at once: a residual may vanish for a while, and then the ratio means little. */
const LEAP = 10;

/**
 * min 1/2 xᵀPx + qᵀx with C x = z and low <= z <= high, C = [G; A]:
 * (P + σI + CᵀRC) x⁺ = σ x - q + Cᵀ(R z - y); z := the nearest point of the box to C x⁺ + R⁻¹ y; y := y + R (C x⁺ - z).
 */
class Splitting implements ConvexIteration {
  readonly point: Iterate;
  readonly direction: Iterate;
  due = false;
  size = 1;
  readonly #program: ConvexProgram;
  readonly #newton: NewtonSystem;
  readonly #settings: Settings;
  readonly #system: SymmetricSystem;
  readonly #C: Tensor;
  readonly #x;
  readonly #next;
  readonly #y;
  readonly #z;
  readonly #image;
  readonly #before: { x: Float64Array; y: Float64Array };
  /**
   * Sums of the iterates since `from`: iterates of linear programs circle around the solution, and their mean is near
   * it.
   */
  readonly #sums: { x: Float64Array; y: Float64Array; from: number };
  #rho: number;
  #count = 0;
  #again = 0;

  constructor(program: ConvexProgram, newton: NewtonSystem, warm: WarmStart, settings: Settings) {
    const { n, m, p, G, A, work } = program;
    const rows = m + p;
    const vector = (size: number, from?: ArrayLike<number>) => array('operatorSplitting', [size], from);
    this.#program = program;
    this.#newton = newton;
    this.#settings = settings;
    this.#rho = settings.rho;
    this.#system = new SymmetricSystem(n, 'f64', 'operatorSplitting');
    this.#C = array('operatorSplitting', [rows, n]);
    view(this.#C).set(view(G));
    view(this.#C).set(view(A), m * n);
    this.#x = vector(n, warm.x);
    this.#next = vector(n);
    this.#y = vector(rows);
    if (warm.lambda !== undefined) view(this.#y).set(warm.lambda);
    if (warm.nu !== undefined) view(this.#y).set(warm.nu, m);
    this.#z = vector(rows);
    if (rows > 0) gemv(this.#C, 1, this.#x.address, 0, this.#z.address, work.address);
    this.#image = vector(rows);
    this.#before = { x: new Float64Array(n), y: new Float64Array(rows) };
    this.#sums = { x: new Float64Array(n), y: new Float64Array(rows), from: 0 };
    this.point = { x: vector(n), lambda: vector(m), nu: vector(p) };
    this.direction = { x: vector(n), lambda: vector(m), nu: vector(p) };
    this.#publish(this.point, view(this.#x), view(this.#y));
  }

  step(): SolutionStatus | undefined {
    if (this.#count === 0 && !this.#factor()) return 'stalled';
    this.#count++;
    this.due = this.#count % this.#settings.checkEvery === 0;
    const { n, m, q, h, b, work } = this.#program;
    const { alpha, sigma } = this.#settings;
    const rows = this.#y.size;
    const [x, next, y] = [view(this.#x), view(this.#next), view(this.#y)];
    const [z, image, qs, hs, bs] = [view(this.#z), view(this.#image), view(q), view(h), view(b)];
    if (this.due) {
      this.#before.x.set(x);
      this.#before.y.set(y);
    }
    for (let i = 0; i < n; i++) next[i] = sigma * x[i] - qs[i];
    for (let i = 0; i < rows; i++) image[i] = this.#weight(i) * z[i] - y[i];
    const [C, at] = [this.#C, work.address];
    if (rows > 0) gemvTransposed(C, 1, this.#image.address, 1, this.#next.address, at);
    this.#system.solve(this.#next.address);
    if (rows > 0) gemv(C, 1, this.#next.address, 0, this.#image.address, at);
    for (let i = 0; i < n; i++) x[i] += alpha * (next[i] - x[i]);
    for (let i = 0; i < rows; i++) {
      const weight = this.#weight(i);
      const relaxed = alpha * image[i] + (1 - alpha) * z[i];
      z[i] = i < m ? Math.min(hs[i], relaxed + y[i] / weight) : bs[i - m];
      y[i] += weight * (relaxed - z[i]);
    }
    const sums = this.#sums;
    for (let i = 0; i < n; i++) sums.x[i] += x[i];
    for (let i = 0; i < rows; i++) sums.y[i] += y[i];
    if (this.due) this.#look();
    return Number.isFinite(maxAbs(x)) ? undefined : 'stalled';
  }

  /** Computes the point, the direction of the last step, and whether ρ is still suitable. */
  #look(): void {
    const [x, y] = [view(this.#x), view(this.#y)];
    const { x: x0, y: y0 } = this.#before;
    this.#publishPoint(x, y);
    for (let i = 0; i < x0.length; i++) x0[i] = x[i] - x0[i];
    for (let i = 0; i < y0.length; i++) y0[i] = y[i] - y0[i];
    this.#publish(this.direction, x0, y0);
    this.size = maxAbs(x0);
    if (!this.#settings.adaptive || y.length === 0 || this.#count < this.#again) return;
    // At increasing intervals, so that ρ settles.
    this.#again = 1.5 * this.#count;
    this.#adapt();
  }

  /** Alternates between the iterate and the mean; the mean restarts whenever its iterations have doubled. */
  #publishPoint(x: Float64Array, y: Float64Array): void {
    const sums = this.#sums;
    if ((this.#count / this.#settings.checkEvery) % 2 === 1) {
      this.#publish(this.point, x, y);
      return;
    }
    const mean = (sum: Float64Array) => sum.map((value) => value / (this.#count - sums.from));
    this.#publish(this.point, mean(sums.x), mean(sums.y));
    if (this.#count < 2 * sums.from) return;
    sums.x.fill(0);
    sums.y.fill(0);
    sums.from = this.#count;
  }

  /** ρ := ρ sqrt(relative primal residual / relative dual residual), with a new factorization. */
  #adapt(): void {
    const { n, P, q, work } = this.#program;
    const at = work.address;
    gemv(this.#C, 1, this.#x.address, 0, this.#image.address, at);
    const [image, z, next, qs] = [view(this.#image), view(this.#z), view(this.#next), view(q)];
    let primal = 0;
    for (let i = 0; i < z.length; i++) primal = Math.max(primal, Math.abs(image[i] - z[i]));
    const primalScale = Math.max(maxAbs(image), maxAbs(z));
    gemv(P, 1, this.#x.address, 0, this.#next.address, at);
    let dualScale = Math.max(maxAbs(next), maxAbs(qs));
    gemvTransposed(this.#C, 1, this.#y.address, 1, this.#next.address, at);
    for (let i = 0; i < n; i++) next[i] += qs[i];
    const dual = maxAbs(next);
    for (let i = 0; i < n; i++) dualScale = Math.max(dualScale, Math.abs(next[i] - qs[i]));
    const ratio = Math.sqrt(
      primal / Math.max(primalScale, 1e-10) / Math.max(dual / Math.max(dualScale, 1e-10), 1e-10),
    );
    const factor = Math.min(LEAP, Math.max(1 / LEAP, ratio));
    const rho = Math.min(1e6, Math.max(1e-6, this.#rho * factor));
    if (!(rho > UNBALANCED * this.#rho || rho < this.#rho / UNBALANCED)) return;
    this.#rho = rho;
    this.#factor();
  }

  #weight(row: number): number {
    return row < this.#program.m ? this.#rho : Math.min(1e6, EQUALITIES * this.#rho);
  }

  #factor(): boolean {
    const { n, P } = this.#program;
    const roots = new Float64Array(this.#y.size);
    for (let i = 0; i < roots.length; i++) roots[i] = this.#weight(i);
    this.#newton.factorizations++;
    const M = view(this.#system.matrix);
    M.set(view(P));
    for (let i = 0; i < n; i++) M[i * n + i] += this.#settings.sigma;
    this.#newton.addGram(this.#C, roots, this.#system.matrix.address);
    return this.#system.factor(n);
  }

  #publish({ x, lambda, nu }: Iterate, from: Float64Array, y: Float64Array): void {
    const { m } = this.#program;
    view(x).set(from);
    const l = view(lambda);
    for (let i = 0; i < m; i++) l[i] = Math.max(0, y[i]);
    view(nu).set(y.subarray(m));
  }
}
