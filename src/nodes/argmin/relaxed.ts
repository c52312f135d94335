// The relaxed points (s λ = κ) of a batch of problems, searched together from their solutions.
import { ConvergenceError } from '../../core/errors.js';
import { scope } from '../../core/scope.js';
import { KktInverse } from '../kkt/pseudoinverse.js';
import { type LocalModel, type PrimalDual, relaxedSearch, workOf } from '../kkt/relaxed.js';
import { problemText } from '../problems/batch.js';
import type { PointwiseProblem } from './point.js';
import type { Stationary } from './polish.js';

/** Evaluates all problems at a time. */
class Together {
  readonly #problem: PointwiseProblem;
  readonly #at: Record<'u' | 'lambda' | 'nu', Float64Array>;

  constructor(problem: PointwiseProblem, { u, lambda, nu }: Stationary) {
    this.#problem = problem;
    this.#at = { u: u.slice(), lambda: lambda.slice(), nu: nu.slice() };
  }

  place(k: number, { u, lambda, nu }: PrimalDual): void {
    const { n, p, q } = this.#problem.extents;
    this.#at.u.set(u, k * n);
    this.#at.lambda.set(lambda, k * p);
    this.#at.nu.set(nu, k * q);
  }

  /** The models of all problems at their points. */
  models(): LocalModel[] {
    const { count, n, p, q } = this.#problem.extents;
    const { u, lambda, nu } = this.#at;
    const { gradient, G, g, A, h } = this.#problem.first(u);
    const H = this.#problem.second(u, lambda, nu);
    return Array.from({ length: count }, (_, k) => {
      const part = (x: Float64Array, size: number) => x.slice(k * size, (k + 1) * size);
      return {
        H: part(H, n * n),
        gradient: part(gradient, n),
        G: part(G, p * n),
        g: part(g, p),
        A: part(A, q * n),
        h: part(h, q),
      };
    });
  }
}

/** The relaxed points, with the matrices of their equations; `failed` problems stay as they are. */
export function relaxedPoints(
  problem: PointwiseProblem,
  solution: Stationary,
  kappa: number,
  failed: readonly boolean[],
): Stationary {
  const { count, n, p, q, batch } = problem.extents;
  const N = n + p + q;
  const together = new Together(problem, solution);
  return scope<Stationary & object>(() => {
    const work = workOf(N);
    const part = (x: Float64Array, k: number, size: number) => x.slice(k * size, (k + 1) * size);
    const { u, lambda, nu } = solution;
    const searches = Array.from({ length: count }, (_, k) =>
      relaxedSearch({ u: part(u, k, n), lambda: part(lambda, k, p), nu: part(nu, k, q) }, kappa, work),
    );
    const states = searches.map((search) => search.next());
    const isOpen = (k: number) => !failed[k] && !states[k].done;
    for (let k = 0; k < count; k++) if (isOpen(k)) together.place(k, states[k].value as PrimalDual);
    while (states.some((_, k) => isOpen(k))) {
      const models = together.models();
      for (let k = 0; k < count; k++) {
        if (!isOpen(k)) continue;
        states[k] = searches[k].next(models[k]);
        if (states[k].value === undefined)
          throw new ConvergenceError(
            `argmin: there is no point with s λ = relax${problemText({ shape: batch, count }, k)} (the inequalities need an ` +
              'interior; make relax smaller or larger)',
            0,
            Number.POSITIVE_INFINITY,
          );
        together.place(k, states[k].value as PrimalDual);
      }
    }
    const inverter = new KktInverse(N, 2 ** -52, 'argmin');
    const found = { u: u.slice(), lambda: lambda.slice(), nu: nu.slice() };
    const inverses = together.models().map(({ H, G, A }, k) => {
      const at = failed[k]
        ? { u: part(u, k, n), lambda: part(lambda, k, p), nu: part(nu, k, q) }
        : (states[k].value as PrimalDual);
      found.u.set(at.u, k * n);
      found.lambda.set(at.lambda, k * p);
      found.nu.set(at.nu, k * q);
      const K = new Float64Array(N * N);
      for (let i = 0; i < n; i++) K.set(H.subarray(i * n, (i + 1) * n), i * N);
      for (let i = 0; i < p + q; i++) {
        for (let j = 0; j < n; j++) {
          K[(n + i) * N + j] = i < p ? G[i * n + j] : A[(i - p) * n + j];
          K[j * N + n + i] = K[(n + i) * N + j];
        }
        if (i < p) K[(n + i) * (N + 1)] = -kappa / (at.lambda[i] * at.lambda[i]);
      }
      const order = Array.from({ length: N }, (_, i) => i);
      if (failed[k]) return { order, K, Z: K, isUnique: true, isRegular: true };
      return { order, K, ...inverter.of(K.slice(), N, n) };
    });
    return { ...found, active: new Uint8Array(count * p).fill(1), inverses, residuals: solution.residuals };
  });
}
