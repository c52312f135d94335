// Derivatives of the plan P = exp(alpha ⊕ beta - gamma M) and of its potentials, in operations at the solution. With
// G = d(gamma M), (d alpha, d beta) solves the plan's system for the right side (dr, dc) + sums of P ∘ G, and
// dP = P ∘ (d alpha ⊕ d beta - G). Reverse mode is the adjoint.
// Source: Gould et al., lecture notes on differentiable optimisation, (133) to (146).
import type { Tensor } from '../../core/tensor.js';
import { asMatrix } from '../../linalg/rules/matrix.js';
import { add, div, mul, neg, plus, sub } from '../../ops/arithmetic.js';
import { equal } from '../../ops/compare.js';
import { expandDims } from '../../ops/layout.js';
import { maximum } from '../../ops/minmax.js';
import type { Derivative, Linearization } from '../../ops/op.js';
import { where } from '../../ops/select.js';
import { softmax } from '../../ops/softmax.js';
import { broadcastTo, sum } from '../../ops/sum.js';
import { isKnown } from '../../ops/tracer.js';
import { kept } from '../problems/node-row.js';
import { up, upIf } from '../problems/precision.js';
import { columnsOf, factorPlan, rowsOf, solvePlan, spread } from './system.js';

type Point = Linearization<undefined>;

/** Tangents or cotangents of plan, alpha and beta. */
export type Triple = readonly [plan: Derivative, alpha: Derivative, beta: Derivative];

/** The solution at a point whose last outputs before the status are plan, alpha and beta. */
export function solutionOf({ inputs, outputs }: Point) {
  const [M, gamma, r, c] = inputs.map(up);
  const [plan, alpha, beta] = outputs.slice(-4, -1).map(up);
  return { M, gamma: asMatrix(gamma), r, c, plan, alpha, beta };
}

type Solution = ReturnType<typeof solutionOf>;

const factorOf = (point: Point, { plan }: Solution) => kept(point, () => [factorPlan(plan)])[0];

/** Tangents of plan, alpha and beta. */
export function forward([tM, tGamma, tr, tc]: readonly Derivative[], point: Point): Tensor[] {
  const at = solutionOf(point);
  const { M, gamma, plan } = at;
  const costs = plus(tM && mul(gamma, up(tM)), tGamma && mul(asMatrix(up(tGamma)), M));
  const flow = costs && mul(plan, costs);
  const [dr, dc, fresh] = newMasses(at, upIf(tr), upIf(tc));
  const a = plus(plus(dr, flow && rowsOf(flow)), fresh && neg(rowsOf(fresh)));
  const b = plus(plus(dc, flow && columnsOf(flow)), fresh && neg(columnsOf(fresh)));
  const [alpha, beta] = solvePlan(plan, a, b, factorOf(point, at));
  const inside = mul(plan, spread(alpha, beta));
  const moved = flow ? sub(inside, flow) : inside;
  return [fresh ? add(moved, fresh) : moved, alpha, beta];
}

/** Cotangents of M, gamma, r and c. */
export function backward([vPlan, vAlpha, vBeta]: Triple, point: Point): Derivative[] {
  const at = solutionOf(point);
  const { M, gamma, plan } = at;
  const V = upIf(vPlan);
  const flow = V && mul(plan, V);
  const a = plus(flow && rowsOf(flow), upIf(vAlpha));
  const b = plus(flow && columnsOf(flow), upIf(vBeta));
  const [x, z] = solvePlan(plan, a, b, factorOf(point, at));
  const { wanted } = point;
  let costs: Derivative;
  if (wanted[0] || wanted[1]) {
    const inside = mul(plan, spread(x, z));
    costs = flow ? sub(inside, flow) : inside;
  }
  const [r, c] = wanted[2] || wanted[3] ? ofMasses(at, V, x, z) : [];
  return [
    wanted[0] && costs ? mul(gamma, costs) : undefined,
    wanted[1] && costs ? sum(mul(costs, M), { axis: [1, 2] }) : undefined,
    r,
    c,
  ];
}

function ofMasses(at: Solution, V: Derivative, x: Tensor, z: Tensor): Derivative[] {
  const shares = sharesOf(at);
  if (shares === undefined) return [x, z];
  const inside = neg(spread(x, z));
  const gain = V ? add(V, inside) : inside;
  return balanced(at, add(x, rowsOf(mul(shares.rows, gain))), add(z, columnsOf(mul(shares.columns, gain))));
}

/** The pair with equal sums next to (r, c), each of which may be undefined for zeros. */
function balanced({ r, c }: Solution, x: Derivative, z: Derivative): [Tensor, Tensor] {
  const one = { axis: 1, keepDims: true } as const;
  const excess = plus(x && sum(x, one), z && neg(sum(z, one))) as Tensor;
  const share = div(excess, r.shape[1] + c.shape[1]);
  return [
    x ? sub(x, share) : broadcastTo(neg(share), r.shape),
    z ? add(z, share) : broadcastTo(share, c.shape),
  ];
}

/** The masses' tangents, and what rows and columns without mass get as they begin to have some. */
function newMasses(at: Solution, dr: Derivative, dc: Derivative): Derivative[] {
  const shares = dr || dc ? sharesOf(at) : undefined;
  // The plan's system levels the sums itself where all masses are positive.
  if (shares === undefined) return [dr, dc];
  const [x, z] = balanced(at, dr, dc);
  return [x, z, add(mul(shares.rows, expandDims(x, 2)), mul(shares.columns, expandDims(z, 1)))];
}

/**
 * In rows without mass, the shares in which the first mass goes to the columns, likewise in columns; 0 elsewhere.
 * Undefined if all masses are known to be positive.
 */
function sharesOf({ M, gamma, r, c, alpha, beta }: Solution) {
  const isPositive = (x: Tensor) => isKnown(x) && x.data().every((v) => v > 0);
  if (isPositive(r) && isPositive(c)) return undefined;
  const costs = mul(gamma, M);
  // Not -Infinity, as a row of them has no softmax.
  const finite = (x: Tensor) => maximum(x, -1e300);
  const toColumns = softmax(sub(expandDims(finite(beta), 1), costs), { axis: 2 });
  const toRows = softmax(sub(expandDims(finite(alpha), 2), costs), { axis: 1 });
  return {
    rows: where(expandDims(equal(r, 0), 2), toColumns, 0),
    columns: where(expandDims(equal(c, 0), 1), toRows, 0),
  };
}
