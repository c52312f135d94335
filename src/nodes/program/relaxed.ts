// The relaxed solutions of quadratic programs as a node, of which only the derivatives are used.
import { ConvergenceError } from '../../core/errors.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { view } from '../../linalg/blas/addresses.js';
import { add, sub } from '../../ops/arithmetic.js';
import { reshape } from '../../ops/layout.js';
import type { Derivative } from '../../ops/op.js';
import { stopGradient } from '../../ops/stop.js';
import type { ConvexProgram } from '../../optim/convex/program.js';
import { type LocalModel, type PrimalDual, relaxedSearch, workOf } from '../kkt/relaxed.js';
import { type Batch, problemText } from '../problems/batch.js';
import { callNode } from '../problems/node-row.js';
import { Residuals } from '../problems/report.js';
import { programCotangents, programTangents } from './derivative.js';
import type { ProgramSolution } from './quadratic-program.js';
import { programAt } from './solve-programs.js';

/** The cotangents of the exact solutions. */
const NONE: Derivative[] = [undefined, undefined, undefined, undefined];

/** The exact solutions, with the derivatives of those with s λ = κ. */
export function withRelaxedDerivatives(
  batch: Batch,
  exact: ProgramSolution,
  solved: Tensor,
  kappa: number,
): ProgramSolution {
  const { count, dtype, sizes } = batch;
  const { n, p, q } = sizes;
  const at = {
    x: reshape(stopGradient(exact.x), [count, n]),
    lambda: reshape(stopGradient(exact.lambda), [count, p]),
    nu: reshape(stopGradient(exact.nu), [count, q]),
    solved: reshape(stopGradient(solved), [count]),
  };
  const [x, lambda, nu] = callNode({
    batch: { ...batch, parts: { ...batch.parts, ...at } },
    results: 3,
    smooth: 3,
    options: {},
    outputs: [
      { shape: [count, n], dtype },
      { shape: [count, p], dtype },
      { shape: [count, q], dtype },
      { shape: [count, p], dtype: 'i32' },
      { shape: [count], dtype },
      { shape: [0, 0, 0], dtype: 'f64' },
      { shape: [count], dtype: 'i32' },
    ],
    run([x, lambda, nu, counted, mark, , known], [P, q, G, h, A, b, x0, lambda0, nu0, solved]) {
      for (const y of [x, lambda, nu, counted]) y.data().fill(0);
      mark.data().set(solved.data());
      known.data().set(Array.from(mark.data(), (value) => Number(value !== 1)));
      for (let k = 0; k < count; k++) {
        if (mark.data()[k] !== 1) continue;
        scope(() => {
          const program = programAt(batch.name, { P, q, G, h, A, b }, k);
          const finite = Array.from(view(program.h), Number.isFinite);
          const rows = finite.flatMap((counts, i) => (counts ? [i] : []));
          const part = (y: Tensor) =>
            Float64Array.from(y.data().subarray(k * y.shape[1], (k + 1) * y.shape[1]));
          const multipliers = part(lambda0);
          const start = {
            u: part(x0),
            lambda: Float64Array.from(rows, (i) => multipliers[i]),
            nu: part(nu0),
          };
          const found = relaxedAt(modelOf(program, rows), start, kappa);
          if (found === undefined)
            throw new ConvergenceError(
              `${batch.name}: there is no point with s λ = relax${problemText(batch, k)} (the inequalities need an interior; ` +
                'make relax smaller or larger)',
              0,
              Number.POSITIVE_INFINITY,
            );
          const whole = new Float64Array(finite.length);
          rows.forEach((row, i) => {
            whole[row] = found.lambda[i];
          });
          x.data().set(found.u, k * x.shape[1]);
          lambda.data().set(whole, k * lambda.shape[1]);
          nu.data().set(found.nu, k * nu.shape[1]);
          counted.data().set(finite.map(Number), k * counted.shape[1]);
        });
      }
      return { iterations: 0, residuals: new Residuals() };
    },
    jvp: (tangents, point) => programTangents(batch, tangents, point, kappa),
    vjp: (cotangents, point) => [...programCotangents(batch, cotangents, point, kappa), ...NONE],
  });
  const along = (value: Tensor, y: Tensor) => add(stopGradient(value), sub(y, stopGradient(y)));
  return { x: along(exact.x, x), lambda: along(exact.lambda, lambda), nu: along(exact.nu, nu) };
}

/** The relaxed point of one program. */
function relaxedAt(
  modelAt: (at: PrimalDual) => LocalModel,
  start: PrimalDual,
  kappa: number,
): PrimalDual | undefined {
  const N = start.u.length + start.lambda.length + start.nu.length;
  const search = relaxedSearch(start, kappa, workOf(N));
  let state = search.next();
  while (!state.done) state = search.next(modelAt(state.value));
  return state.value;
}

/** Gradient and constraints of a program with some of its inequalities. */
function modelOf({ n, P, q, G, h, A, b }: ConvexProgram, rows: readonly number[]) {
  const [H, Gs, hs, Av, bv, qs] = [P, G, h, A, b, q].map((x) => view(x).slice());
  const Gv = new Float64Array(rows.length * n);
  rows.forEach((row, i) => {
    Gv.set(Gs.subarray(row * n, (row + 1) * n), i * n);
  });
  const times = (M: Float64Array, u: Float64Array, plus: (i: number) => number) =>
    Float64Array.from({ length: M.length / n }, (_, i) => {
      let sum = plus(i);
      for (let j = 0; j < n; j++) sum += M[i * n + j] * u[j];
      return sum;
    });
  return ({ u }: PrimalDual) => ({
    H,
    gradient: times(H, u, (i) => qs[i]),
    G: Gv,
    g: times(Gv, u, (i) => -hs[rows[i]]),
    A: Av,
    h: times(Av, u, (i) => -bv[i]),
  });
}
