// ADMM: minimises f(x) + g(z) subject to A x + B z = c, alternating between x and z.

import { checkAtLeast, checkBetween, checkFlag } from '../../core/check.js';
import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import { allocate, Tensor } from '../../core/tensor.js';
import { mapTree, type Tree } from '../../core/tree.js';
import { assign, axpy, norm2, scale } from '../../linalg/blas/tensors.js';
import { cloneTensor } from '../../linalg/stack.js';
import { untracedTree } from '../../ops/untraced.js';
import { explain, type Solution, type SolutionStatus, solutionOf } from '../../solve/solution.js';
import { IterationMonitor, type IterationOptions, limitsOf } from '../../solve/watch.js';
import { AdmmBlock, type AdmmTerm, checkMatrix, checkVector } from './admm-block.js';
import { type AdmmProof, Divergence } from './admm-divergence.js';

/** minimise f(x) + g(z) subject to A x + B z = c; without matrices f(x) + g(z) with x = z. */
export interface AdmmProblem {
  f: AdmmTerm;
  g: AdmmTerm;
  /** [m, n], default I. */
  A?: Tensor;
  /** [m, p], default -I. */
  B?: Tensor;
  /** [m], default 0. */
  c?: Tensor;
}

/** Options of `admm`. */
export interface AdmmOptions extends Omit<IterationOptions, 'gradientTolerance' | 'compile'> {
  /** ρ, the initial weight of the constraint; default 1. */
  rho?: number;
  /** true (default): ρ is doubled or halved if one residual is ten times the other, in the first 1000 iterations. */
  adaptRho?: boolean;
  /** α in (0, 2), over-relaxation; default 1.6. */
  relaxation?: number;
  /** ε_abs, per component; default 1e-8 in f64, 1e-5 in f32. */
  absoluteTolerance?: number;
  /** ε_rel; default 1e-6 in f64, 1e-4 in f32. */
  relativeTolerance?: number;
}

const ADMM_OPTIONS: OptionNames<AdmmOptions> = {
  maxIterations: true,
  onIteration: true,
  throws: true,
  trace: true,
  rho: true,
  adaptRho: true,
  relaxation: true,
  absoluteTolerance: true,
  relativeTolerance: true,
};

/** The result of `admm`. */
// biome-ignore lint/suspicious/noExplicitAny: x has the structure of x0
export interface AdmmSolution<X = any> extends Solution<X> {
  /** The other variable: in the structure of x0 if there are no matrices, else a vector. */
  z: Tree;
  /** The multiplier y = ρ u of A x + B z = c, a vector: 0 in ∂f(x) + Aᵀy, 0 in ∂g(z) + Bᵀy. */
  dual: Tensor;
  /** ‖A x + B z - c‖, and ‖ρ AᵀB (z - z₋)‖. */
  primalResidual: number;
  dualResidual: number;
  rho: number;
  /** For 'infeasible' and 'unbounded': the reason. */
  certificate?: AdmmCertificate<X>;
}

/**
 * 'infeasible': y of length 1 with yᵀ(A x + B z - c) >= distance for all x and z where f and g are finite. 'unbounded':
 * directions with A dx + B dz = 0 along which f + g falls by `slope` per unit of their joint length.
 */
// biome-ignore lint/suspicious/noExplicitAny: x has the structure of x0
export type AdmmCertificate<X = any> =
  | { y: Tensor; distance: number; dx?: undefined }
  | { dx: X; dz: Tree; slope: number; y?: undefined };

/** ρ is adapted every so many iterations, and only in the first ones, so that convergence is guaranteed. */
const ADAPT = { every: 10, until: 1000, factor: 2, imbalance: 10 };

/**
 * The alternating direction method of multipliers, in the scaled form, with over-relaxation and residual balancing. A
 * side without a matrix needs a prox or a regulariser; a quadratic term { P, q } may have one (its matrix P + ρ AᵀA is
 * factored once per ρ); any term may be { minimiser(v, rho) }, which returns argmin f(x) + ρ ‖A x - v‖² / 2.
 *
 * It stops when ‖r‖ <= √m ε_abs + ε_rel max(‖A x‖, ‖B z‖, ‖c‖) and ‖s‖ <= √n ε_abs + ε_rel ‖Aᵀy‖ for the primal
 * residual r and the dual residual s. From 32 iterations on, at growing intervals, it tests whether there is a solution
 * at all, by the proxes of the terms at arguments very far away: the status is then 'infeasible' or 'unbounded', with a
 * `certificate`; a { minimiser } is not tested. In the solution, `gradientNorm` is the larger of ‖r‖ and ‖s‖, and
 * `value` is f(x) + g(z), where a term without a value counts as 0. The solution has no derivatives: it is an error if
 * a tensor of the problem, of x0 or of a term's results is differentiated.
 * Source: Boyd, Parikh, Chu, Peleato and Eckstein, Found. Trends Mach. Learn. 3 (2011), sections 3.1 to 3.4.
 * @param x0 a tensor or a tree of tensors (with matrices: a vector), all f64 or all f32. Not changed.
 * @throws ConvergenceError, with `.solution`, if it does not converge (see `throws`); ArgumentError, DTypeError,
 * ShapeError.
 * @example
 * // the lasso: ‖M x - b‖² / 2 + ‖x‖₁
 * const f = { P: matmul(transpose(M), M), q: neg(matmul(transpose(M), b)) };
 * const { z } = optim.admm({ f, g: optim.penalty.l1(1) }, zeros([n]));
 */
