// How far an interior-point step goes: products λ_i s_i and κ τ stay positive, and none far below their mean.

/** Numbers that are to stay positive, with their steps, in pairs: λ_i with s_i, τ with κ. */
export interface SlackDualPairs {
  lambda: Float64Array;
  dlambda: Float64Array;
  s: Float64Array;
  ds: Float64Array;
  tau: number;
  kappa: number;
  step: { tau: number; kappa: number };
}

/** Steps end where the least product is this share of their mean. */
const CENTRAL = 1e-2;
/** No more than this share of a step is given up for that. */
const LEAST = 0.3;

/** The longest step that keeps everything positive; 0 where there is no step. */
export function longestStep({ lambda, dlambda, s, ds, tau, kappa, step }: SlackDualPairs): number {
  let most = Number.POSITIVE_INFINITY;
  const limit = (value: number, change: number) => {
    if (change < 0 && -value / change < most) most = -value / change;
  };
  for (let i = 0; i < s.length; i++) {
    limit(lambda[i], dlambda[i]);
    limit(s[i], ds[i]);
  }
  limit(tau, step.tau);
  limit(kappa, step.kappa);
  return Number.isNaN(step.tau) ? 0 : most;
}

/**
 * A step of no more than t after which no product is far below their mean: from there the next one would be short, and the
 * iteration may go round in circles. Source: the neighbourhood N_-∞ of Wright, Primal-Dual Interior-Point Methods (1997), chapter 5.
 */
export function centralStep({ lambda, dlambda, s, ds, tau, kappa, step }: SlackDualPairs, t: number): number {
  for (let share = 1; share > LEAST; share *= 0.9) {
    const length = share * t;
    let sum = (tau + length * step.tau) * (kappa + length * step.kappa);
    let least = sum;
    for (let i = 0; i < s.length; i++) {
      const product = (s[i] + length * ds[i]) * (lambda[i] + length * dlambda[i]);
      sum += product;
      least = Math.min(least, product);
    }
    if (least * (s.length + 1) >= CENTRAL * sum) return length;
  }
  return t;
}
