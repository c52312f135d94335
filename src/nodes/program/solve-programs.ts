// Solves a batch of quadratic programs on values.
import { ArgumentError, ConvergenceError } from '../../core/errors.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { GEMV_WORK, maxAbs, view } from '../../linalg/blas/addresses.js';
import { lstsq } from '../../linalg/dense/lstsq.js';
import type { Float } from '../../linalg/stack.js';
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
import { weaklyActive } from './weakly-active.js';
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
      shortestMultipliers(batch.name, program, result, batch.dtype);
      const { point, active } = result;
      const [x, lambda, nu] = [point.x, point.lambda, point.nu].map(view);
      const data = dataOf(program);
      for (const i of weaklyActive(data, x, lambda, nu, active, batch.dtype)) active[i] = false;
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

/** Where active constraints depend on each other: the multipliers of smallest norm, unless one of them is negative. */
function shortestMultipliers(
  name: string,
  { n, p, G, A }: ConvexProgram,
  { point, active }: ProgramResult,
  dtype: Float,
): void {
  const on = active.flatMap((isActive, i) => (isActive ? [i] : []));
  const count = on.length + p;
  if (count < 2) return;
  const B = array(name, [count, n]);
  const rows = view(B);
  const g = view(G);
  on.forEach((i, k) => {
    rows.set(g.subarray(i * n, (i + 1) * n), k * n);
  });
  rows.set(view(A), on.length * n);
  const { rows: independent } = independentRows(name, B, new Float64Array(count), DEPENDENT[dtype]);
  if (independent.length === count) return;
  const [lambda, nu] = [view(point.lambda), view(point.nu)];
  const y = array(name, [count], [...on.map((i) => lambda[i]), ...nu]);
  const least = lstsq(transpose(B), matmul(B, y, { transposeA: true }), {
    rcond: DEPENDENT[dtype],
  }).x.toTypedArray();
  const largest = maxAbs(least);
  if (on.some((_, k) => !(least[k] >= -1e-12 * largest))) return;
  const [ls, vs] = [view(point.lambda), view(point.nu)];
  on.forEach((i, k) => {
    ls[i] = Math.max(0, least[k]);
  });
  vs.set(least.subarray(on.length));
}
