// min 1/2 xᵀPx + qᵀx, Gx <= h, Ax = b: the data of a quadratic program, checked, in f64.
import { describe } from '../../core/describe.js';
import { ArgumentError, DTypeError, ShapeError } from '../../core/errors.js';
import { show } from '../../core/shape.js';
import { allocate, Tensor } from '../../core/tensor.js';
import { GEMV_WORK, view } from '../../linalg/blas/addresses.js';
import { checkFloat, type Float } from '../../linalg/stack.js';
import { untraced } from '../../ops/untraced.js';

/** A quadratic program, as the user gives it. */
export interface QuadraticProgram {
  /** [n, n], symmetric (otherwise its symmetric part counts) and positive semidefinite. */
  P: Tensor;
  /** [n]. */
  q: Tensor;
  /** [m, n]. */
  G?: Tensor;
  /** [m]; Infinity: no constraint. */
  h?: Tensor;
  /** [p, n]. */
  A?: Tensor;
  /** [p]. */
  b?: Tensor;
}

/** The same in f64, with no part missing. */
export interface ConvexProgram {
  /** Numbers of variables, inequalities and equalities. */
  n: number;
  m: number;
  p: number;
  P: Tensor;
  q: Tensor;
  G: Tensor;
  h: Tensor;
  A: Tensor;
  b: Tensor;
  /** Workspace of products. */
  work: Tensor;
}

/**
 * A new f64 tensor: of zeros, or with the numbers of a tensor or a JavaScript array. May invalidate views of WASM's
 * memory.
 */
export function array(user: string, shape: readonly number[], from?: Tensor | ArrayLike<number>): Tensor {
  const out = allocate(shape, 'f64', user);
  const data = view(out);
  if (from === undefined) data.fill(0);
  else data.set(from instanceof Tensor ? untraced(user, 'a tensor', from).data() : from);
  return out;
}

/** What is known of a program without its numbers. */
export interface ProgramSizes {
  n: number;
  m: number;
  p: number;
  dtype: Float;
}

/** Checks shapes and dtypes of the parts of a program, which has no P if it is `linear`. */
export function checkParts(name: string, problem: QuadraticProgram, linear = false): ProgramSizes {
  if (typeof problem !== 'object' || problem === null)
    throw new ArgumentError(`${name}: problem must be an object, got ${describe(problem)}`);
  const gradient = linear ? 'c' : 'q';
  const q = checkFloat(name, gradient, problem.q);
  if (q.ndim !== 1)
    throw new ShapeError(`${name}: ${gradient} must be a vector [n], got shape ${show(q.shape)}`);
  const dtype = q.dtype as Float;
  const n = q.size;
  const { G, h, A, b } = problem;
  const m = pairRows(name, 'G', G, 'h', h);
  const p = pairRows(name, 'A', A, 'b', b);
  const part = (argument: string, x: Tensor | undefined, shape: number[]): void => {
    if (x === undefined) return;
    checkFloat(name, argument, x);
    if (x.dtype !== dtype) {
      throw new DTypeError(
        `${name}: ${argument} must have the dtype of ${gradient}, ${dtype}, got ${x.dtype} (convert with astype)`,
      );
    }
    if (x.ndim !== shape.length || shape.some((extent, i) => x.shape[i] !== extent)) {
      throw new ShapeError(`${name}: ${argument} must have shape ${show(shape)}, got ${show(x.shape)}`);
    }
  };
  if (!linear) part('P', checkFloat(name, 'P', problem.P), [n, n]);
  part('G', G, [m, n]);
  part('h', h, [m]);
  part('A', A, [p, n]);
  part('b', b, [p]);
  return { n, m, p, dtype };
}

/** The numbers of checked parts, which must be finite. */
export function readProgram(
  name: string,
  { P, q, G, h, A, b }: Partial<QuadraticProgram>,
  { n, m, p }: ProgramSizes,
  linear = false,
): ConvexProgram {
  const part = (argument: string, x: Tensor | undefined, shape: number[]): Tensor => {
    if (x === undefined) return array(name, shape);
    checkFinite(name, argument, x, argument === 'h');
    return array(name, shape, x);
  };
  const program: ConvexProgram = {
    ...{ n, m, p },
    P: part('P', linear ? undefined : P, [n, n]),
    q: part(linear ? 'c' : 'q', q, [n]),
    G: part('G', G, [m, n]),
    h: part('h', h, [m]),
    A: part('A', A, [p, n]),
    b: part('b', b, [p]),
    work: array(name, [GEMV_WORK]),
  };
  symmetrise(n, view(program.P));
  return program;
}

/** The number of constraints of a matrix and its right side, which must be given together. */
function pairRows(
  name: string,
  matrix: string,
  M: Tensor | undefined,
  side: string,
  v: Tensor | undefined,
): number {
  if (M === undefined && v === undefined) return 0;
  if (M === undefined || v === undefined) {
    const [missing, there] = M === undefined ? [matrix, side] : [side, matrix];
    throw new ArgumentError(`${name}: ${missing} must be given with ${there}, got undefined`);
  }
  checkFloat(name, matrix, M);
  if (M.ndim !== 2)
    throw new ShapeError(`${name}: ${matrix} must be a matrix [rows, n], got shape ${show(M.shape)}`);
  return M.shape[0];
}

function checkFinite(name: string, argument: string, x: Tensor, infinite: boolean): void {
  const at = x.data().findIndex((v) => !(Number.isFinite(v) || (infinite && v === Number.POSITIVE_INFINITY)));
  if (at >= 0)
    throw new ArgumentError(
      `${name}: ${argument} must hold finite numbers, got ${x.data()[at]} at element ${at}`,
    );
}

/** P := (P + Pᵀ) / 2. */
export function symmetrise(n: number, P: Float64Array): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const mean = 0.5 * P[i * n + j] + 0.5 * P[j * n + i];
      P[i * n + j] = mean;
      P[j * n + i] = mean;
    }
  }
}
