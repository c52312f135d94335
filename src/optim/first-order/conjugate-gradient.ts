// Nonlinear conjugate gradients: p := -∇f(x) + β p, x := x + t p.

import { describe } from '../../core/describe.js';
import { ArgumentError } from '../../core/errors.js';
import type { OptionNames } from '../../core/options.js';
import { vectors } from '../../generated/vectors.js';
import { assign, axpy, dot, norm2, scale } from '../../linalg/blas/tensors.js';
import type { Float } from '../../linalg/stack.js';
import { checkLineSearch, type LineSearch } from '../line-search/line.js';
import { strongWolfe } from '../line-search/strong-wolfe.js';
import type { DescentState, Method } from '../method.js';
import { descend } from '../quasi-newton/lbfgs.js';

/** Options of `nonlinearConjugateGradient`. */
export interface ConjugateGradientOptions {
  /**
   * With y = g - g₋. 'PolakRibiere+' (default): max(0, gᵀy / g₋ᵀg₋), which restarts by itself when progress is slow;
   * 'FletcherReeves': gᵀg / g₋ᵀg₋; 'HagerZhang': (y - 2 p yᵀy / pᵀy)ᵀg / pᵀy, bounded below.
   */
  beta?: 'PolakRibiere+' | 'FletcherReeves' | 'HagerZhang';
  /** Default strongWolfe({ c2: 0.1 }). */
  lineSearch?: LineSearch;
}

const OPTIONS: OptionNames<ConjugateGradientOptions> = { beta: true, lineSearch: true };

type Rule = (descent: DescentState, y: DescentState['gradient']) => number;

const RULES: Record<NonNullable<ConjugateGradientOptions['beta']>, Rule> = {
  'PolakRibiere+': ({ ray, gradient }, y) => Math.max(0, dot(gradient, y) / square(ray.previous.gradient)),
  FletcherReeves: ({ ray, gradient }) => square(gradient) / square(ray.previous.gradient),
  HagerZhang({ ray, gradient }, y) {
    const { direction: p, previous } = ray;
    const along = dot(p, y);
    const beta = (dot(gradient, y) - (2 * square(y) * dot(p, gradient)) / along) / along;
    return Math.max(beta, -1 / (norm2(p) * Math.min(0.01, norm2(previous.gradient))));
  },
};

const square = (x: DescentState['gradient']) => dot(x, x);

/** Restart if the descent is less than this times that of -∇f. */
const LEAST_DESCENT = 0.01;

/**
 * The nonlinear conjugate gradient method: three vectors besides x and its gradient, for problems where even the
 * history of L-BFGS is too large. It restarts along -∇f if its direction gives less than a hundredth of the descent of
 * -∇f, or no step is found along it, and with Fletcher and Reeves's β every n iterations.
 * Source: Nocedal and Wright, section 5.2 and equations (5.41), (5.44); Hager and Zhang, SIAM J. Optim. 16 (2005),
 * (1.3).
 * @throws ArgumentError for invalid options.
 * @example
 * optim.minimize(f, x0, optim.nonlinearConjugateGradient({ beta: 'HagerZhang' }));
 */
export function nonlinearConjugateGradient(options: ConjugateGradientOptions = {}): Method {
  const name = 'nonlinearConjugateGradient';
  const search = checkLineSearch(name, options, OPTIONS, strongWolfe({ c2: 0.1 }));
  const { beta = 'PolakRibiere+' } = options;
  if (typeof beta !== 'string' || !Object.hasOwn(RULES, beta)) {
    throw new ArgumentError(
      `${name}: beta must be 'PolakRibiere+', 'FletcherReeves' or 'HagerZhang', got ${describe(beta)}`,
    );
  }
  const rule = RULES[beta];
  const cycles = beta === 'FletcherReeves';
  return {
    name,
    start(descent) {
      const y = descent.objective.parameters.vector();
      const { ray } = descent;
      /** Steps since the last restart. */
      let age = 0;
      return {
        step() {
          if (descent.iteration === 0) return descend(descent, search);
          const slope = ray.slope0;
          // Promise as much decrease as the last step: t₋ ∇f₋ᵀp₋ / ∇fᵀp (Nocedal and Wright, section 3.5).
          const move = () => descent.move(search, (descent.step * slope) / dot(ray.gradient, ray.direction));
          if ((cycles && ++age >= y.size) || !turn(descent, rule, y)) {
            age = 0;
            straighten(descent);
          }
          if (move() === undefined) return undefined;
          straighten(descent);
          return move();
        },
      };
    },
  };
}

/** p := -∇f. */
function straighten({ ray, gradient }: DescentState): void {
  assign(gradient, ray.direction);
  scale(-1, ray.direction);
}

/** p := -∇f + β p; returns whether that is a direction of enough descent. */
function turn(descent: DescentState, rule: Rule, y: DescentState['gradient']): boolean {
  const { ray, gradient } = descent;
  vectors.exports[`minus_${y.dtype as Float}`](
    y.size,
    gradient.address,
    ray.previous.gradient.address,
    y.address,
  );
  scale(rule(descent, y), ray.direction);
  axpy(-1, gradient, ray.direction);
  return dot(gradient, ray.direction) <= -LEAST_DESCENT * square(gradient);
}
