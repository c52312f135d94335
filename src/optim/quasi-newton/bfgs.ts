// BFGS: x := x - t H ∇f(x); H := (I - ρ s yᵀ) H (I - ρ y sᵀ) + ρ s sᵀ with ρ = 1 / sᵀy.

import { checkAtLeast } from '../../core/check.js';
import { describe } from '../../core/describe.js';
import { ArgumentError, DTypeError, ShapeError } from '../../core/errors.js';
import type { OptionNames } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import { show } from '../../core/shape.js';
import { allocate, Tensor } from '../../core/tensor.js';
import { lapack } from '../../generated/lapack.js';
import { vectors } from '../../generated/vectors.js';
import { assign, axpy, dot, maxAbsOf, scale } from '../../linalg/blas/tensors.js';
import { eigh } from '../../linalg/dense/eigh.js';
import type { Float } from '../../linalg/stack.js';
import { div } from '../../ops/arithmetic.js';
import { matmul } from '../../ops/matmul.js';
import { maximum } from '../../ops/minmax.js';
import { checkLineSearch, type LineSearch } from '../line-search/line.js';
import { strongWolfe } from '../line-search/strong-wolfe.js';
import type { DescentState, Method } from '../method.js';
import { hasCurvature } from './curvature-pairs.js';
import { descend } from './lbfgs.js';

/** Options of `bfgs`. */
export interface BfgsOptions {
  /** Default strongWolfe(). */
  lineSearch?: LineSearch;
  /**
   * The first H. 'identity' (default); 'scaled': the identity, times sᵀy / yᵀy after the first step, so that the units
   * of f and x do not matter (Nocedal and Wright, (6.20)); a symmetric positive definite tensor [n, n], given by its
   * lower triangle; or the inverse of the Hessian at x0, with its eigenvalues raised to at least `hessianCutoff`.
   */
  initialInverse?: 'identity' | 'scaled' | Tensor | { hessianCutoff: number };
}

const OPTIONS: OptionNames<BfgsOptions> = { lineSearch: true, initialInverse: true };

/**
 * BFGS, the quasi-Newton method with a full matrix: superlinear convergence, with n² multiplications for a direction
 * and 3 n² / 2 for an update, and n² numbers of memory. Steps without curvature (sᵀy <= u |sᵀ∇f|) leave H unchanged; if
 * H gives no descent direction, or no step is found along it, it restarts from the identity.
 * Source: dissertation, section 1.1.4, equation (14), and 1.1.5 for `hessianCutoff`; Nocedal and Wright, Algorithm 6.1.
 * @throws ArgumentError, ShapeError, DTypeError for invalid options.
 * @example
 * optim.minimize(f, x0, optim.bfgs({ initialInverse: { hessianCutoff: 1e-3 } }));
 */
export function bfgs(options: BfgsOptions = {}): Method {
  const search = checkLineSearch('bfgs', options, OPTIONS, strongWolfe());
  const { initialInverse = 'identity' } = options;
  checkInitial(initialInverse);
  return {
    name: 'bfgs',
    start(descent) {
      const inverse = new InverseHessian(descent, initialInverse);
      const further = () => {
        const { ray, previousValue, value } = descent;
        inverse.apply(ray.gradient, ray.direction);
        // Promise as much decrease as the last step, on the parabola through the slope (Nocedal and Wright, (3.60)).
        const guess = (1.01 * 2 * (value - previousValue)) / dot(ray.gradient, ray.direction);
        return descent.move(search, guess > 0 && guess < 1 ? guess : 1);
      };
      return {
        step() {
          let failed = inverse.isIdentity ? descend(descent, search, descent.step) : further();
          // If rounding dominates, H may give no descent direction, or one without an acceptable step.
          if (failed !== undefined && !inverse.isIdentity) {
            inverse.restart();
            failed = descend(descent, search);
          }
          if (failed === undefined) inverse.update();
          return failed;
        },
      };
    },
  };
}

function checkInitial(initial: unknown): void {
  if (initial instanceof Tensor || initial === 'identity' || initial === 'scaled') return;
  const cutoff = (initial as { hessianCutoff?: unknown } | null)?.hessianCutoff;
  if (cutoff === undefined) {
    throw new ArgumentError(
      `bfgs: initialInverse must be 'identity', 'scaled', a tensor or { hessianCutoff }, got ${describe(initial)}`,
    );
  }
  checkAtLeast('bfgs', 'hessianCutoff', cutoff, Number.MIN_VALUE);
}

