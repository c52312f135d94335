// Divided differences f[x_0, …, x_k] of a function of one variable at ascending points, also where points are equal or
// nearly so: from values of f, and of its derivatives between the points.

/** The nodes of the Gauss-Lobatto rule on [-1, 1] and its weights, which add up to 2. */
const NODES = [
  -1, -0.8997579954114602, -0.6771862795107377, -0.36311746382617816, 0, 0.36311746382617816,
  0.6771862795107377, 0.8997579954114602, 1,
];
const WEIGHTS = [
  0.027777777777777776, 0.16549536156080552, 0.2745387125001617, 0.34642851097304633, 0.37151927437641724,
  0.34642851097304633, 0.2745387125001617, 0.16549536156080552, 0.027777777777777776,
];

/** How many nodes lie between two points. */
export const NODE_COUNT = 9;

/** n over k. */
export function choose(n: number, k: number): number {
  let product = 1;
  for (let i = 1; i <= k; i++) product = (product * (n - k + i)) / i;
  return product;
}

/** Writes the nodes between lo and hi, with lo and hi themselves. */
export function writeNodes(lo: number, hi: number, out: { [index: number]: number }, at: number): void {
  for (let j = 0; j < NODE_COUNT; j++) out[at + j] = lo + (hi - lo) * (0.5 * (NODES[j] + 1));
  out[at + NODE_COUNT - 1] = hi;
}

/** Coefficients of Legendre's polynomials P_m, lowest power first. */
const LEGENDRE = /* @__PURE__ */ (() => {
  const list = [[1], [0, 1]];
  for (let m = 2; m < NODE_COUNT; m++) {
    const next = new Array<number>(m + 1).fill(0);
    list[m - 1].forEach((c, r) => void (next[r + 1] += ((2 * m - 1) / m) * c));
    list[m - 2].forEach((c, r) => void (next[r] -= ((m - 1) / m) * c));
    list.push(next);
  }
  return list;
})();

/** Row m gives the coefficient of P_m in the interpolant from its values at the nodes. */
const TRANSFORM = /* @__PURE__ */ LEGENDRE.map((coefficients, m) => {
  const size = m === NODE_COUNT - 1 ? 2 / m : 2 / (2 * m + 1);
  return NODES.map((t, j) => (WEIGHTS[j] / size) * coefficients.reduceRight((sum, c) => sum * t + c, 0));
});

/** The positions of the tuples i_0 <= … <= i_k of indices below n: those with the smallest i_k come first. */
export function rankOf(tuple: ArrayLike<number>, from: number, end: number): number {
  let rank = 0;
  // i + t over t + 1, for t = 0, 1, 2 written out.
  for (let t = 0; from + t < end; t++) {
    const i = tuple[from + t];
    rank += t === 0 ? i : t === 1 ? (i * (i + 1)) / 2 : choose(i + t, t + 1);
  }
  return rank;
}

/** Calls visit for every tuple i_0 <= … <= i_k of indices below n, in the order of their ranks. */
function eachTuple(n: number, k: number, visit: (tuple: readonly number[], rank: number) => void): void {
  const tuple = new Array<number>(k + 1).fill(0);
  const count = choose(n + k, k + 1);
  for (let rank = 0; rank < count; rank++) {
    visit(tuple, rank);
    // The first index that may grow without passing the next one.
    let t = 0;
    while (t < k && tuple[t] === tuple[t + 1]) tuple[t++] = 0;
    tuple[t]++;
  }
}

/** The derivative of order k at the nodes of pair (i, j), i <= j, begins at rankOf([i, j]) * NODE_COUNT. */
export type NodeValues = ArrayLike<number>;

/**
 * The divided differences of order `derivatives.length` for all tuples of the ascending points x[0 … n), by rank.
 *
 * f[x_0, …, x_k] = (f[x_1, …, x_k] - f[x_0, …, x_{k-1}]) / (x_k - x_0) loses digits where x_k and x_0 are close. There
 * it is the mean of f^(k) / k! weighted by the B-spline with these knots (Hermite and Genocchi; de Boor, Divided
 * differences, Surv. Approx. Theory 1, 2005), computed from the interpolant of f^(k) at the nodes between x_0 and x_k.
 * The mean is taken if the last coefficients of the interpolant are smaller than the error of the quotient, and no jump
 * of f lies between the nodes; or if both agree within a few times that error.
 * @param eps the unit roundoff of values.
 */
