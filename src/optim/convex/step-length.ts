// Step length of an interior-point method: products λ_i s_i and κ τ stay positive, and none falls far below their mean.

/** Numbers that must stay positive, with their steps, in pairs: λ_i with s_i, τ with κ. */
export interface SlackDualPairs {
  lambda: Float64Array;
  dlambda: Float64Array;
  s: Float64Array;
  ds: Float64Array;
  tau: number;
  kappa: number;
  step: { tau: number; kappa: number };
}

/** A step is shortened until the least product is at least this fraction of the mean. */
const CENTRAL = 1e-2;
/** A step is shortened for that by at most this fraction. */
const LEAST = 0.3;

/** The longest step that keeps everything positive; 0 if there is none. */
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
 * A step of at most t after which no product is far below the mean: otherwise the next step would be short, and the
 * iteration might cycle. Source: the neighbourhood N_-∞ of Wright, Primal-Dual Interior-Point Methods (1997), chapter
 * 5.
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