/** H, in the lower triangle of a matrix. */
class InverseHessian {
  /** Whether H is still the identity. */
  isIdentity = false;
  readonly #descent: DescentState;
  readonly #matrix: Tensor;
  readonly #step: Tensor;
  readonly #change: Tensor;
  readonly #product: Tensor;
  /** Whether the first pair scales the identity. */
  #scaled: boolean;
  readonly #dtype: Float;

  constructor(descent: DescentState, initial: NonNullable<BfgsOptions['initialInverse']>) {
    const { x, objective } = descent;
    const n = x.size;
    this.#descent = descent;
    this.#dtype = x.dtype as Float;
    this.#matrix = allocate([n, n], this.#dtype, 'bfgs');
    [this.#step, this.#change, this.#product] = [1, 2, 3].map(() => objective.parameters.vector());
    this.#scaled = initial === 'scaled';
    if (initial instanceof Tensor) this.#copy(initial);
    else if (typeof initial === 'object') this.#invert(initial.hessianCutoff);
    else this.reset();
  }

  #copy(given: Tensor): void {
    const [n, dtype] = [this.#descent.x.size, this.#dtype];
    if (given.ndim !== 2 || given.shape[0] !== n || given.shape[1] !== n)
      throw new ShapeError(`bfgs: initialInverse must be [${n}, ${n}], got ${show(given.shape)}`);
    if (given.dtype !== dtype)
      throw new DTypeError(`bfgs: initialInverse must be ${dtype} like x0, got ${given.dtype}`);
    assign(given, this.#matrix);
  }

  /** V diag(1 / max(λ, cutoff)) Vᵀ; the identity if the Hessian is not finite. */
  #invert(cutoff: number): void {
    const { x, objective } = this.#descent;
    const hessian = this.#matrix;
    objective.hessian(x, hessian);
    if (!Number.isFinite(maxAbsOf(hessian))) {
      this.reset();
      return;
    }
    scope(() => {
      const { values, vectors } = eigh(hessian);
      assign(matmul(div(vectors, maximum(values, cutoff)), vectors, { transposeB: true }), hessian);
    });
  }

  /** H := I. */
  reset(): void {
    const [n, data] = [this.#descent.x.size, this.#matrix.data()];
    data.fill(0);
    for (let i = 0; i < n; i++) data[i * (n + 1)] = 1;
    this.isIdentity = true;
  }

  /** H := I, to be scaled: the usual step lengths are known by now. */
  restart(): void {
    this.reset();
    this.#scaled = true;
  }

  /** out := -H v. */
  apply(v: Tensor, out: Tensor): void {
    const symv = lapack.exports[`symv_${this.#dtype}`];
    symv(v.size, -1, this.#matrix.address, v.size, 1, v.address, 1, 0, out.address, 1);
  }

  /** Updates H from the accepted step. */
  update(): void {
    const { x, gradient, ray } = this.#descent;
    const [n, dtype, s, y, w] = [x.size, this.#dtype, this.#step, this.#change, this.#product];
    const minus = vectors.exports[`minus_${dtype}`];
    minus(n, x.address, ray.previous.x.address, s.address);
    minus(n, gradient.address, ray.previous.gradient.address, y.address);
    const curvature = dot(s, y);
    if (!hasCurvature(ray, curvature)) return;
    if (this.isIdentity && this.#scaled) {
      const [data, scaling] = [this.#matrix.data(), curvature / dot(y, y)];
      for (let i = 0; i < n; i++) data[i * (n + 1)] = scaling;
    }
    this.isIdentity = false;
    // With w = -H y, (14) is H + s uᵀ + u sᵀ for u = ρ w + (ρ - ρ² wᵀy) s / 2.
    this.apply(y, w);
    const rho = 1 / curvature;
    const half = (rho - rho * rho * dot(w, y)) / 2;
    scale(rho, w);
    axpy(half, s, w);
    lapack.exports[`syr2_${dtype}`](n, 1, s.address, 1, w.address, 1, this.#matrix.address, n, 1);
  }
}
