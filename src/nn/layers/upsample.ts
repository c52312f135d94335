// upsample: interpolates x at (o + ½) / factor - ½ for output o: half-pixel centres, as PyTorch with align_corners =
// false.

import { describe } from '../../core/describe.js';
import { ArgumentError, ShapeError } from '../../core/errors.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import { type Shape, show } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { reshape } from '../../ops/layout.js';
import { broadcastTo } from '../../ops/sum.js';
import { checkedLayer } from './checked-layer.js';
import { interpolate, tapsOf } from './interpolation.js';
import type { Layer } from './layer.js';

/** Options of `upsample`. */
export interface UpsampleOptions {
  /** 'nearest' (default), 'linear', or 'cubic': Keys's convolution. */
  kind?: 'nearest' | 'linear' | 'cubic';
  /**
   * Whether x continues beyond an edge at its other end; otherwise the edge is repeated. One for all axes or one per
   * axis; default false.
   */
  periodic?: boolean | readonly boolean[];
  /**
   * Keys's parameter: -0.75 (default) as in PyTorch and OpenCV; -0.5 as in JAX and TensorFlow, exact for quadratics.
   */
  cubic?: number;
}

const UPSAMPLE_OPTIONS: OptionNames<UpsampleOptions> = { kind: true, periodic: true, cubic: true };

/** Every element `factor` times along the axis. */
function repeat(x: Tensor, axis: number, factor: number): Tensor {
  const [before, behind] = [x.shape.slice(0, axis + 1), x.shape.slice(axis + 1)];
  const repeated = broadcastTo(reshape(x, [...before, 1, ...behind]), [...before, factor, ...behind]);
  return reshape(repeated, [...before.slice(0, -1), before[axis] * factor, ...behind]);
}

/**
 * A layer that refines one to three axes after the channels of [n, channels, …extents] by whole factors: extents[i] ·
 * factor[i].
 * Output o lies at (o + ½) / factor - ½ of the input. Linear and cubic interpolation are separable, axis by axis.
 * @param factor a positive integer for all axes, or one per axis (1 leaves an axis as it is).
 * @param options `kind`, default 'nearest'; `periodic`, default false; `cubic`, default -0.75.
 * @throws ArgumentError for invalid options, ShapeError for an x without such axes.
 * @example
 * nn.sequential([nn.upsample(2, { kind: 'cubic', periodic: true }), nn.conv(32, [3, 3], { padding: 'periodic' })]);
 */
export function upsample(
  factor: number | readonly number[],
  options: UpsampleOptions = {},
): Layer<Record<string, never>> {
  checkOptions('upsample', options, UPSAMPLE_OPTIONS);
  const { kind = 'nearest', periodic = false, cubic = -0.75 } = options;
  const perAxis = <T>(argument: string, value: T | readonly T[], axes: number): readonly T[] => {
    if (!Array.isArray(value)) return new Array<T>(axes).fill(value as T);
    if (value.length === axes) return value;
    throw new ArgumentError(
      `upsample: ${argument} must have ${axes} entries, one per axis, got ${value.length}`,
    );
  };
  const factors = Array.isArray(factor) ? factor : [factor];
  const bad = factors.find((f) => !(Number.isInteger(f) && f >= 1));
  if (factors.length < 1 || factors.length > 3 || bad !== undefined)
    throw new ArgumentError(
      `upsample: factor must be a positive integer, or one per axis, got ${describe(factor)}`,
    );
  if (kind !== 'nearest' && kind !== 'linear' && kind !== 'cubic')
    throw new ArgumentError(`upsample: kind must be 'nearest', 'linear' or 'cubic', got ${describe(kind)}`);
  if (!Number.isFinite(cubic))
    throw new ArgumentError(`upsample: cubic must be a number, got ${describe(cubic)}`);
  const fitting = (extents: Shape): readonly number[] => {
    if (extents.length < 1 || extents.length > 3)
      throw new ShapeError(
        `upsample: x must be [n, channels] and one to three axes, got extents ${show(extents)}`,
      );
    return perAxis('factor', factor, extents.length);
  };
  return checkedLayer<Layer<Record<string, never>>>('upsample', {
    name: 'upsample',
    init: () => ({}),
    outputShape([channels, ...extents]) {
      const by = fitting(extents);
      return [channels, ...extents.map((extent, i) => extent * by[i])];
    },
    apply(_, x) {
      const extents = x.shape.slice(2);
      const by = fitting(extents);
      const wraps = perAxis('periodic', periodic, extents.length);
      return scope(() => {
        if (x.size === 0) return reshape(x, [x.shape[0], x.shape[1], ...extents.map((e, i) => e * by[i])]);
        let y = reshape(x, x.shape);
        extents.forEach((extent, i) => {
          if (by[i] === 1) return;
          if (kind === 'nearest') y = repeat(y, i + 2, by[i]);
          else {
            const beyond = wraps[i] ? 'periodic' : 'edge';
            const grid = 'halfPixel';
            y = interpolate(y, i + 2, tapsOf({ extent, factor: by[i], kind, a: cubic, grid, beyond }));
          }
        });
        return y;
      });
    },
  });
}
