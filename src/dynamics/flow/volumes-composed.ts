// One explicit step in finite volumes as a composition of operations: what higher derivatives of the kernels are taken of, and what tests hold the kernels against.
import { tensor } from '../../core/create.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { add, div, mul, neg, sub } from '../../ops/arithmetic.js';
import { greater } from '../../ops/compare.js';
import { stack } from '../../ops/concat.js';
import { roll } from '../../ops/flip.js';
import { where } from '../../ops/select.js';
import { rowAt } from '../../ops/slice.js';
import { broadcastTo } from '../../ops/sum.js';

/** Numbers of a step: s = dt/h; `viscosity`: dt ν/h²; `damping` has the factor dt. */
export interface StepParams {
  readonly s: number;
  readonly viscosity: number;
  readonly damping: number;
}

/** Axes of x and y, counted from behind. */
const X = -2;
const Y = -1;

/** One component, [...batch, n, n], of a velocity [...batch, 2, n, n]. */
export function component(x: Tensor, which: 0 | 1): Tensor {
  return scope(() => rowAt(x, x.ndim - 3, which));
}

/** The number that lies `by` places further along an axis. */
const ahead = (c: Tensor, by: number, axis: number): Tensor => roll(c, -by, axis);

/** The force [n] on u as a velocity of the shape of x. */
export function forceOn(force: Tensor, x: Tensor): Tensor {
  return scope(() => {
    const u = tensor([1, 0], { shape: [2, 1, 1], dtype: force.dtype });
    return broadcastTo(mul(force, u), x.shape);
  });
}

/** The flux of c through the faces between its cells and the next ones along an axis, at the speed a. */
function flux(c: Tensor, a: Tensor, axis: number, s: number): Tensor {
  const right = ahead(c, 1, axis);
  const d = sub(right, c);
  const isForward = greater(a, 0);
  const e = where(isForward, sub(c, ahead(c, -1, axis)), sub(ahead(c, 2, axis), right));
  const p = mul(d, e);
  const isMonotonic = greater(p, 0);
  // Nothing is divided where the limiter is 0, so that derivatives are finite where nothing varies.
  const limited = where(isMonotonic, div(mul(2, p), where(isMonotonic, add(d, e), 1)), 0);
  // |a|, whose derivative at 0 is that of the side which is taken there.
  const size = where(isForward, a, neg(a));
  const weight = mul(mul(0.5, size), sub(1, mul(s, size)));
  return add(mul(a, where(isForward, c, right)), mul(weight, limited));
}

/** c + s (what flows in - what flows out) + ν Laplacian - damping c. */
function updated(c: Tensor, across: Tensor, along: Tensor, { s, viscosity, damping }: StepParams): Tensor {
  const inward = add(sub(ahead(across, -1, X), across), sub(ahead(along, -1, Y), along));
  const around = add(add(ahead(c, 1, X), ahead(c, -1, X)), add(ahead(c, 1, Y), ahead(c, -1, Y)));
  const laplacian = sub(around, mul(4, c));
  return add(add(mul(s, inward), mul(viscosity, laplacian)), mul(1 - damping, c));
}

/** The velocity after an explicit step, without the force. */
export function composedStep(x: Tensor, params: StepParams): Tensor {
  return scope(() => {
    const { s } = params;
    const [u, v] = [component(x, 0), component(x, 1)];
    const mean = (c: Tensor, axis: number) => mul(0.5, add(c, ahead(c, 1, axis)));
    return stack(
      [
        updated(u, flux(u, mean(u, X), X, s), flux(u, mean(v, X), Y, s), params),
        updated(v, flux(v, mean(u, Y), X, s), flux(v, mean(v, Y), Y, s), params),
      ],
      x.ndim - 3,
    );
  });
}
