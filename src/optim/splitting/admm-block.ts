// A term of ADMM: argmin_x f(x) + ρ ‖M x - v‖² / 2 for a matrix M, or ±I, by a prox, a factorization, or a user's
// function.
import { describe } from '../../core/describe.js';
import { ArgumentError, DTypeError, ShapeError } from '../../core/errors.js';
import { scope } from '../../core/scope.js';
import { show } from '../../core/shape.js';
import { Tensor } from '../../core/tensor.js';
import type { Tree } from '../../core/tree.js';
import { factorCholesky, solveCholesky } from '../../linalg/blas/systems.js';
import { assign, axpy, dot, gemv, scale, shiftDiagonal } from '../../linalg/blas/tensors.js';
import { transposed } from '../../linalg/rules/matrix.js';
import { checkFloat, cloneTensor, type Float } from '../../linalg/stack.js';
import { matmul } from '../../ops/matmul.js';
import { Parameters } from '../../solve/parameters.js';
import type { ProxFunction, Proximable } from '../prox/penalty.js';

/** xᵀ P x / 2 + qᵀ x, P symmetric and positive semidefinite [n, n], q [n] (default 0). */
export interface QuadraticTerm {
  P: Tensor;
  q?: Tensor;
}

/** A term with its own minimiser of f(x) + ρ ‖M x - v‖² / 2; M is A or B of the problem. */
export interface MinimiserTerm {
  minimiser(v: Tensor, rho: number): Tensor;
  value?(x: Tensor): number;
}

/** The terms f and g of ADMM; without a matrix a prox is enough. */
export type AdmmTerm = ProxFunction | Proximable | QuadraticTerm | MinimiserTerm;

/** What the matrices of a problem determine about one side. */
export interface Side {
  /** 'f' or 'g', for messages. */
  argument: string;
  term: AdmmTerm;
  /** The tree with the structure of the variable; that of the other side if this side has no matrix. */
  like: Tree;
  /** M, or its sign where it is ±I. */
  map: Tensor | 1 | -1;
}

/** One side of A x + B z = c. */
export class AdmmBlock {
  readonly parameters: Parameters;
  readonly #side: Side;
  /** P + ρ MᵀM, factored for this ρ; MᵀM and the right side. */
  readonly #factor: Tensor | undefined;
  readonly #gram: Tensor | undefined;
  #rho = Number.NaN;

  constructor(side: Side) {
    const { argument, term, like, map } = side;
    this.parameters = new Parameters('admm', argument === 'f' ? 'x0' : 'z', like);
    this.#side = side;
    const { size, dtype } = this.parameters;
    if (isQuadratic(term)) {
      checkMatrix(`${argument}.P`, term.P, size, size, dtype);
      if (term.q !== undefined) checkVector(`${argument}.q`, term.q, size, dtype);
      this.#factor = cloneTensor(term.P, 'admm');
      this.#gram = map instanceof Tensor ? scope(() => matmul(transposed(map), map)) : undefined;
    } else if (!isMinimiser(term)) {
      const has = typeof term === 'function' || typeof (term as Proximable | undefined)?.prox === 'function';
      if (has && !(map instanceof Tensor)) return;
      throw new ArgumentError(
        has
          ? `admm: ${argument} has a matrix before its variable, for which a prox is not enough (give { P, q }, or { minimiser })`
          : `admm: ${argument} must be a prox, a regulariser, { P, q } or { minimiser }, got ${describe(term)}`,
      );
    }
  }

