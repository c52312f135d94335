// φ(x) = -Σ log(-f_i(x)), and f(x) + φ(x) / t, which the centering steps of a barrier method minimise.
import { allocate, type Tensor } from '../../core/tensor.js';
import type { Tree } from '../../core/tree.js';
import { maxAbs } from '../../linalg/blas/addresses.js';
import { axpy } from '../../linalg/blas/tensors.js';
import { neg } from '../../ops/arithmetic.js';
import { log } from '../../ops/exponential.js';
import { sum } from '../../ops/sum.js';
import { Objective } from '../../solve/objective.js';
import type { CompileOption } from '../../solve/replay.js';
import type { Smooth } from './constrained-newton.js';
import { vectorOf } from './kkt-residuals.js';

/** Constraints f_i(x) <= 0, all in one tensor. */
// biome-ignore lint/suspicious/noExplicitAny: the argument has the type of x0
export type Inequalities = (x: any) => Tensor;

/** The barrier of inequalities, as an objective: NaN or infinite where one of them does not hold strictly. */
export function logBarrier(name: string, f: Inequalities, x0: Tree, compile: CompileOption): Objective {
  const barrier = (x: Tree) => neg(sum(log(neg(vectorOf('inequalities', f(x), name)))));
  return new Objective(name, barrier, x0, compile);
}

/** f + φ / t. */
export class Centering implements Smooth {
  t: number;
  /** The largest entry of |∇f| at the last gradient. */
  slope = 0;
  readonly #f: Smooth;
  readonly #barrier: Smooth;
  readonly #g: Tensor;
  readonly #H: Tensor;

  constructor(name: string, f: Smooth, barrier: Smooth, x: Tensor, t: number) {
    this.#f = f;
    this.#barrier = barrier;
    this.t = t;
    this.#g = allocate([x.size], x.dtype, name);
    this.#H = allocate([x.size, x.size], x.dtype, name);
  }

  value(x: Tensor): number {
    const barrier = this.#barrier.value(x);
    // f may be undefined outside.
    return Number.isFinite(barrier) ? this.#f.value(x) + barrier / this.t : Number.NaN;
  }

  valueAndGradient(x: Tensor, g: Tensor): number {
    const barrier = this.#barrier.valueAndGradient(x, this.#g);
    if (!Number.isFinite(barrier)) return Number.NaN;
    const value = this.#f.valueAndGradient(x, g);
    this.slope = maxAbs(g.data());
    axpy(1 / this.t, this.#g, g);
    return value + barrier / this.t;
  }

  hessian(x: Tensor, H: Tensor): void {
    this.#f.hessian(x, H);
    this.#barrier.hessian(x, this.#H);
    axpy(1 / this.t, this.#H, H);
  }
}
