// The linear system of a plan P: rows sums of P ∘ (x ⊕ z) are a, column sums b, where (x ⊕ z)_ij = x_i + z_j:
//   [ diag(P 1)   P        ] [ x ]   [ a ]
//   [ Pᵀ          diag(Pᵀ1)] [ z ] = [ b ]
// It is singular: (1, -1) leads to 0, for every part of the plan that exchanges no mass with others. The solution is that
// of least squares and smallest norm. Eliminating the larger side leaves the Laplacian of a graph on the smaller.
// Source: Gould et al., lecture notes on differentiable optimisation, (141) to (145).
import { full } from '../../core/create.js';
import type { Tensor } from '../../core/tensor.js';
import { add, mul, neg, plus } from '../../ops/arithmetic.js';
import { expandDims } from '../../ops/layout.js';
import { apply, applyAll, type Derivative, type Op } from '../../ops/op.js';
import { sum } from '../../ops/sum.js';
import { eliminate, partsOf, substitute, weightsOf } from './laplacian.js';

/** x_i + z_j, [count, m, n]. */
export function spread(x: Tensor, z: Tensor): Tensor {
  return add(expandDims(x, 2), expandDims(z, 1));
}

/** Sums of each row and of each column. */
export const rowsOf = (x: Tensor): Tensor => sum(x, { axis: 2 });
export const columnsOf = (x: Tensor): Tensor => sum(x, { axis: 1 });

/** How a factorization lies in memory: multipliers, pivots, the order, and the part of each row and column. */
function layoutOf(m: number, n: number) {
  const [s, l] = [Math.min(m, n), Math.max(m, n)];
  const pivots = s * s;
  const order = pivots + s;
  const parts = order + s;
  return { s, l, isWide: m <= n, pivots, order, parts, size: parts + s + l };
}

/** P with the smaller side as rows, in the order of elimination, and the sums. */
function arrange(P: Float64Array, m: number, n: number, order: ArrayLike<number>, A: Float64Array) {
  const { s, l, isWide } = layoutOf(m, n);
  const [small, large] = [new Float64Array(s), new Float64Array(l)];
  for (let i = 0; i < s; i++)
    for (let j = 0; j < l; j++) {
      const v = isWide ? P[order[i] * n + j] : P[j * n + order[i]];
      A[i * l + j] = v;
      small[i] += v;
      large[j] += v;
    }
  return { small, large };
}

/** Row of the table: the factorization of a stack of plans, without derivatives: `systemOp` has those in P. */
const factorOp: Op = {
  name: 'factorPlan',
  shape: ([{ shape }]) => ({ shape: [shape[0], layoutOf(shape[1], shape[2]).size], dtype: 'f64' }),
  prepare:
    ([out], [plan]) =>
    () => {
      const [count, m, n] = plan.shape;
      const { s, l, pivots, order, parts, size } = layoutOf(m, n);
      const A = new Float64Array(s * l);
      const [plans, all] = [Float64Array.from(plan.data()), out.data() as Float64Array];
      for (let k = 0; k < count; k++) {
        const P = plans.subarray(k * m * n, (k + 1) * m * n);
        const to = all.subarray(k * size, (k + 1) * size);
        // The largest mass comes last: it is what the others are relative to.
        const { small: masses } = arrange(
          P,
          m,
          n,
          Array.from({ length: s }, (_, i) => i),
          A,
        );
        const sorted = Array.from(masses.keys()).sort((i, j) => masses[i] - masses[j]);
        const { small, large } = arrange(P, m, n, sorted, A);
        const L = to.subarray(0, pivots).fill(0);
        weightsOf(s, l, A, large, L);
        eliminate(s, L, new Float64Array(s), small, to.subarray(pivots, order));
        to.set(sorted, order);
        const part = partsOf(s, L, to.subarray(pivots, order));
        to.set(part, parts);
        for (let j = 0; j < l; j++) {
          let best = -1;
          for (let i = 0; i < s; i++) if (A[i * l + j] > (best < 0 ? 0 : A[best * l + j])) best = i;
          to[parts + s + j] = best < 0 ? -1 : part[best];
        }
      }
    },
};

/** The factorization of plans [count, m, n]. */
export const factorPlan = (plan: Tensor): Tensor => apply(factorOp, [plan], undefined);

