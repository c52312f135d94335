// Units of the variables in which the data of a program are of about one size, by least squares on their logarithms.
import { view } from '../../linalg/blas/addresses.js';
import { exponentOf, powerOfTwo } from '../../linalg/powers-of-two.js';
import type { ConvexProgram } from './program.js';

/** What q, h and b count: they hold zeros by chance, and decide only where the matrices do not. */
const SIDES = 0.1;
/** Entries this many bits below the others, once scaled, are rounding errors of zeros. */
const LOST = -40;
/** Counts as the exponent of every subnormal number; factors lie between the next one and the largest. */
const SUBNORMAL = -1023;
const LARGEST = 1023;
const ITERATIONS = 20;
/** The logarithms need no more accuracy than this: relative to those at the start, and in bits. */
const [ENOUGH, BITS] = [1e-2, 0.1];

/** log2 |entry| + u_i + factor u_j counts `weight`; a term of one unknown has i = j and the factor 0. */
interface Terms {
  i: Int32Array;
  j: Int32Array;
  log: Float64Array;
  factor: Float64Array;
  weight: Float64Array;
}

/**
 * The factors D_j, powers of two, of the units that make the entries of D P D, E G D, F A D, D q, E h and F b nearest
 * to each other, for the best E, F and scale of the objective. Those units depend on nothing but the program: in other
 * units of variables, rows or the objective, D changes as they do. Of P the diagonal counts, which bounds the rest.
 * Source: Curtis & Reid, J. Inst. Maths Applics 10 (1972).
 */
export function geometricScale(program: ConvexProgram): Float64Array {
  const { n, m, p } = program;
  const size = n + m + p + 1;
  let terms = termsOf(program);
  let u = fit(terms, size);
  const isLost = (k: number) => terms.log[k] + u[terms.i[k]] + terms.factor[k] * u[terms.j[k]] < LOST;
  const kept = Array.from(terms.log, (_, k) => k).filter((k) => !isLost(k));
  if (kept.length < terms.log.length) {
    const pick = <T extends Int32Array | Float64Array>(list: T) => list.filter((_, k) => !isLost(k)) as T;
    terms = {
      ...{ i: pick(terms.i), j: pick(terms.j), log: pick(terms.log) },
      ...{ factor: pick(terms.factor), weight: pick(terms.weight) },
    };
    u = fit(terms, size);
  }
  const exponent = (j: number) => Math.max(SUBNORMAL + 1, Math.min(LARGEST, Math.round(u[j])));
  return Float64Array.from({ length: n }, (_, j) => powerOfTwo(exponent(j)));
}

/** The terms of all entries that are not zero; the unknowns are those of the variables, rows, and of the objective. */
function termsOf({ n, m, p, P, q, G, h, A, b }: ConvexProgram): Terms {
  const most = 2 * n + m * n + p * n + m + p;
  const terms: Terms = {
    ...{ i: new Int32Array(most), j: new Int32Array(most) },
    ...{ log: new Float64Array(most), factor: new Float64Array(most), weight: new Float64Array(most) },
  };
  let count = 0;
  const add = (value: number, weight: number, i: number, j = i, factor = 0) => {
    if (value === 0) return;
    terms.i[count] = i;
    terms.j[count] = j;
    terms.log[count] = Math.max(SUBNORMAL, exponentOf(value));
    terms.factor[count] = factor;
    terms.weight[count++] = weight;
  };
  const objective = n + m + p;
  const [Ps, qs] = [view(P), view(q)];
  for (let j = 0; j < n; j++) {
    add(Ps[j * n + j], 1, objective, j, 2);
    add(qs[j], SIDES, objective, j, 1);
  }
  for (const [rows, side, first] of [
    [view(G), view(h), n],
    [view(A), view(b), n + m],
  ] as const) {
    for (let i = 0, at = 0; i < side.length; i++) {
      for (let j = 0; j < n; j++) add(rows[at++], 1, first + i, j, 1);
      add(side[i], SIDES, first + i);
    }
  }
  const { i, j, log, factor, weight } = terms;
  const cut = <T extends Int32Array | Float64Array>(list: T) => list.subarray(0, count) as T;
  return { i: cut(i), j: cut(j), log: cut(log), factor: cut(factor), weight: cut(weight) };
}

/** The least squares solution by conjugate gradients with the diagonal as preconditioner, from zero. */
function fit({ i, j, log, factor, weight }: Terms, size: number): Float64Array {
  const [u, r, s, Ns] = [0, 1, 2, 3].map(() => new Float64Array(size));
  const diagonal = new Float64Array(size);
  for (let k = 0; k < log.length; k++) {
    const [w, f] = [weight[k], factor[k]];
    diagonal[i[k]] += w;
    diagonal[j[k]] += w * f * f;
    r[i[k]] -= w * log[k];
    r[j[k]] -= w * f * log[k];
  }
  for (let k = 0; k < size; k++) diagonal[k] = 1 / (diagonal[k] || 1);
  const product = () => {
    let sum = 0;
    for (let k = 0; k < size; k++) sum += r[k] * diagonal[k] * r[k];
    return sum;
  };
  let before = product();
  // The sum of squares can fall by about this product.
  const total = weight.reduce((sum, w) => sum + w, 0);
  const enough = Math.max(ENOUGH * ENOUGH * before, BITS * BITS * total);
  for (let k = 0; k < size; k++) s[k] = diagonal[k] * r[k];
  for (let round = 0; round < ITERATIONS && before > enough; round++) {
    Ns.fill(0);
    for (let k = 0; k < log.length; k++) {
      const [a, c, f] = [i[k], j[k], factor[k]];
      const value = weight[k] * (s[a] + f * s[c]);
      Ns[a] += value;
      Ns[c] += f * value;
    }
    let curvature = 0;
    for (let k = 0; k < size; k++) curvature += s[k] * Ns[k];
    if (!(curvature > 0)) break;
    const length = before / curvature;
    for (let k = 0; k < size; k++) {
      u[k] += length * s[k];
      r[k] -= length * Ns[k];
    }
    const now = product();
    const beta = now / before;
    before = now;
    for (let k = 0; k < size; k++) s[k] = diagonal[k] * r[k] + beta * s[k];
  }
  return u;
}
