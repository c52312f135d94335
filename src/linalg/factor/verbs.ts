// The operations of every kind of factorization: a kernel and its workspace per method, for a whole stack in one call.
import { bytesPerElement, type DType } from '../../core/dtype.js';
import { SingularMatrixError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import type { TensorSpec } from '../../ops/op.js';
import type { Workspace } from '../../ops/workspace.js';
import { copyBytes } from '../blas/addresses.js';
import type { Piece } from '../dense/right-sides.js';
import { integersAt, type Located, scratchFor } from '../scratch.js';
import { type Stack, stackIndexText } from '../stack.js';

/** Addresses of the parts of a factored stack, in the order of `partSpecs`. */
export type Addresses = readonly number[];

/** A kernel that writes results to an address, and the bytes of workspace that it needs. */
export interface Verb {
  bytes: number;
  run(parts: Addresses, out: number, work: number): void;
}

/** The jobs of a determinant kernel. */
export const FORMS = { sign: 0, log: 1, value: 2 } as const;

/** Solves in place of the right sides at `x`. */
export type SolveParts = (
  parts: Addresses,
  x: number,
  columns: number,
  piece: Piece,
  transpose: boolean,
  work: number,
) => void;

/** One kind of factorization of square matrices: what it stores, and its kernels for a stack. */
export interface Factorization {
  /** Whether A stands for a symmetric matrix, given by its lower triangle. */
  symmetric: boolean;
  /** Whether a pivot may be zero: then the last part holds its number (from 1) per matrix, or 0. */
  hasInfos: boolean;
  /** What is stored besides the packed matrices: n numbers per matrix of each dtype. */
  vectors(dtype: Stack['dtype']): readonly DType[];
  /** ||A||_1 of each matrix; the only part is A. */
  norms(stack: Stack): Verb;
  factorBytes(stack: Stack): number;
  /** Factors the matrices (the first part) in place; throws for those that this kind cannot factor. */
  factor(stack: Stack): (user: string, parts: Addresses, work: number) => void;
  /** Bytes of workspace for one system with this many right sides. */
  solveBytes(stack: Stack, columns: number): number;
  solve(stack: Stack): SolveParts;
  inverse(stack: Stack): Verb;
  reconstruct(stack: Stack): Verb;
  determinant(stack: Stack, form: number): Verb;
  /** 1 / cond_1; the norms of the matrices come after the parts. */
  rcond(stack: Stack): Verb;
}

/** The parts of a factored stack: the packed matrices, vectors, and numbers of zero pivots. */
export function partSpecs(
  { vectors, hasInfos }: Factorization,
  { batch, rows: n, dtype }: Stack,
): TensorSpec[] {
  return [
    { shape: [...batch, n, n], dtype },
    ...vectors(dtype).map((type) => ({ shape: [...batch, n], dtype: type })),
    ...(hasInfos ? [{ shape: batch, dtype: 'i32' as const }] : []),
  ];
}

/** The current addresses of the parts. */
export function addressesOf(parts: readonly Located[]): Addresses {
  return parts.map(({ address }) => address);
}

/** Prepares the factorization of `a` into `parts`, with `factorBytes` of workspace at `work`. */
export function prepareFactor(
  user: string,
  f: Factorization,
  stack: Stack,
  a: Tensor,
  parts: readonly Located[],
  work: number,
): () => void {
  const factor = f.factor(stack);
  const bytes = a.size * bytesPerElement(a.dtype);
  return () => {
    if (bytes === 0) {
      if (f.hasInfos) integersAt(parts[parts.length - 1], stack.count).fill(0);
      return;
    }
    const addresses = addressesOf(parts);
    copyBytes(addresses[0], a.address, bytes);
    factor(user, addresses, work);
  };
}

/** The same in scratch, for a row that needs the factors only temporarily; `bytes`: workspace of the following work. */
export function prepareScratchFactor(
  user: string,
  f: Factorization,
  stack: Stack,
  a: Tensor,
  bytes: number,
  space: Workspace,
): { parts: Addresses; work: number; factor: () => void } {
  const parts = partSpecs(f, stack).map((spec) => scratchFor(spec, space));
  const work = space.scratch(Math.max(bytes, f.factorBytes(stack)));
  return { parts: addressesOf(parts), work, factor: prepareFactor(user, f, stack, a, parts, work) };
}

/** Throws for the first matrix with a zero pivot. */
export function checkRegular(
  user: string,
  { hasInfos }: Factorization,
  stack: Stack,
  parts: Addresses,
): void {
  if (!hasInfos) return;
  const infos = integersAt({ address: parts[parts.length - 1] }, stack.count);
  const failed = infos.findIndex((info) => info > 0);
  if (failed < 0) return;
  const index = infos[failed] - 1;
  throw new SingularMatrixError(
    `${user}: matrix${stackIndexText(stack, failed)} is singular: pivot ${index} is 0 (use linalg.lstsq or linalg.pinv)`,
    index,
  );
}
