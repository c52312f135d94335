// Passes between planes of vorticity and complex fields, by kernels on addresses: a plane is spread (assembly/flow/spectrum.ts), transformed along x, turned, transformed along y,
// and back. Each transform is of columns side by side, and only of those of the wavenumbers that take part.
import { bytesPerElement } from '../../core/dtype.js';
import type { Tensor } from '../../core/tensor.js';
import { takePlan } from '../../fft/plans.js';
import { fft } from '../../generated/fft.js';
import { flow } from '../../generated/flow.js';
import type { Float } from '../../linalg/stack.js';
import type { Workspace } from '../../ops/workspace.js';
import type { VorticityParams } from './vorticity-rows.js';

/** Kinds of factors between planes and fields: of the velocity, and of the advection of its square. */
export const VELOCITY = 0;
export const ADVECTION = 1;

/** The passes for planes like x, and addresses of `count` complex fields. */
export function passes(x: Tensor, params: VorticityParams, space: Workspace, count: number) {
  const dtype = x.dtype as Float;
  const { n, cut, viscosity, damping } = params;
  const [size, wide] = [bytesPerElement(dtype), 2 * cut + 2];
  const [strip, plane] = [n * wide * size, n * n * size];
  const plan = takePlan('kolmogorovFlow', dtype, n, false);
  space.keep(plan);
  const work = space.scratch(fft.exports[`fft_${dtype}_work`](plan.address, Math.max(n, wide)));
  const [a, b] = [space.scratch(2 * strip), space.scratch(2 * strip)];
  const turned = space.scratch(2 * plane);
  const transform = fft.exports[`fft_${dtype}`];
  const multiply = flow.exports[`complex_product_${dtype}`];
  const spread = flow.exports[`spectrum_spread_${dtype}`];
  const collect = flow.exports[`spectrum_collect_${dtype}`];
  const unfold = flow.exports[`spectrum_unfold_${dtype}`];
  const fold = flow.exports[`spectrum_fold_${dtype}`];
  const linear = flow.exports[`spectrum_linear_${dtype}`];
  return {
    fields: Array.from({ length: count }, () => space.scratch(2 * plane)),
    /** A field for a plane; for the velocity, the inverse transform with its 1/n². */
    toField(kind: number, from: number, to: number, scale: number): void {
      const whole = kind === VELOCITY ? scale / (n * n) : scale;
      spread(n, cut, kind, from, a);
      // Backward, by parts in exchanged places.
      transform(plan.address, 1, wide, 0, wide, a + strip, a, b + strip, b, 1, work);
      unfold(n, cut, b, turned);
      transform(plan.address, 1, n, 0, n, turned + plane, turned, to + plane, to, whole, work);
    },
    toPlane(kind: number, from: number, to: number, scale: number): void {
      transform(plan.address, 1, n, 0, n, from, from + plane, turned, turned + plane, scale, work);
      fold(n, cut, turned, a);
      transform(plan.address, 1, wide, 0, wide, a, a + strip, b, b + strip, 1, work);
      collect(n, cut, kind, b, to);
    },
    /** b := a b, or conj(a) b. */
    product: (conjugate: boolean, one: number, other: number): void =>
      multiply(n * n, conjugate, one, other, other),
    /** y := y + base + scale Λ x, and the force. */
    addLinear: (scale: number, base: number, from: number, to: number, wave: number, force: number): void =>
      linear(n, viscosity, damping, scale, base, from, to, wave, force),
  };
}