export function admm<X = Tree>(problem: AdmmProblem, x0: X, options: AdmmOptions = {}): AdmmSolution<X> {
  checkOptions('admm', options, ADMM_OPTIONS);
  return solutionOf(
    scope(() => new Alternation(problem, x0, options).run()),
    options,
  ) as AdmmSolution<X>;
}

class Alternation {
  readonly #options: AdmmOptions;
  readonly #f: AdmmBlock;
  readonly #g: AdmmBlock;
  readonly #c: Tensor | undefined;
  readonly #x: Tensor;
  readonly #z: Tensor;
  /** Vectors [m]: u, A x, B z, the previous B z, and two of workspace. */
  readonly #u: Tensor;
  readonly #ax: Tensor;
  readonly #bz: Tensor;
  readonly #before: Tensor;
  readonly #r: Tensor;
  readonly #v: Tensor;
  /** A vector [n] of workspace. */
  readonly #s: Tensor;
  readonly #relaxation: number;
  readonly #absolute: number;
  readonly #relative: number;
  readonly #divergence: Divergence;
  #proof: AdmmProof | undefined;
  #rho: number;
  #primal = Number.NaN;
  #dual = Number.NaN;

  constructor(problem: AdmmProblem, x0: Tree, options: AdmmOptions) {
    if (typeof problem !== 'object' || problem === null)
      throw new ArgumentError(`admm: problem must be { f, g, A?, B?, c? }, got ${describe(problem)}`);
    untracedTree('admm', 'problem', { ...problem });
    const { f, g, A, B, c } = problem;
    this.#f = new AdmmBlock({ argument: 'f', term: f, like: x0, map: A ?? 1 });
    const { size: n, dtype, isSingle } = this.#f.parameters;
    if (A !== undefined) checkMatrix('A', A, -1, n, dtype);
    if (B !== undefined) checkMatrix('B', B, A === undefined ? n : A.shape[0], -1, dtype);
    const matrices = A !== undefined || B !== undefined;
    if (matrices && !(isSingle && x0 instanceof Tensor && x0.ndim === 1))
      throw new ArgumentError('admm: with a matrix A or B x0 must be a vector');
    const m = A?.shape[0] ?? n;
    if (c !== undefined) checkVector('c', c, m, dtype);
    const vector = (size: number) => {
      const out = allocate([size], dtype, 'admm');
      out.data().fill(0);
      return out;
    };
    const like = matrices ? vector(B?.shape[1] ?? m) : x0;
    this.#g = new AdmmBlock({ argument: 'g', term: g, like, map: B ?? -1 });
    const { rho = 1, relaxation = 1.6, adaptRho = true } = options;
    const { absoluteTolerance = dtype === 'f64' ? 1e-8 : 1e-5 } = options;
    const { relativeTolerance = dtype === 'f64' ? 1e-6 : 1e-4 } = options;
    checkAtLeast('admm', 'rho', rho, Number.MIN_VALUE);
    checkBetween('admm', 'relaxation', relaxation, 0, 2);
    checkAtLeast('admm', 'absoluteTolerance', absoluteTolerance, 0);
    checkAtLeast('admm', 'relativeTolerance', relativeTolerance, 0);
    checkFlag('admm', 'adaptRho', adaptRho);
    this.#options = { ...options, adaptRho };
    this.#rho = rho;
    this.#relaxation = relaxation;
    this.#absolute = absoluteTolerance;
    this.#relative = relativeTolerance;
    this.#c = c;
    this.#x = this.#f.parameters.start();
    this.#z = matrices ? vector(this.#g.parameters.size) : this.#g.parameters.start();
    [this.#u, this.#ax, this.#bz, this.#before, this.#r, this.#v] = Array.from({ length: 6 }, () =>
      vector(m),
    );
    this.#s = vector(n);
    this.#g.apply(this.#z, this.#bz);
    this.#divergence = new Divergence(this.#f, this.#g, c);
  }

