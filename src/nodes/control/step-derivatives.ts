// The derivative of a function of all steps in a state and a control: one pass per entry serves all steps.
import { jvp } from '../../autodiff/jvp.js';
import { linearMap } from '../../autodiff/linearize.js';
import { zeros } from '../../core/create.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { UnknownValueError } from '../../ops/tracer.js';
import { NAME } from './functions.js';

/**
 * The value of f at a point, and its derivative in every entry of the last axes, at all leading axes at once.
 * @param widths the extents of the last axes.
 */
export function derivatives(
  f: (point: readonly Tensor[]) => Tensor[],
  point: readonly Tensor[],
  widths: readonly number[],
  take: (values: readonly Tensor[]) => void,
  column: (j: number, tangents: readonly Tensor[]) => void,
): void {
  const seeds = point.map((x) => zeros(x.shape, { dtype: x.dtype }));
  const eachSeed = (run: (j: number) => void) => {
    let j = 0;
    widths.forEach((width, k) => {
      for (let i = 0; i < width; i++) {
        const fill = (value: number) => {
          const data = seeds[k].data();
          for (let at = i; at < data.length; at += width) data[at] = value;
        };
        fill(1);
        scope(() => run(j));
        fill(0);
        j++;
      }
    });
  };
  const g = (...xs: Tensor[]) => f(xs);
  let map: ReturnType<typeof linearMap> | undefined;
  try {
    map = linearMap(NAME, g, point);
  } catch (error) {
    // A rule of the user's reads values of tangents: f runs once per seed.
    if (!(error instanceof UnknownValueError)) throw error;
  }
  if (map === undefined) {
    take(f(point));
    eachSeed((j) => column(j, jvp(g, point, seeds).tangent as Tensor[]));
    return;
  }
  try {
    const { leaves, run } = map;
    take(leaves);
    eachSeed((j) => column(j, run(seeds, false)));
  } finally {
    map.dispose();
  }
}
