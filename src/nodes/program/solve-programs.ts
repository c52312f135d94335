// Solves a batch of quadratic programs on values.
import { ArgumentError, ConvergenceError } from '../../core/errors.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { GEMV_WORK, maxAbs, view } from '../../linalg/blas/addresses.js';
import { lstsq } from '../../linalg/dense/lstsq.js';
import type { Float } from '../../linalg/stack.js';
import { sub } from '../../ops/arithmetic.js';
import { transpose } from '../../ops/layout.js';
import { matmul } from '../../ops/matmul.js';
import { independentRows } from '../../optim/convex/independent-rows.js';
import { interiorPoint } from '../../optim/convex/interior-point.js';
import { array, type ConvexProgram, symmetrise } from '../../optim/convex/program.js';
import { type ProgramResult, solveProgram } from '../../optim/convex/solve-program.js';
import { type Batch, problemText } from '../problems/batch.js';
import type { Solved } from '../problems/node-row.js';
import { type Limits, Residuals } from '../problems/report.js';
import { dataOf, residualsOf } from './residuals.js';
import { tightRows, weaklyActive } from './weakly-active.js';
import { solveByWorkingSet } from './working-set.js';

/** Arguments of the programs, [count, …]; a missing one has no rows. */
export interface ProgramParts {
  P: Tensor;
  q: Tensor;
  G: Tensor;
  h: Tensor;
  A: Tensor;
  b: Tensor;
}

/** What is written for each program. */
export interface ProgramOutputs {
  x: Tensor;
  lambda: Tensor;
  nu: Tensor;
  /** i32: 1 for an inequality that holds with equality and has a multiplier. */
  active: Tensor;
  /** 1, or what stands in for the entries of a program without a solution. */
  mark: Tensor;
  /** f64 [count, N, N]: inverses of the KKT matrices, or with no elements where none are wanted. */
  Z: Tensor;
  /** i32 [count]: 1 where Z has one; for programs without a solution that is 0. */
  known: Tensor;
}

/** What happens if one program of a batch has no solution. */
export type Failed = 'throw' | 'nan' | 'zero';

/** Tolerances for constraints that depend on each other, of data in f64 and f32. */
const DEPENDENT: Record<Float, number> = { f64: 2 ** -40, f32: 2 ** -16 };

/** Solves all programs: by a working set where that is sure, by the interior point method where it is not. */
export function solvePrograms(
  batch: Batch,
  parts: ProgramParts,
  outputs: ProgramOutputs,
  limits: Limits,
  failed: Failed,
): Solved {
  const residuals = new Residuals();
  const statuses = new Array<string>(batch.count).fill('converged');
  const left = solveByWorkingSet(batch, parts, outputs, limits, residuals);
  let iterations = left.iterations;
  let converged = true;
  let worst = 0;
  for (const k of left.programs) {
    scope(() => {
      const program = programAt(batch.name, parts, k);
      const result = solved(batch, program, k, limits);
      const { status } = result;
      statuses[k] = status;
      iterations = Math.max(iterations, result.iterations);
      const isOpen = status === 'maxIterations' || status === 'stalled';
      if (failed !== 'throw' && status !== 'converged') {
        writeFailed(outputs, k, failed === 'nan' ? Number.NaN : 0);
        return;
      }
      if (status !== 'converged' && !isOpen) throw noSolution(batch, result, k);
      if (isOpen) [converged, worst] = [false, k];
      const { point, active } = result;
      const [x, lambda, nu] = [point.x, point.lambda, point.nu].map(view);
      const data = dataOf(program);
      for (const i of weaklyActive(data, x, lambda, nu, active, batch.dtype)) active[i] = false;
      shortestMultipliers(batch.name, program, result, batch.dtype);
      write(outputs, k, result);
      residuals.note(residualsOf(data, x, lambda, nu));
    });
  }
  return { iterations, residuals, converged, worst, statuses };
}

/** Program k in f64. */
export function programAt(name: string, { P, q, G, h, A, b }: ProgramParts, k: number): ConvexProgram {
  const [, n] = q.shape;
  const [, m] = h.shape;
  const [, p] = b.shape;
  const part = (x: Tensor, shape: number[]): Tensor => {
    const size = shape.reduce((product, extent) => product * extent, 1);
    const out = array(name, shape);
    view(out).set(x.data().subarray(k * size, (k + 1) * size));
    return out;
  };
  const program: ConvexProgram = {
    ...{ n, m, p },
    P: part(P, [n, n]),
    q: part(q, [n]),
    G: part(G, [m, n]),
    h: part(h, [m]),
    A: part(A, [p, n]),
    b: part(b, [p]),
    work: array(name, [GEMV_WORK]),
  };
  symmetrise(n, view(program.P));
  return program;
}

