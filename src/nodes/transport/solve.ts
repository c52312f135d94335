// Solves a batch of transport problems: checks, masses of 0, sums that differ by rounding.
import { ArgumentError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import { type Batch, checkEntries, problemText } from '../problems/batch.js';
import type { Solved } from '../problems/node-row.js';
import { type Limits, Residuals, relative } from '../problems/report.js';
import { Transport } from './sinkhorn.js';

/** The names of the arguments, in the order of the row's inputs. */
export type TransportArgument = 'M' | 'gamma' | 'r' | 'c';
export type TransportBatch = Batch<TransportArgument>;

/** What is written for each problem. */
export interface TransportOutputs {
  plan: Tensor;
  alpha: Tensor;
  beta: Tensor;
  /** <M, P> + <P, log P> / gamma. */
  value?: Tensor;
}

/** Solves all problems of a batch. */
export function solveTransport(
  batch: TransportBatch,
  inputs: readonly Tensor[],
  { plan, alpha, beta, value }: TransportOutputs,
  limits: Limits,
): Solved {
  check(batch, inputs);
  const { m, n } = batch.sizes;
  const [costs, gammas, r, c] = inputs.map((x) => Float64Array.from(x.data()));
  const residuals = new Residuals();
  let iterations = 0;
  let [worst, worstError] = [0, 0];
  for (let k = 0; k < batch.count; k++) {
    const M = costs.subarray(k * m * n, (k + 1) * m * n);
    const masses = balanced(
      batch,
      k,
      r.subarray(k * m, (k + 1) * m),
      c.subarray(k * n, (k + 1) * n),
      plan.dtype === 'f64' ? 1e-8 : 1e-4,
    );
    const found = solveOne(M, gammas[k], masses, limits.maxIterations);
    plan.data().set(found.plan, k * m * n);
    alpha.data().set(found.alpha, k * m);
    beta.data().set(found.beta, k * n);
    if (value) value.data()[k] = found.dual / gammas[k];
    const errors = marginals(found.plan, masses);
    residuals.note(errors);
    const error = Math.max(errors.rows, errors.columns);
    if (!(error <= worstError)) [worst, worstError] = [k, error];
    iterations = Math.max(iterations, found.iterations);
  }
  if (batch.count === 0) residuals.note({ rows: 0, columns: 0 });
  return { iterations, residuals, worst };
}

function check(batch: TransportBatch, [M, gamma, r, c]: readonly Tensor[]): void {
  checkEntries(batch, 'M', M);
  const isPositive = (v: number) => v > 0 && v < Number.POSITIVE_INFINITY;
  checkEntries(batch, 'gamma', gamma, isPositive, 'finite and above 0');
  const isMass = (v: number) => v >= 0 && v < Number.POSITIVE_INFINITY;
  checkEntries(batch, 'r', r, isMass, 'finite and at least 0');
  checkEntries(batch, 'c', c, isMass, 'finite and at least 0');
}

interface Masses {
  r: Float64Array;
  c: Float64Array;
}

const total = (x: Float64Array) => x.reduce((sum, v) => sum + v, 0);

/**
 * Masses of the same sum. A small difference is taken from all of them in equal shares, or, where a share would be
 * large beside a mass, in proportion; masses of 0 stay.
 */
function balanced(
  batch: TransportBatch,
  k: number,
  r: Float64Array,
  c: Float64Array,
  allowed: number,
): Masses {
  const [sumR, sumC] = [total(r), total(c)];
  const difference = sumR - sumC;
  if (Math.abs(difference) > allowed * Math.max(sumR, sumC) || !Number.isFinite(sumR + sumC))
    throw new ArgumentError(
      `${batch.name}: the sum of r must be the sum of c, got ${sumR} and ${sumC}${problemText(batch, k)}`,
    );
  if (difference === 0) return { r, c };
  const masses = [...r, ...c].filter((v) => v > 0);
  const share = difference / masses.length;
  const isSmall = masses.every((v) => v > 2 * Math.abs(share));
  const half = difference / 2;
  return {
    r: r.map((v) => (v === 0 ? 0 : isSmall ? v - share : v - (v / sumR) * half)),
    c: c.map((v) => (v === 0 ? 0 : isSmall ? v + share : v + (v / sumC) * half)),
  };
}

interface Found {
  plan: Float64Array;
  alpha: Float64Array;
  beta: Float64Array;
  /** Σ r alpha + Σ c beta. */
  dual: number;
  iterations: number;
}

const positive = (x: Float64Array) => Array.from(x.keys()).filter((i) => x[i] > 0);

/** Solves on the rows and columns with mass, of which there shall not be more rows than columns. */
function solveOne(M: Float64Array, gamma: number, { r, c }: Masses, limit: number): Found {
  const [m, n] = [r.length, c.length];
  const found: Found = {
    plan: new Float64Array(m * n),
    alpha: new Float64Array(m).fill(Number.NEGATIVE_INFINITY),
    beta: new Float64Array(n).fill(Number.NEGATIVE_INFINITY),
    dual: 0,
    iterations: 0,
  };
  const [rows, columns] = [positive(r), positive(c)];
  if (rows.length === 0 || columns.length === 0) return found;
  const isWide = rows.length <= columns.length;
  const [few, many] = isWide ? [rows, columns] : [columns, rows];
  const at = (i: number, j: number) => (isWide ? few[i] * n + many[j] : many[j] * n + few[i]);
  const [s, l] = [few.length, many.length];
  const costs = new Float64Array(s * l);
  for (let i = 0; i < s; i++) for (let j = 0; j < l; j++) costs[i * l + j] = M[at(i, j)];
  const { ofRows, ofColumns } = reduce(s, l, costs, limit > 1);
  const pick = (x: Float64Array, indices: number[]) => Float64Array.from(indices, (i) => x[i]);
  const [small, large] = [pick(isWide ? r : c, few), pick(isWide ? c : r, many)];
  const transport = new Transport({ m: s, n: l, costs, gamma, r: small, c: large }, limit);
  transport.run();
  for (let i = 0; i < s; i++)
    for (let j = 0; j < l; j++) found.plan[at(i, j)] = transport.state.plan[i * l + j];
  const a = transport.state.a.map((v, i) => v + gamma * ofRows[i]);
  const b = transport.state.b.map((v, j) => v + gamma * ofColumns[j]);
  // Of all pairs with these sums the one of smallest norm.
  const shift = (total(a) - total(b)) / (s + l);
  const [forFew, forMany] = isWide ? [found.alpha, found.beta] : [found.beta, found.alpha];
  for (let i = 0; i < s; i++) found.dual += small[i] * (forFew[few[i]] = a[i] - shift);
  for (let j = 0; j < l; j++) found.dual += large[j] * (forMany[many[j]] = b[j] + shift);
  found.iterations = transport.iterations;
  return found;
}

/** Takes the least of each row from it, then the least of each column, unless the columns shall stay. */
function reduce(s: number, l: number, costs: Float64Array, isWhole: boolean) {
  const [ofRows, ofColumns] = [new Float64Array(s), new Float64Array(l).fill(Number.POSITIVE_INFINITY)];
  for (let i = 0; i < s; i++) {
    const row = costs.subarray(i * l, (i + 1) * l);
    ofRows[i] = row.reduce((least, v) => Math.min(least, v), Number.POSITIVE_INFINITY);
    for (let j = 0; j < l; j++) {
      row[j] -= ofRows[i];
      ofColumns[j] = Math.min(ofColumns[j], row[j]);
    }
  }
  if (!isWhole) ofColumns.fill(0);
  for (let i = 0; i < s; i++) for (let j = 0; j < l; j++) costs[i * l + j] -= ofColumns[j];
  return { ofRows, ofColumns };
}

/** How far the sums are from the masses. */
function marginals(plan: Float64Array, { r, c }: Masses): { rows: number; columns: number } {
  const [m, n] = [r.length, c.length];
  const sums = new Float64Array(n);
  const worst = { rows: 0, columns: 0 };
  const larger = (a: number, b: number) => (b <= a ? a : b);
  for (let i = 0; i < m; i++) {
    let sum = 0;
    for (let j = 0; j < n; j++) {
      sum += plan[i * n + j];
      sums[j] += plan[i * n + j];
    }
    worst.rows = larger(worst.rows, Math.abs(sum - r[i]));
  }
  for (let j = 0; j < n; j++) worst.columns = larger(worst.columns, Math.abs(sums[j] - c[j]));
  const largest = (x: Float64Array) => x.reduce((most, v) => Math.max(most, v), 0);
  return { rows: relative(worst.rows, largest(r)), columns: relative(worst.columns, largest(c)) };
}
