// Transport with entropy as a declarative node: the plan and its potentials.
import { checkFlag } from '../../core/check.js';
import { checkOptions, joinNames } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { callNode } from '../problems/node-row.js';
import { down } from '../problems/precision.js';
import {
  planSpecs,
  TRANSPORT_OPTIONS,
  type TransportOptions,
  transportBatch,
  transportLimits,
} from './arguments.js';
import { backward, forward } from './rules.js';
import { solveTransport } from './solve.js';

/** A plan and its potentials: plan_ij = exp(alpha_i + beta_j - gamma M_ij). */
export interface TransportPlan {
  plan: Tensor;
  /** [..., m]; -Infinity where the mass is 0. Σ alpha = Σ beta over the entries with mass. */
  alpha: Tensor;
  /** [..., n]. */
  beta: Tensor;
}

const OPTIONS = /* @__PURE__ */ joinNames(TRANSPORT_OPTIONS, { potentials: true });

/**
 * The plan P = argmin <M, P> + (1/gamma) <P, log P> with row sums r and column sums c, [..., m, n]. By over-relaxed
 * sweeps in the log domain, ended by Newton's method on the dual; right for any gamma and any range of M.
 * With `potentials: true` also alpha and beta, of all pairs the one with Σ alpha = Σ beta; differentiable, too.
 *
 * Derivatives in M, gamma, r and c, in both modes and of any order, with one factorization of the smaller side per
 * recording. Those in r and c exist up to adding t to one and taking it from the other: given is the pair of smallest
 * norm, Σ g_r = Σ g_c. Where the plan falls into parts that exchange no mass to rounding, they are the least-squares
 * solution. The derivative in a mass of 0 is the limit from above.
 *
 * Source: Gould et al., lecture notes on differentiable optimisation, (126) to (146). Their (147) has the masses of rows
 * and columns exchanged.
 * @param M costs, [..., m, n], f64 or f32.
 * @param options r and c may differ in their sums by 1e-8 of them (f32: 1e-4), which is shared by all masses.
 * @throws ArgumentError for NaN and Inf, negative masses, different sums, gamma <= 0; ShapeError; DTypeError;
 *   ConvergenceError.
 * @example
 * nodes.optimalTransport(tensor([[0, 1], [1, 0]]), { gamma: Math.log(3) }); // [[0.375, 0.125], [0.125, 0.375]] to rounding
 */
export function optimalTransport(M: Tensor, options: TransportOptions & { potentials: true }): TransportPlan;
export function optimalTransport(M: Tensor, options?: TransportOptions & { potentials?: false }): Tensor;
export function optimalTransport(
  M: Tensor,
  options: TransportOptions & { potentials?: boolean } = {},
): Tensor | TransportPlan {
  checkOptions('optimalTransport', options, OPTIONS);
  const { potentials = false } = options;
  checkFlag('optimalTransport', 'potentials', potentials);
  return scope(() => {
    const found = transportNode('optimalTransport', M, options);
    return potentials ? found : found.plan;
  });
}

/** The node under the name of the function that users have called. */
export function transportNode(name: string, M: Tensor, options: TransportOptions): TransportPlan {
  const batch = transportBatch(name, M, options);
  const limits = transportLimits(batch, options);
  const [plan, alpha, beta] = callNode({
    batch,
    outputs: planSpecs(batch),
    results: 3,
    limits,
    options,
    run: ([plan, alpha, beta], inputs) => solveTransport(batch, inputs, { plan, alpha, beta }, limits),
    jvp: (tangents, point) => forward(tangents, point).map((t) => down(t, batch.dtype)),
    vjp: ([plan, alpha, beta], point) =>
      backward([plan, alpha, beta], point).map((g) => down(g, batch.dtype)),
  });
  return { plan, alpha, beta };
}