function solved(batch: Batch, program: ConvexProgram, k: number, limits: Limits): ProgramResult {
  const settings = { ...limits, compile: undefined };
  try {
    return solveProgram(batch.name, program, batch.dtype, interiorPoint(), settings, {});
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error;
    throw new ArgumentError(`${error.message}${problemText(batch, k)}`);
  }
}

/** The error of a program without a solution: with its certificate, as plain numbers. */
function noSolution(
  batch: Batch,
  { status, certificate, iterations }: ProgramResult,
  k: number,
): ConvergenceError {
  const plain = Object.entries(certificate ?? {}).map(([key, x]) => [key, Array.from(view(x as Tensor))]);
  const why =
    status === 'infeasible'
      ? 'the constraints contradict each other'
      : 'the objective has no lower bound on the constraints';
  return new ConvergenceError(
    `${batch.name}: ${status}, ${why}${problemText(batch, k)} (the certificate is in error.solution)`,
    iterations,
    Number.POSITIVE_INFINITY,
    { status, certificate: Object.fromEntries(plain) },
  );
}

function write(
  { x, lambda, nu, active, mark }: ProgramOutputs,
  k: number,
  { point, active: on }: ProgramResult,
) {
  x.data().set(view(point.x), k * x.shape[1]);
  lambda.data().set(view(point.lambda), k * lambda.shape[1]);
  nu.data().set(view(point.nu), k * nu.shape[1]);
  active.data().set(on.map(Number), k * active.shape[1]);
  mark.data()[k] = 1;
}

function writeFailed(
  { x, lambda, nu, active, mark, Z, known }: ProgramOutputs,
  k: number,
  value: number,
): void {
  for (const y of [x, lambda, nu]) y.data().fill(value, k * y.shape[1], (k + 1) * y.shape[1]);
  active.data().fill(0, k * active.shape[1], (k + 1) * active.shape[1]);
  mark.data()[k] = value;
  const size = Z.shape[1] * Z.shape[2];
  Z.data().fill(0, k * size, (k + 1) * size);
  known.data()[k] = 1;
}

/**
 * Where constraints that hold with equality depend on each other: the multipliers of smallest norm. Inequalities that
 * would get a negative one get 0, and count as before; those that get one count from now on.
 */
function shortestMultipliers(
  name: string,
  program: ConvexProgram,
  { point, active }: ProgramResult,
  dtype: Float,
): void {
  const { n, p, G, A } = program;
  const data = dataOf(program);
  const [x, lambda, nu] = [point.x, point.lambda, point.nu].map(view);
  const on = active.flatMap((isActive, i) => (isActive ? [i] : []));
  if (on.length + p === 0) return;
  const tight = tightRows(data, x, dtype).filter((i) => !active[i]);
  let rows = [...on, ...tight];
  if (rows.length + p < 2) return;
  const matrix = () => {
    const B = array(name, [rows.length + p, n]);
    const values = view(B);
    rows.forEach((i, k) => {
      values.set(view(G).subarray(i * n, (i + 1) * n), k * n);
    });
    values.set(view(A), rows.length * n);
    return B;
  };
  const all = matrix();
  const { rows: independent } = independentRows(
    name,
    all,
    new Float64Array(rows.length + p),
    DEPENDENT[dtype],
  );
  if (independent.length === rows.length + p) return;
  const y = array(name, [rows.length + p], [...rows.map((i) => lambda[i]), ...nu]);
  const force = matmul(all, y, { transposeA: true });
  for (;;) {
    const B = matrix();
    const found = lstsq(transpose(B), force, { rcond: DEPENDENT[dtype] }).x;
    const least = view(found);
    const largest = maxAbs(least);
    const worst = rows.reduce((at, _, k) => (least[k] < (least[at] ?? 0) ? k : at), -1);
    if (worst >= 0 && least[worst] < -1e-12 * largest) {
      rows = rows.filter((_, k) => k !== worst);
      continue;
    }
    const rest = view(sub(matmul(B, found, { transposeA: true }), force));
    if (!(maxAbs(rest) <= 1e-10 * maxAbs(view(force)))) return;
    lambda.fill(0);
    rows.forEach((i, k) => {
      lambda[i] = Math.max(0, least[k]);
    });
    nu.set(least.subarray(rows.length));
    break;
  }
  if (tight.length === 0) return;
  for (const i of tight) active[i] = lambda[i] > 0;
  const weak = new Set(weaklyActive(data, x, lambda, nu, active, dtype));
  for (const i of tight) if (weak.has(i)) active[i] = false;
}
