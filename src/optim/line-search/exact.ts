// The exact step on a parabola: t = -φ'(0) / φ'', with φ'' from the slopes at two points.
import type { LineSearch } from './line.js';

/**
 * The exact line search for quadratic functions, with only two gradients. On other functions it takes the step to the
 * minimum of the parabola through both slopes, and reports that there is no step if f would rise or has no upward
 * curvature.
 * Source: Nocedal and Wright, equation (3.55); Boyd and Vandenberghe, section 9.2.
 * @example
 * optim.minimize(quadratic, x0, optim.gradientDescent({ lineSearch: optim.exact() }));
 */
export function exact(): LineSearch {
  return {
    name: 'exact',
    wolfe: true,
    initialStep: 1,
    search(line, first, longest = Number.POSITIVE_INFINITY) {
      const { value0, slope0 } = line;
      if (!(slope0 < 0)) return false;
      // If f or its slope is not finite there, try a point closer to the start.
      let t = Math.min(first, longest);
      for (line.evaluateAt(t); !Number.isFinite(line.value + line.slope); line.evaluateAt(t)) {
        if (line.value === Number.NEGATIVE_INFINITY) return true;
        t /= 4;
        if (t < first * 2 ** -60) return false;
      }
      const curvature = (line.slope - slope0) / t;
      const step = Math.min(-slope0 / curvature, longest);
      if (!(curvature > 0) || !(step > 0)) return false;
      if (step !== line.step) line.evaluateAt(step);
      return line.value <= value0 + 64 * line.rounding * Math.abs(value0);
    },
  };
}