  /** Whether the term is a user's minimiser, about which nothing else is known. */
  get isOpaque(): boolean {
    return isMinimiser(this.#side.term);
  }

  /** out := argmin f(x) + ρ ‖M x - v‖² / 2; false if P + ρ MᵀM is singular. v is overwritten. */
  solve(v: Tensor, rho: number, out: Tensor): boolean {
    const { term, map, argument } = this.#side;
    if (isQuadratic(term)) return this.#solveQuadratic(term, v, rho, out);
    const { parameters } = this;
    scope(() => {
      if (isMinimiser(term)) {
        const x = term.minimiser(v, rho);
        checkVector(`what ${argument}.minimiser gives`, x, parameters.size, parameters.dtype);
        assign(x, out);
        return;
      }
      if (map === -1) scale(-1, v);
      const prox = typeof term === 'function' ? term : (term as Proximable).prox;
      parameters.gather(prox(parameters.tree(v), 1 / rho) as Tree, out, `what the prox of ${argument} gives`);
    });
    return true;
  }

  #solveQuadratic({ P, q }: QuadraticTerm, v: Tensor, rho: number, out: Tensor): boolean {
    const factor = this.#factor as Tensor;
    if (rho !== this.#rho) {
      assign(P, factor);
      if (this.#gram === undefined) shiftDiagonal(rho, factor);
      else axpy(rho, this.#gram, factor);
      if (!factorCholesky(factor)) return false;
      this.#rho = rho;
    }
    this.applyTransposed(v, out);
    scale(rho, out);
    if (q !== undefined) axpy(-1, q, out);
    solveCholesky(factor, out);
    return true;
  }

  /** out := M x. */
  apply(x: Tensor, out: Tensor): void {
    const { map } = this.#side;
    if (map instanceof Tensor) gemv(1, map, x, 0, out);
    else {
      assign(x, out);
      if (map === -1) scale(-1, out);
    }
  }

  /** out := Mᵀ r. */
  applyTransposed(r: Tensor, out: Tensor): void {
    const { map } = this.#side;
    if (map instanceof Tensor) gemv(1, map, r, 0, out, { transpose: true });
    else {
      assign(r, out);
      if (map === -1) scale(-1, out);
    }
  }

  /** f(x), if the term has a value; else 0. */
  value(x: Tensor): number {
    const { term } = this.#side;
    let value = 0;
    scope(() => {
      if (isQuadratic(term)) {
        const product = this.parameters.vector();
        gemv(1, term.P, x, 0, product);
        value = dot(product, x) / 2 + (term.q === undefined ? 0 : dot(term.q, x));
      } else if (typeof term !== 'function') {
        const argument = isMinimiser(term) ? x : this.parameters.tree(x);
        value = term.value?.(argument as Tensor) ?? 0;
      }
    });
    return value;
  }
}

function isQuadratic(term: AdmmTerm): term is QuadraticTerm {
  return (term as QuadraticTerm | undefined)?.P !== undefined;
}

function isMinimiser(term: AdmmTerm): term is MinimiserTerm {
  return typeof (term as MinimiserTerm | undefined)?.minimiser === 'function';
}

/** Checks a matrix of these extents; a negative extent may be any. */
export function checkMatrix(
  argument: string,
  a: unknown,
  rows: number,
  columns: number,
  dtype: Float,
): asserts a is Tensor {
  const { shape, dtype: got } = checkFloat('admm', argument, a);
  if (got !== dtype) throw new DTypeError(`admm: ${argument} must be ${dtype} as x0 is, got ${got}`);
  const fits = (extent: number, wanted: number) => wanted < 0 || extent === wanted;
  if (shape.length !== 2 || !fits(shape[0], rows) || !fits(shape[1], columns)) {
    const [m, n] = [rows, columns].map((extent) => (extent < 0 ? 'any' : extent));
    throw new ShapeError(`admm: ${argument} must be a matrix [${m}, ${n}], got shape ${show(shape)}`);
  }
}

/** Checks a vector of this length. */
export function checkVector(argument: string, v: unknown, size: number, dtype: Float): asserts v is Tensor {
  const { shape, dtype: got } = checkFloat('admm', argument, v);
  if (got !== dtype) throw new DTypeError(`admm: ${argument} must be ${dtype} as x0 is, got ${got}`);
  if (shape.length !== 1 || shape[0] !== size)
    throw new ShapeError(`admm: ${argument} must be a vector [${size}], got shape ${show(shape)}`);
}
