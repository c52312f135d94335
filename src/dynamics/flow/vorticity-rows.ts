// The rows of the spectral form, on planes [...batch, 2, n, n/2 + 1]: real and imaginary parts of what rfft2 gives of n x n numbers of vorticity. Its tendency is Λ x + B(x, x) + force:
// Λ is diagonal (viscosity and damping), B(a, b) bilinear and symmetric, B(x, x) = -u·∇x for the flow u of x, both cut off. C(a, ·) is the transpose of B(a, ·):
// <c, B(a, b)> = <b, C(a, c)>. Derivatives of B and C are made of B and C, so these rows are all that derivatives of any order need.
import { bytesPerElement } from '../../core/dtype.js';
import type { Tensor } from '../../core/tensor.js';
import { plus } from '../../ops/arithmetic.js';
import { apply, type Op } from '../../ops/op.js';
import { ADVECTION, passes, VELOCITY } from './vorticity-passes.js';

/** Numbers of the rows. */
export interface VorticityParams {
  readonly n: number;
  /** The largest wavenumber that takes part in B; 3 cut < n, so that products of two waves leave no trace in those up to it. */
  readonly cut: number;
  readonly viscosity: number;
  readonly damping: number;
  /** A factor of all but `base`. */
  readonly scale: number;
}

/** Of the tendency: the transform of the curl of the force, a real number at kx = 0 and ky = wave. */
export interface StageParams extends VorticityParams {
  readonly wave: number;
  readonly force: number;
}

/** Of derivatives. */
export interface SlopeParams extends VorticityParams {
  /** A factor of B or C. */
  readonly advection: number;
  /** Whether Λ takes part. */
  readonly linear: boolean;
}

/** Row of the table: base + scale (Λ x + B(x, x) + force). */
export const vorticityStageOp: Op<StageParams> = {
  name: 'vorticityStage',
  shape: ([base]) => base,
  prepare([y], [base, x], params, space) {
    const { toField, toPlane, product, addLinear, fields } = passes(x, params, space, 1);
    const [z] = fields;
    const { scale, wave, force } = params;
    return members(x, (at) => {
      toField(VELOCITY, x.address + at, z, 1);
      product(false, z, z);
      toPlane(ADVECTION, z, y.address + at, scale);
      addLinear(scale, base.address + at, x.address + at, y.address + at, wave, scale * force);
    });
  },
  jvp: ([tb, tx], { inputs: [, x], params }) =>
    plus(tb, tx && apply(vorticitySlopeOp, [x, tx], slopeOf(params))),
  vjp: ([ct], { inputs: [, x], params, wanted }) => [
    ct,
    wanted[1] ? apply(vorticityAdjointOp, [x, ct as Tensor], slopeOf(params)) : undefined,
  ],
};

/** Row of the table: scale (Λ b + advection B(a, b)), the first term only where it is asked for. */
export const vorticitySlopeOp: Op<SlopeParams> = {
  name: 'vorticitySlope',
  shape: ([a]) => a,
  prepare([y], [a, b], params, space) {
    const { toField, toPlane, product, addLinear, fields } = passes(a, params, space, 2);
    const [za, zb] = fields;
    const { scale, advection, linear } = params;
    return members(a, (at) => {
      toField(VELOCITY, a.address + at, za, 1);
      toField(VELOCITY, b.address + at, zb, 1);
      product(false, za, zb);
      toPlane(ADVECTION, zb, y.address + at, scale * advection);
      if (linear) addLinear(scale, 0, b.address + at, y.address + at, 0, 0);
    });
  },
  jvp: ([ta, tb], { inputs: [a, b], params }) =>
    plus(
      ta && apply(vorticitySlopeOp, [ta, b], ofAdvection(params)),
      tb && apply(vorticitySlopeOp, [a, tb], params),
    ),
  vjp: ([ct], { inputs: [a, b], params, wanted }) => [
    wanted[0] ? apply(vorticityAdjointOp, [b, ct as Tensor], ofAdvection(params)) : undefined,
    wanted[1] ? apply(vorticityAdjointOp, [a, ct as Tensor], params) : undefined,
  ],
};

/** Row of the table: scale (Λ c + advection C(a, c)), the transpose of `vorticitySlopeOp` in b. */
export const vorticityAdjointOp: Op<SlopeParams> = {
  name: 'vorticityAdjoint',
  shape: ([a]) => a,
  prepare([y], [a, c], params, space) {
    const { toField, toPlane, product, addLinear, fields } = passes(a, params, space, 2);
    const [za, zc] = fields;
    const { n, scale, advection, linear } = params;
    // Of the transpose, the divisor n² stands in the other pass.
    return members(a, (at) => {
      toField(VELOCITY, a.address + at, za, 1);
      toField(ADVECTION, c.address + at, zc, scale * advection);
      product(true, za, zc);
      toPlane(VELOCITY, zc, y.address + at, 1 / (n * n));
      if (linear) addLinear(scale, 0, c.address + at, y.address + at, 0, 0);
    });
  },
  jvp: ([ta, tc], { inputs: [a, c], params }) =>
    plus(
      ta && apply(vorticityAdjointOp, [ta, c], ofAdvection(params)),
      tc && apply(vorticityAdjointOp, [a, tc], params),
    ),
  vjp: ([ct], { inputs: [a, c], params, wanted }) => [
    wanted[0] ? apply(vorticityAdjointOp, [ct as Tensor, c], ofAdvection(params)) : undefined,
    wanted[1] ? apply(vorticitySlopeOp, [a, ct as Tensor], params) : undefined,
  ],
};

/** The derivative of a stage. */
function slopeOf({ n, cut, viscosity, damping, scale }: StageParams): SlopeParams {
  return { n, cut, viscosity, damping, scale, advection: 2, linear: true };
}

const ofAdvection = (params: SlopeParams): SlopeParams => ({ ...params, linear: false });

/** Runs `one` for each member of a batch of planes, with the bytes from the first. */
function members(x: Tensor, one: (at: number) => void): () => void {
  const [rows, columns] = x.shape.slice(-2);
  const bytes = x.size * bytesPerElement(x.dtype);
  const step = 2 * rows * columns * bytesPerElement(x.dtype);
  return () => {
    for (let at = 0; at < bytes; at += step) one(at);
  };
}