export function dividedDifferences(
  x: ArrayLike<number>,
  values: ArrayLike<number>,
  derivatives: readonly NodeValues[],
  eps: number,
): Float64Array {
  const n = x.length;
  let table = Float64Array.from(values);
  let errors = table.map((y) => eps * Math.abs(y));
  const [moments, powers] = [0, 0].map(() => new Float64Array(NODE_COUNT));
  const jump = 16 * Math.sqrt(eps);
  let factorial = 1;
  derivatives.forEach((derivative, order) => {
    const k = order + 1;
    factorial *= k;
    const [next, nextErrors] = [0, 0].map(() => new Float64Array(choose(n + k, k + 1)));
    const { coefficients, sizes } = interpolants(derivative);
    eachTuple(n, k, (tuple, rank) => {
      const pair = tuple[0] + (tuple[k] * (tuple[k] + 1)) / 2;
      const at = pair * NODE_COUNT;
      const [above, below] = [rankOf(tuple, 1, k + 1), rankOf(tuple, 0, k)];
      const [upper, lower] = [table[above], table[below]];
      const gap = x[tuple[k]] - x[tuple[0]];
      if (gap === 0) {
        next[rank] = derivative[at] / factorial;
        nextErrors[rank] = eps * Math.abs(next[rank]);
        return;
      }
      const quotient = (upper - lower) / gap;
      const quotientError = (errors[above] + errors[below]) / gap + eps * Math.abs(quotient);
      next[rank] = quotient;
      nextErrors[rank] = quotientError;
      if (!Number.isFinite(upper) || !Number.isFinite(lower)) return;
      const size = sizes[pair];
      // Where the quotient is as good as values are, the mean is not needed.
      if (!Number.isFinite(size) || quotientError <= 4 * eps * Math.abs(quotient)) return;
      let mean = coefficients[at];
      if (k > 1) {
        splineMoments(x, tuple, gap, moments, powers);
        for (let m = 1; m < NODE_COUNT; m++) mean += coefficients[at + m] * moments[m];
      }
      mean /= factorial;
      const tail = Math.abs(coefficients[at + NODE_COUNT - 1]) + Math.abs(coefficients[at + NODE_COUNT - 2]);
      const meanError = (tail + 2 * eps * size) / factorial;
      const isSmooth =
        meanError <= quotientError &&
        Math.abs(mean * gap - (upper - lower)) <= jump * (Math.abs(upper) + Math.abs(lower));
      if (!isSmooth && !(Math.abs(mean - quotient) <= 8 * quotientError)) return;
      next[rank] = mean;
      nextErrors[rank] = Math.min(meanError, quotientError);
    });
    [table, errors] = [next, nextErrors];
  });
  return table;
}

/** The coefficients of Legendre's polynomials for every pair of points, and the largest magnitudes of the values. */
function interpolants(values: NodeValues): { coefficients: Float64Array; sizes: Float64Array } {
  const coefficients = new Float64Array(values.length);
  const sizes = new Float64Array(values.length / NODE_COUNT);
  for (let at = 0, pair = 0; at < values.length; at += NODE_COUNT, pair++) {
    for (let m = 0; m < NODE_COUNT; m++) {
      let sum = 0;
      for (let j = 0; j < NODE_COUNT; j++) sum += TRANSFORM[m][j] * values[at + j];
      coefficients[at + m] = sum;
      sizes[pair] = Math.max(sizes[pair], Math.abs(values[at + m]));
    }
  }
  return { coefficients, sizes };
}

/**
 * The means of P_m, and of powers, weighted by the B-spline with knots x_i of the tuple, of which [x_0, x_k] becomes
 * [-1, 1].
 */
function splineMoments(
  x: ArrayLike<number>,
  tuple: readonly number[],
  gap: number,
  moments: Float64Array,
  powers: Float64Array,
): void {
  const k = tuple.length - 1;
  // Complete homogeneous symmetric polynomials h_r of the knots, divided by r + k over k: the means of powers.
  powers.fill(0);
  powers[0] = 1;
  for (let i = 0; i <= k; i++) {
    const u = i === 0 ? -1 : i === k ? 1 : 2 * ((x[tuple[i]] - x[tuple[0]]) / gap) - 1;
    for (let r = 1; r < NODE_COUNT; r++) powers[r] += u * powers[r - 1];
  }
  for (let r = 0, binomial = 1; r < NODE_COUNT; r++) {
    powers[r] /= binomial;
    binomial = (binomial * (r + 1 + k)) / (r + 1);
  }
  for (let m = 0; m < NODE_COUNT; m++) {
    const coefficients = LEGENDRE[m];
    let sum = 0;
    for (let r = m % 2; r <= m; r += 2) sum += coefficients[r] * powers[r];
    moments[m] = sum;
  }
}
