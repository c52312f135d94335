// What every factorization can do, whatever its kind: a kernel and its workspace per verb, for a whole stack in one call.
import { SingularMatrixError } from '../../core/errors.js';
import { withWorkspace } from '../../core/runtime.js';
import type { Shape } from '../../core/shape.js';
import { allocate, type Tensor } from '../../core/tensor.js';
import { type Piece, solveInto } from '../dense/right-sides.js';
import { type Stack, stackIndexText } from '../stack.js';

/** A kernel that writes results to an address, and the bytes of workspace it wants. */
export interface Verb {
  bytes: number;
  run(out: number, work: number): void;
}

/** What a determinant's kernel is asked for. */
export const FORMS = { sign: 0, log: 1, value: 2 } as const;

/** A factored stack: what it owns and its kernels. Whoever has it disposes of `tensors`. */
export interface Factorization {
  stack: Stack;
  tensors: Tensor[];
  /** Per matrix the number (from 1) of a pivot that is zero, or 0; absent where none can be. */
  infos?: Int32Array;
  /** Bytes of workspace for one system with so many right sides. */
  solveBytes(columns: number): number;
  /** Solves in place of the right sides at `x`. */
  solve(x: number, columns: number, piece: Piece, transpose: boolean, work: number): void;
  inverse: Verb;
  reconstruct: Verb;
  determinant(form: number): Verb;
  /** 1 / cond_1 from the norms of the matrices. */
  rcond(norms: Tensor): Verb;
}

/** Lets a verb write its result. */
export function fillInto(name: string, out: Tensor, { bytes, run }: Verb): void {
  if (out.size > 0) withWorkspace(bytes, name, (work) => run(out.address, work));
}

/** The same for a tensor that is made here, and freed if anything throws. */
export function fill(name: string, shape: Shape, dtype: Stack['dtype'], verb: Verb): Tensor {
  const result = allocate(Object.freeze([...shape]), dtype, name);
  try {
    fillInto(name, result, verb);
    return result;
  } catch (error) {
    result.dispose();
    throw error;
  }
}

/** What `make` returns; if it throws, the tensors that it has kept until then are freed. */
export function buildFactor<T>(make: (keep: (t: Tensor) => Tensor, tensors: Tensor[]) => T): T {
  const tensors: Tensor[] = [];
  const keep = (t: Tensor) => {
    tensors.push(t);
    return t;
  };
  try {
    return make(keep, tensors);
  } catch (error) {
    for (const t of tensors) t.dispose();
    throw error;
  }
}

/** Calls `work` with the factors, and gives them back whatever happens. */
export function using<T>(f: Factorization, work: (f: Factorization) => T): T {
  try {
    return work(f);
  } finally {
    for (const t of f.tensors) t.dispose();
  }
}

/** Throws for the first matrix with a zero pivot. */
export function checkRegular(name: string, { stack, infos }: Factorization): void {
  const failed = infos?.findIndex((info) => info > 0) ?? -1;
  if (!infos || failed < 0) return;
  const index = infos[failed] - 1;
  throw new SingularMatrixError(
    `${name}: matrix${stackIndexText(stack, failed)} is singular: pivot ${index} is 0 (use linalg.lstsq or linalg.pinv)`,
    index,
  );
}

/** x := X with A X = b, or with Aᵀ X = b. */
export function solveWithInto(
  name: string,
  f: Factorization,
  x: Tensor,
  b: Tensor,
  transpose: boolean,
): void {
  checkRegular(name, f);
  solveInto(name, f.stack, x, b, f.solveBytes(columnsOf(b)), (_, sides, piece, work) =>
    f.solve(x.address, sides.columns, piece, transpose, work),
  );
}

/** Right sides in b. */
function columnsOf(b: Tensor): number {
  return b.ndim > 1 ? b.shape[b.shape.length - 1] : 1;
}

/** A⁻¹. */
export function inverseWith(name: string, f: Factorization): Tensor {
  checkRegular(name, f);
  return fill(name, shapeOf(f.stack), f.stack.dtype, f.inverse);
}

/** The matrices again. */
export function reconstructWith(name: string, f: Factorization): Tensor {
  return fill(name, shapeOf(f.stack), f.stack.dtype, f.reconstruct);
}

/** One number per matrix out of its determinant. */
export function determinantWith(name: string, f: Factorization, form: keyof typeof FORMS): Tensor {
  return fill(name, f.stack.batch, f.stack.dtype, f.determinant(FORMS[form]));
}

/** Reciprocal conditions, from the norms that the matrices had. */
export function rcondWith(name: string, f: Factorization, norms: Tensor): Tensor {
  return fill(name, f.stack.batch, f.stack.dtype, f.rcond(norms));
}

const shapeOf = ({ batch, rows }: Stack): Shape => [...batch, rows, rows];
