// Presolve of a quadratic program: checks convexity, and removes redundant rows.

import { ArgumentError } from '../../core/errors.js';
import { scope } from '../../core/scope.js';
import type { Tensor } from '../../core/tensor.js';
import { maxAbs, view } from '../../linalg/blas/addresses.js';
import { unitRoundoffOf } from '../../linalg/blas/tensors.js';
import { eigvalsh } from '../../linalg/dense/eigvalsh.js';
import type { Float } from '../../linalg/stack.js';
import type { Certificate } from './certificate.js';
import { independentRows } from './independent-rows.js';
import { array, type ConvexProgram } from './program.js';
import { SymmetricSystem } from './symmetric-system.js';

/** A program without empty and dependent rows; row i of its G is row `inequalities[i]` of the original. */
export interface Reduced {
  program: ConvexProgram;
  inequalities: number[];
  equalities: number[];
  /** A contradiction among the constraints, if it is obvious. */
  certificate?: Certificate;
}

/** Relative tolerances for dependent rows: for exact data, and for data that were rounded to f32. */
const ROUNDING = { f64: 2 ** -45, f32: 2 ** -18 } as const;

/** Drops rows 0 <= h, rows with h = Infinity, and rows of A that depend on others. */
export function presolve(name: string, program: ConvexProgram, dtype: Float): Reduced {
  const { n, m, p, G, h, A, b } = program;
  const [rows, right] = [view(G), view(h)];
  const inequalities: number[] = [];
  const contradictory = (certificate: Certificate): Reduced => {
    const none = { m: 0, G: array(name, [0, n]), h: array(name, [0]) };
    return { program: { ...program, ...none }, inequalities: [], equalities: [], certificate };
  };
  for (let i = 0; i < m; i++) {
    if (right[i] === Number.POSITIVE_INFINITY) continue;
    const isEmpty = rows.subarray(i * n, (i + 1) * n).every((value) => value === 0);
    if (!isEmpty) inequalities.push(i);
    else if (right[i] < 0) {
      const [value, lambda] = [right[i], array(name, [m])];
      view(lambda)[i] = -1 / value;
      return contradictory({ lambda, nu: array(name, [p]) });
    }
  }
  const { rows: equalities, nu } = scope(() => independentRows(name, A, view(b).slice(), ROUNDING[dtype]));
  if (nu !== undefined) {
    const certificate = { lambda: array(name, [m]), nu: array(name, [p], nu) };
    return contradictory(certificate);
  }
  const reduced = {
    ...program,
    ...{ m: inequalities.length, p: equalities.length },
    ...{ G: rowsOf(name, G, inequalities), h: rowsOf(name, h, inequalities) },
    ...{ A: rowsOf(name, A, equalities), b: rowsOf(name, b, equalities) },
  };
  return { program: reduced, inequalities, equalities };
}

function rowsOf(name: string, M: Tensor, rows: number[]): Tensor {
  if (rows.length === M.shape[0]) return M;
  const width = M.ndim === 2 ? M.shape[1] : 1;
  const out = array(name, [rows.length, ...M.shape.slice(1)]);
  const [from, to] = [view(M), view(out)];
  rows.forEach((row, i) => {
    to.set(from.subarray(row * width, (row + 1) * width), i * width);
  });
  return out;
}

/** Throws if P, scaled to a diagonal of ones, has an eigenvalue that is negative beyond rounding. */
export function checkConvex(name: string, { n, P }: ConvexProgram, dtype: Float): void {
  scope(() => {
    const system = new SymmetricSystem(n, 'f64', name);
    const from = view(P);
    const most = maxAbs(from);
    if (most === 0) return;
    const rounding = 32 * n * unitRoundoffOf({ dtype });
    const M = view(system.matrix);
    const root = Float64Array.from({ length: n }, (_, i) =>
      Math.sqrt(Math.max(from[i * n + i], rounding * most)),
    );
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) M[i * n + j] = from[i * n + j] / (root[i] * root[j]);
      M[i * n + i] += rounding;
    }
    system.factor(n);
    if (system.inertia().negative === 0) return;
    const [least] = eigvalsh(P).data();
    throw new ArgumentError(
      `${name}: P must be positive semidefinite, got a smallest eigenvalue of ${least} (add a multiple of the identity, or use minimize: the problem is not convex)`,
    );
  });
}
