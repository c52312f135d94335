// What all projections share: each row of the last axis is a problem with its radius; there are no iterations.
import { checkTensor } from '../../core/check.js';
import { ArgumentError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { mul, plus } from '../../ops/arithmetic.js';
import { expandDims } from '../../ops/layout.js';
import type { Linearization } from '../../ops/op.js';
import { stopGradient } from '../../ops/stop.js';
import { sum } from '../../ops/sum.js';
import { batchOf, checkEntries, type NodeArgument, problemText } from '../problems/batch.js';
import { callNode } from '../problems/node-row.js';
import { Residuals } from '../problems/report.js';

/** The option of projections. */
export interface RadiusOptions {
  /** At least 0; [...batch] or a number, default 1. */
  radius?: NodeArgument;
}

const RADIUS_OPTIONS: OptionNames<RadiusOptions> = { radius: true };

/** A projection, row by row; derivatives are those of x [count, n] and the radii [count]. */
export interface Projection {
  /**
   * Writes the nearest point of a row, and n numbers that say on which face it lies: what the derivatives need. False
   * for the centre of a sphere, which has no nearest point.
   * @param rounding what is that close to a boundary, relative to the radius, counts as on it.
   */
  nearest(x: Float64Array, radius: number, y: Float64Array, face: Float64Array, rounding: number): boolean;
  /** The (symmetric) Jacobian in x times v, by operations. */
  along(v: Tensor, at: ProjectionPoint): Tensor;
  /** dy/dradius, [count, n]. */
  slope(at: ProjectionPoint): Tensor;
}

export interface ProjectionPoint {
  x: Tensor;
  /** [count, 1]. */
  radius: Tensor;
  face: Tensor;
}

/** Calls a projection as a node. */
export function project(
  name: string,
  { nearest, along, slope }: Projection,
  x: Tensor,
  options: RadiusOptions,
): Tensor {
  checkOptions(name, options, RADIUS_OPTIONS);
  const { radius = 1 } = options;
  checkTensor(name, 'x', x);
  return scope(() => {
    const batch = batchOf(name, { x: [x, 'n'], radius: [radius] });
    const { count, dtype, sizes } = batch;
    const { n } = sizes;
    const at = ({ inputs: [x, radius], outputs: [, face] }: Linearization<undefined>) => ({
      x,
      radius: expandDims(radius, 1),
      // Constant between the kinks.
      face: stopGradient(face),
    });
    const [y] = callNode({
      batch,
      smooth: 1,
      outputs: [
        { shape: [count, n], dtype },
        { shape: [count, n], dtype },
      ],
      options: {},
      run([y, face], [x, radius]) {
        checkEntries(batch, 'x', x);
        const isRadius = (v: number) => v >= 0 && v < Number.POSITIVE_INFINITY;
        checkEntries(batch, 'radius', radius, isRadius, 'finite and at least 0');
        const [row, point, sides] = [0, 1, 2].map(() => new Float64Array(n));
        const rounding = dtype === 'f64' ? 2 ** -50 : 2 ** -22;
        for (let k = 0; k < count; k++) {
          row.set(x.data().subarray(k * n, (k + 1) * n));
          if (n > 0 && !nearest(row, radius.data()[k], point, sides, rounding))
            throw new ArgumentError(
              `${name}: x must not be the centre of the sphere, from which no point is nearest${problemText(batch, k)}`,
            );
          y.data().set(point, k * n);
          face.data().set(sides, k * n);
        }
        return { iterations: 0, residuals: new Residuals() };
      },
      jvp([tx, tr], point) {
        const where = at(point);
        return plus(tx && along(tx, where), tr && mul(expandDims(tr, 1), slope(where)));
      },
      vjp([ct], point) {
        const v = ct as Tensor;
        const [wantsX, wantsRadius] = point.wanted;
        const where = at(point);
        return [
          wantsX ? along(v, where) : undefined,
          wantsRadius ? sum(mul(v, slope(where)), { axis: 1 }) : undefined,
        ];
      },
    });
    return y;
  });
}
