// Points of a program in the caller's units and in equilibrated ones.
import type { Tensor } from '../../core/tensor.js';
import { view } from '../../linalg/blas/addresses.js';
import type { Scaling } from './equilibrate.js';
import type { Iterate } from './measure.js';
import type { ConvexMethod } from './method.js';
import type { Reduced } from './presolve.js';

/** to := from. */
export function copy(from: Iterate, to: Iterate): void {
  for (const key of ['x', 'lambda', 'nu'] as const) view(to[key]).set(view(from[key]));
}

/** out := the point in the caller's units. */
export function unscale({ x, lambda, nu }: Iterate, { D, E, F, c }: Scaling, out: Iterate): void {
  const put = (to: Tensor, from: Tensor, factor: Float64Array, over: number) => {
    const [target, source] = [view(to), view(from)];
    for (let i = 0; i < source.length; i++) target[i] = (factor[i] * source[i]) / over;
  };
  put(out.x, x, D, 1);
  put(out.lambda, lambda, E, c);
  put(out.nu, nu, F, c);
}

/** The starting point, in equilibrated units and without the dropped rows. */
export function warmStart(
  { warmStart: given = {} }: ConvexMethod,
  { inequalities, equalities }: Reduced,
  s: Scaling,
) {
  const { x, lambda, nu } = given;
  return {
    ...(x && { x: Float64Array.from(s.D, (d, i) => x[i] / d) }),
    ...(lambda && { lambda: Float64Array.from(inequalities, (row, i) => (s.c * lambda[row]) / s.E[i]) }),
    ...(nu && { nu: Float64Array.from(equalities, (row, i) => (s.c * nu[row]) / s.F[i]) }),
  };
}