  run(): AdmmSolution {
    const options = this.#options;
    const { maxIterations } = limitsOf('admm', options, { tolerance: 0, maxIterations: 10_000 });
    const evaluations = { value: 0, gradient: 0, hessian: 0, product: 0 };
    const watch = new IterationMonitor(options, evaluations, () => this.#f.parameters.tree(this.#x));
    const report = () => ({ value: this.#value(), gradientNorm: this.#residual(), step: this.#rho });
    const watched = watch.trace !== undefined || options.onIteration !== undefined;
    if (watched) watch.note(0, report());
    let iterations = 0;
    let status: SolutionStatus | undefined;
    while (status === undefined) {
      if (iterations >= maxIterations) status = 'maxIterations';
      else {
        status = this.#iterate();
        if (status !== undefined) break;
        iterations++;
        const asked = watched ? watch.note(iterations, report()) : undefined;
        status = this.#state() ?? asked ?? this.#diverges(iterations);
        if (status === undefined && options.adaptRho) this.#balance(iterations);
      }
    }
    const value = this.#value();
    const residual = this.#residual();
    const dual = cloneTensor(this.#u, 'admm');
    scale(this.#rho, dual);
    return {
      x: treeOf(this.#f, this.#x),
      z: treeOf(this.#g, this.#z),
      dual,
      value,
      gradientNorm: residual,
      primalResidual: this.#primal,
      dualResidual: this.#dual,
      rho: this.#rho,
      iterations,
      evaluations,
      converged: status === 'converged',
      status,
      message: explain(
        'admm',
        status,
        iterations,
        `f + g = ${value}, primal residual ${this.#primal}, dual residual ${this.#dual}, rho ${this.#rho}`,
      ),
      ...(this.#proof && { certificate: this.#certificate(this.#proof) }),
      ...(watch.trace && { trace: watch.trace }),
    };
  }

  #diverges(iterations: number): SolutionStatus | undefined {
    const [x, z, u, ax, bz] = [this.#x, this.#z, this.#u, this.#ax, this.#bz];
    this.#proof = this.#divergence.at(iterations, { x, z, u, ax, bz, rho: this.#rho });
    if (this.#proof === undefined) return undefined;
    return this.#proof.kind === 'separation' ? 'infeasible' : 'unbounded';
  }

  #certificate(proof: AdmmProof): AdmmCertificate {
    if (proof.kind === 'separation') return { y: cloneTensor(proof.y, 'admm'), distance: proof.distance };
    return { dx: treeOf(this.#f, proof.dx), dz: treeOf(this.#g, proof.dz), slope: proof.slope };
  }

  /** Updates x, z and u once each; Boyd et al., equations (3.5) to (3.7), with (3.19) for A x. */
  #iterate(): SolutionStatus | undefined {
    const [ax, bz, u, v, r, alpha] = [this.#ax, this.#bz, this.#u, this.#v, this.#r, this.#relaxation];
    // v := c - B z - u
    assign(bz, v);
    axpy(1, u, v);
    scale(-1, v);
    if (this.#c !== undefined) axpy(1, this.#c, v);
    if (!this.#f.solve(v, this.#rho, this.#x)) return 'singular';
    this.#f.apply(this.#x, ax);
    // r := α A x - (1 - α) (B z - c) - c + u, and v := -r
    assign(ax, r);
    scale(alpha, r);
    axpy(alpha - 1, bz, r);
    if (this.#c !== undefined) axpy(-alpha, this.#c, r);
    axpy(1, u, r);
    assign(r, v);
    scale(-1, v);
    if (!this.#g.solve(v, this.#rho, this.#z)) return 'singular';
    assign(bz, this.#before);
    this.#g.apply(this.#z, bz);
    assign(r, u);
    axpy(1, bz, u);
    this.#measure();
    return Number.isFinite(this.#primal) && Number.isFinite(this.#dual) ? undefined : 'notFinite';
  }

  /** The residuals. */
  #measure(): void {
    const [r, before, s] = [this.#r, this.#before, this.#s];
    assign(this.#ax, r);
    axpy(1, this.#bz, r);
    if (this.#c !== undefined) axpy(-1, this.#c, r);
    this.#primal = norm2(r);
    axpy(-1, this.#bz, before);
    this.#f.applyTransposed(before, s);
    this.#dual = this.#rho * norm2(s);
  }

  /** Whether both residuals are small. */
  #state(): SolutionStatus | undefined {
    const sizes = [this.#ax, this.#bz, ...(this.#c === undefined ? [] : [this.#c])].map(norm2);
    this.#f.applyTransposed(this.#u, this.#s);
    const [m, n] = [this.#u.size, this.#x.size];
    const primal = Math.sqrt(m) * this.#absolute + this.#relative * Math.max(...sizes);
    const dual = Math.sqrt(n) * this.#absolute + this.#relative * this.#rho * norm2(this.#s);
    return this.#primal <= primal && this.#dual <= dual ? 'converged' : undefined;
  }

  /** Changes ρ, and u = y / ρ with it; Boyd et al., equation (3.13). */
  #balance(iteration: number): void {
    if (iteration % ADAPT.every !== 0 || iteration > ADAPT.until) return;
    const [primal, dual] = [this.#primal, this.#dual];
    let factor = 1;
    if (primal > ADAPT.imbalance * dual) factor = ADAPT.factor;
    else if (dual > ADAPT.imbalance * primal) factor = 1 / ADAPT.factor;
    if (factor === 1) return;
    this.#rho *= factor;
    scale(1 / factor, this.#u);
  }

  #value(): number {
    return this.#f.value(this.#x) + this.#g.value(this.#z);
  }

  #residual(): number {
    return Math.max(this.#primal, this.#dual);
  }
}

/** A vector as a tree of new tensors. */
function treeOf(term: AdmmBlock, vector: Tensor): Tree {
  return mapTree(term.parameters.tree(vector), (leaf) => cloneTensor(leaf, 'admm'));
}
