// Values and derivatives of a problem at points, for all problems of a batch at a time, as arrays of numbers.
import { grad } from '../../autodiff/grad.js';
import { hessian } from '../../autodiff/jacobian.js';
import { jvp } from '../../autodiff/jvp.js';
import { vjp } from '../../autodiff/vjp.js';
import { tensor } from '../../core/create.js';
import { ArgumentError } from '../../core/errors.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import type { Float } from '../../linalg/stack.js';
import { add, mul } from '../../ops/arithmetic.js';
import { stack } from '../../ops/concat.js';
import { reshape } from '../../ops/layout.js';
import { sum } from '../../ops/sum.js';
import { Tracer } from '../../ops/tracer.js';
import { Replay } from '../../solve/replay.js';
import type { Evaluate, Extents } from './functions.js';

/** Derivatives of first order at a point; row after row, problem after problem. */
export interface First {
  f: Float64Array;
  g: Float64Array;
  h: Float64Array;
  gradient: Float64Array;
  /** [count, p, n] and [count, q, n]. */
  G: Float64Array;
  A: Float64Array;
}

/** The Lagrangian f + λᵀg + νᵀh of each problem, added up. */
export function lagrangian(
  evaluate: Evaluate,
  theta: readonly Tensor[],
  u: Tensor,
  lambda: Tensor,
  nu: Tensor,
): Tensor {
  const [f, g, h] = evaluate(theta, u);
  let total = sum(f);
  if (lambda.size > 0) total = add(total, sum(mul(lambda, g)));
  if (nu.size > 0) total = add(total, sum(mul(nu, h)));
  return total;
}

/** A problem at values of its parameters. Its creator must dispose of it. */
export class PointwiseProblem {
  readonly extents: Extents;
  readonly u: Tensor;
  readonly #theta: Tensor[];
  readonly #values: Replay;
  readonly #first: Replay;
  readonly #second: Replay;

  /** `u` is an example of the unknowns. */
  constructor(evaluate: Evaluate, theta: readonly Tensor[], u: Tensor, extents: Extents) {
    this.extents = extents;
    this.u = u;
    this.#theta = [...theta];
    const { length } = theta;
    const split = (xs: Tensor[]) => [xs.slice(0, length), ...xs.slice(length)] as const;
    this.#values = new Replay((...xs) => {
      const [at, v] = split(xs);
      return evaluate(at as Tensor[], v as Tensor);
    }, undefined);
    this.#first = new Replay((...xs) => {
      const [at, v] = split(xs);
      return firstOf(evaluate, at as Tensor[], v as Tensor, extents);
    }, undefined);
    this.#second = new Replay((...xs) => {
      const [at, v, lambda, nu] = split(xs) as [Tensor[], Tensor, Tensor, Tensor];
      return hessiansOf((w) => lagrangian(evaluate, at, w, lambda, nu), v, extents);
    }, undefined);
  }

  get dtype(): Float {
    return this.u.dtype as Float;
  }

  /** f, g and h only. */
  values(u: Float64Array): Pick<First, 'f' | 'g' | 'h'> {
    return scope<Record<string, Float64Array>>(() =>
      this.#values.run([...this.#theta, this.#tensor(u)], (y: readonly Tensor[]) => {
        const [f, g, h] = y.map(numbers);
        return { f, g, h };
      }),
    ) as never;
  }

  first(u: Float64Array): First {
    return scope<Record<string, Float64Array>>(() =>
      this.#first.run([...this.#theta, this.#tensor(u)], (y: Record<string, Tensor>) =>
        Object.fromEntries(Object.entries(y).map(([key, value]) => [key, numbers(value)])),
      ),
    ) as never;
  }

  /** ∇²L of each problem, [count, n, n]. */
  second(u: Float64Array, lambda: Float64Array, nu: Float64Array): Float64Array {
    const { count, p, q } = this.extents;
    const { dtype } = this.u;
    return scope<{ H: Float64Array }>(() => {
      const at = [tensor(lambda, { shape: [count, p], dtype }), tensor(nu, { shape: [count, q], dtype })];
      return this.#second.run([...this.#theta, this.#tensor(u), ...at], (H: Tensor) => ({ H: numbers(H) }));
    }).H;
  }

  dispose(): void {
    for (const replay of [this.#values, this.#first, this.#second]) replay.dispose();
  }

  #tensor(u: Float64Array): Tensor {
    return tensor(u, { shape: [...this.u.shape], dtype: this.u.dtype });
  }
}

function numbers(x: Tensor): Float64Array {
  if (x instanceof Tracer)
    throw new ArgumentError(
      'argmin: a function of the problem reads values and uses a tensor that is differentiated and is not in x (pass it in x)',
    );
  return Float64Array.from(x.data());
}

/** Values, gradient and Jacobians: one pass back for each constraint, as all problems share it. */
function firstOf(
  evaluate: Evaluate,
  theta: readonly Tensor[],
  u: Tensor,
  { count, n, p, q }: Extents,
): Record<string, Tensor> {
  const { value, pullback } = vjp((v: Tensor) => [...evaluate(theta, v)], u);
  const [f, g, h] = value as Tensor[];
  const { dtype } = u;
  const blank = {
    g: constant(g.shape, 0, dtype),
    h: constant(h.shape, 0, dtype),
    f: constant([count], 0, dtype),
  };
  const gradient = pullback([constant([count], 1, dtype), blank.g, blank.h])[0] as Tensor;
  const rows = (extent: number, which: 1 | 2): Tensor => {
    if (extent === 0 || n === 0) return constant([count, extent, n], 0, dtype);
    const all = Array.from({ length: extent }, (_, i) => {
      const seeds = [blank.f, blank.g, blank.h];
      seeds[which] = unit(count, extent, i, dtype);
      return reshape(pullback(seeds)[0] as Tensor, [count, n]);
    });
    return stack(all, 1);
  };
  return { f, g, h, gradient, G: rows(p, 1), A: rows(q, 2) };
}

/** The diagonal blocks of the Hessian of a sum over the problems, [count, n, n]: one direction for all problems. */
export function hessiansOf(L: (u: Tensor) => Tensor, u: Tensor, { count, n }: Extents): Tensor {
  if (count === 0 || n === 0) return constant([count, n, n], 0, u.dtype);
  if (count === 1) return reshape(hessian(L)(u) as Tensor, [1, n, n]);
  const slope = grad(L);
  const columns = Array.from({ length: n }, (_, i) => {
    const along = reshape(unit(count, n, i, u.dtype), u.shape);
    return reshape(jvp(slope, [u], [along]).tangent as Tensor, [count, n]);
  });
  return stack(columns, 2);
}

/** Row i of the identity for every problem, [count, n]. */
function unit(count: number, n: number, i: number, dtype: Tensor['dtype']): Tensor {
  const data = new Float64Array(count * n);
  for (let k = 0; k < count; k++) data[k * n + i] = 1;
  return tensor(data, { shape: [count, n], dtype });
}

function constant(shape: readonly number[], value: number, dtype: Tensor['dtype']): Tensor {
  const size = shape.reduce((product, extent) => product * extent, 1);
  return tensor(new Float64Array(size).fill(value), { shape: [...shape], dtype });
}
