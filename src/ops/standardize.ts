// standardize: every channel less its mean, over its standard deviation, for normalisation layers.
import { sizeOf } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { reduce } from '../generated/reduce.js';
import { add, div, mul, mulAlong, neg, plus, sub } from './arithmetic.js';
import { reshape } from './layout.js';
import { applyAll, commonFloat, type Derivative, type Linearization, type Op } from './op.js';
import { square } from './roots.js';
import { mean } from './statistics.js';
import { broadcastTo } from './sum.js';

/** Parameters of the row. */
interface StandardizeParams {
  /** Added to the variance. */
  epsilon: number;
}

/** All axes of x but the channels. */
function axesOf(x: Tensor): number[] {
  return [...x.shape.keys()].filter((axis) => axis !== 1);
}

/** One number per channel, beside x. */
function across(v: Tensor, x: Tensor): Tensor {
  return reshape(v, [v.size, ...new Array<number>(x.ndim - 2).fill(1)]);
}

/** For a tangent or cotangent t of z: its mean, and that of z t, per channel. */
function means(t: Tensor, z: Tensor): [Tensor, Tensor] {
  const axis = axesOf(z);
  return [mean(t, { axis }), mean(mulAlong(t, z), { axis })];
}

/** factor (t - mean t - z mean(z t)): the Jacobian of z, which is symmetric, times t. */
function alongZ(t: Tensor, { outputs: [z, , , factor] }: Linearization<StandardizeParams>): Tensor {
  const [first, second] = means(t, z).map((m) => across(m, z));
  return mulAlong(sub(sub(t, first), mulAlong(second, z)), across(factor, z));
}

/**
 * Row of the table: x [n, channels, …] to z = (x - mean) factor, and per channel the mean, the variance (over the number
 * of elements) and factor = (variance + ε)^-½. All of it is computed in f64, where f32 does not overflow.
 */
export const standardizeOp: Op<StandardizeParams> = {
  name: 'standardize',
  shape([x]) {
    const dtype = commonFloat('standardize', [x]);
    const channels = { shape: [x.shape[1]], dtype };
    return [{ shape: x.shape, dtype }, channels, channels, channels];
  },
  prepare([z, centre, spread, factor], [x], { epsilon }, space) {
    const [n, channels] = x.shape;
    const inner = sizeOf(x.shape.slice(2));
    if (x.size === 0) {
      return () => {
        for (const output of [centre, spread, factor]) output.data().fill(Number.NaN);
      };
    }
    const { exports } = reduce;
    const kernel = exports[`standardize_${x.dtype as 'f64' | 'f32'}`];
    const work = space.scratch(exports.moments_work());
    return () =>
      kernel(
        n,
        channels,
        inner,
        epsilon,
        z.address,
        centre.address,
        spread.address,
        factor.address,
        x.address,
        work,
      );
  },
  jvp([t], point) {
    if (t === undefined) return point.outputs.map(() => undefined);
    const [z, , , factor] = point.outputs;
    const [first, second] = means(t, z);
    return [alongZ(t, point), first, div(mul(2, second), factor), neg(mulAlong(second, square(factor)))];
  },
  vjp([cz, centre, spread, change], point) {
    const [z, , , factor] = point.outputs;
    const n = z.shape[1] === 0 ? 0 : z.size / z.shape[1];
    const scaled = plus(
      spread && div(mul(2, spread), factor),
      change && neg(mulAlong(change, square(factor))),
    );
    const along = scaled && mulAlong(across(div(scaled, n), z), z);
    const total: Derivative = plus(cz && alongZ(cz, point), along);
    if (centre === undefined) return [total];
    const shift = across(div(centre, n), z);
    return [total === undefined ? broadcastTo(shift, z.shape) : add(total, shift)];
  },
};

/** z = (x - mean) factor of x [n, channels, …], and the mean, the variance and factor = (variance + ε)^-½ per channel. */
export function standardize(x: Tensor, epsilon: number): Tensor[] {
  return applyAll(standardizeOp, [x], { epsilon });
}
