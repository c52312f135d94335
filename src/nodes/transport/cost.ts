// The cost of transport with entropy.
import { checkOptions } from '../../core/options.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { add, div, mul, plus, sub } from '../../ops/arithmetic.js';
import { equal } from '../../ops/compare.js';
import { expandDims, reshape } from '../../ops/layout.js';
import type { Derivative, Linearization } from '../../ops/op.js';
import { where } from '../../ops/select.js';
import { sum } from '../../ops/sum.js';
import { callNode } from '../problems/node-row.js';
import { down, up } from '../problems/precision.js';
import {
  planSpecs,
  TRANSPORT_OPTIONS,
  type TransportOptions,
  transportBatch,
  transportLimits,
} from './arguments.js';
import { backward, forward, solutionOf } from './rules.js';
import { solveTransport } from './solve.js';

/**
 * The value <M, P> + (1/gamma) <P, log P> at the plan P of `optimalTransport`, [...batch]. Its gradient needs no linear
 * solve: it is P in M, and (alpha + n/(m + n)) / gamma and (beta + m/(m + n)) / gamma in r and c, with the potentials of
 * `optimalTransport`; -Infinity in a mass of 0. Second derivatives are those of the plan and the potentials.
 * Source: Cuturi and Peyré, SIAM J. Imaging Sci. 9 (2016), the envelope theorem.
 * @param M costs, [..., m, n], f64 or f32.
 * @throws as `optimalTransport`.
 * @example
 * nodes.optimalTransportCost(tensor([[0, 0], [0, 0]]), {}); // -1.3862943611198906
 */
export function optimalTransportCost(M: Tensor, options: TransportOptions = {}): Tensor {
  const name = 'optimalTransportCost';
  checkOptions(name, options, TRANSPORT_OPTIONS);
  return scope(() => {
    const batch = transportBatch(name, M, options);
    const limits = transportLimits(batch, options);
    const { count, dtype } = batch;
    const [value] = callNode({
      batch,
      outputs: [{ shape: [count], dtype }, ...planSpecs(batch)],
      limits,
      options,
      run: ([value, plan, alpha, beta], inputs) =>
        solveTransport(batch, inputs, { value, plan, alpha, beta }, limits),
      jvp: (tangents, point) =>
        [tangentOfCost(tangents, point), ...forward(tangents, point)].map((t) => down(t, dtype)),
      vjp: ([ct, ...rest], point) => {
        const slopes = ct ? slopesOfCost(up(ct), point) : [];
        const [plan, alpha, beta] = rest;
        const isPlain = rest.every((v) => v === undefined);
        const more = isPlain ? [] : backward([plan, alpha, beta], point);
        return point.inputs.map((_, i) => down(plus(slopes[i], more[i]), dtype));
      },
    });
    return value;
  });
}

/** Derivatives of the value at a solution. In gamma it is -<P, log P> / gamma². */
function gradientsOf(point: Linearization<undefined>) {
  const { M, gamma, plan, alpha, beta } = solutionOf(point);
  const g = reshape(gamma, [gamma.shape[0]]);
  const [m, n] = [alpha.shape[1], beta.shape[1]];
  const value = up(point.outputs[0]);
  return {
    M: plan,
    gamma: div(sub(sum(mul(plan, M), { axis: [1, 2] }), value), g),
    r: div(add(alpha, n / (m + n)), expandDims(g, 1)),
    c: div(add(beta, m / (m + n)), expandDims(g, 1)),
  };
}

function slopesOfCost(ct: Tensor, point: Linearization<undefined>): Derivative[] {
  const { M, gamma, r, c } = gradientsOf(point);
  const column = expandDims(ct, 1);
  return [mul(expandDims(ct, [1, 2]), M), mul(ct, gamma), mul(column, r), mul(column, c)].map((g, i) =>
    point.wanted[i] ? g : undefined,
  );
}

function tangentOfCost(
  [tM, tGamma, tr, tc]: readonly Derivative[],
  point: Linearization<undefined>,
): Derivative {
  const { M, gamma, r, c } = gradientsOf(point);
  // The slope at a mass of 0 is infinite.
  const inner = (t: Tensor, slope: Tensor) => sum(where(equal(t, 0), 0, mul(up(t), slope)), { axis: 1 });
  return [
    tM && sum(mul(M, up(tM)), { axis: [1, 2] }),
    tGamma && mul(gamma, up(tGamma)),
    tr && inner(tr, r),
    tc && inner(tc, c),
  ].reduce(plus, undefined);
}