/** Row of the table: x [count, m] and z [count, n] from P, a, b and the factorization of P. */
const systemOp: Op = {
  name: 'planSystem',
  shape: ([, a, b]) => [a, b],
  prepare:
    ([x, z], [plan, a, b, factor]) =>
    () => {
      const [count, m, n] = plan.shape;
      const { s, l, isWide, size } = layoutOf(m, n);
      const A = new Float64Array(s * l);
      const [plans, factors] = [Float64Array.from(plan.data()), factor.data() as Float64Array];
      const [few, many] = isWide ? [a, b] : [b, a];
      const [toFew, toMany] = isWide ? [x, z] : [z, x];
      const [u, v] = [Float64Array.from(few.data()), Float64Array.from(many.data())];
      for (let k = 0; k < count; k++) {
        const P = plans.subarray(k * m * n, (k + 1) * m * n);
        const y = u.subarray(k * s, (k + 1) * s);
        const w = v.subarray(k * l, (k + 1) * l);
        solveOne(P, m, n, factors.subarray(k * size, (k + 1) * size), y, w, A);
      }
      toFew.data().set(u);
      toMany.data().set(v);
    },
  jvp([tP, ta, tb], { inputs: [P, , , factor], outputs: [x, z] }) {
    const moved = tP && mul(tP, spread(x, z));
    const a = plus(ta, moved && neg(rowsOf(moved)));
    const b = plus(tb, moved && neg(columnsOf(moved)));
    return a === undefined && b === undefined ? [] : solvePlan(P, a, b, factor);
  },
  vjp([cx, cz], { inputs: [P, , , factor], outputs: [x, z], wanted }) {
    const [a, b] = solvePlan(P, cx, cz, factor);
    return [wanted[0] ? neg(mul(spread(x, z), spread(a, b))) : undefined, a, b, undefined];
  },
};

/** x and z with the plan's system; what is undefined is 0. */
export function solvePlan(P: Tensor, a: Derivative, b: Derivative, factor: Tensor): Tensor[] {
  const [count, m, n] = P.shape;
  const zeros = (size: number) => full([count, size], 0, { dtype: P.dtype });
  return applyAll(systemOp, [P, a ?? zeros(m), b ?? zeros(n), factor], undefined);
}

/** Overwrites y (of the smaller side) and w with the solution. */
function solveOne(
  P: Float64Array,
  m: number,
  n: number,
  factor: Float64Array,
  y: Float64Array,
  w: Float64Array,
  A: Float64Array,
): void {
  const { s, l, pivots, order, parts } = layoutOf(m, n);
  const nodes = factor.subarray(order, parts);
  const { large } = arrange(P, m, n, nodes, A);
  const [part, partOfLarge] = [factor.subarray(parts, parts + s), factor.subarray(parts + s)];
  const right = Float64Array.from(nodes, (node) => y[node]);
  level(right, w, part, partOfLarge);
  for (let j = 0; j < l; j++) w[j] = large[j] > 0 && partOfLarge[j] >= 0 ? w[j] / large[j] : 0;
  for (let i = 0; i < s; i++) {
    let moved = 0;
    for (let j = 0; j < l; j++) moved += A[i * l + j] * w[j];
    right[i] -= moved;
  }
  substitute(s, factor.subarray(0, pivots), factor.subarray(pivots, order), right);
  for (let i = 0; i < s; i++)
    for (let j = 0; j < l; j++) if (large[j] > 0) w[j] -= (A[i * l + j] / large[j]) * right[i];
  level(right, w, part, partOfLarge);
  for (let i = 0; i < s; i++) y[nodes[i]] = right[i];
}

/** A difference of sums that is at most this share of their terms is rounding. */
const ROUNDING = 2 ** -49;

/**
 * Makes the sums of both sides equal in every part, by the smallest change; not where they differ by rounding, which
 * beside the right side of a tiny mass would be large.
 */
function level(x: Float64Array, z: Float64Array, ofX: Float64Array, ofZ: Float64Array): void {
  const [excess, terms, count] = [0, 1, 2].map(() => new Float64Array(x.length));
  const note = (part: number, value: number) => {
    excess[part] += value;
    terms[part] += Math.abs(value);
    count[part]++;
  };
  for (let i = 0; i < x.length; i++) note(ofX[i], x[i]);
  for (let j = 0; j < z.length; j++) if (ofZ[j] >= 0) note(ofZ[j], -z[j]);
  const share = excess.map((v, k) => (Math.abs(v) > ROUNDING * terms[k] ? v / count[k] : 0));
  for (let i = 0; i < x.length; i++) x[i] -= share[ofX[i]];
  for (let j = 0; j < z.length; j++) if (ofZ[j] >= 0) z[j] += share[ofZ[j]];
}
