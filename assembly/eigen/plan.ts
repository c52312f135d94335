// Where everything lies during one eigenproblem: addresses into the caller's workspace.
import { roundToLine } from '../simd/lanes';
import { backtransformElements, backtransformWorkspace, packedReflectors } from './backtransform';
import { panelElements, tridiagonalWorkspace } from './tridiagonal';

/** A record in the workspace itself: kernels keep nothing between calls. */
@unmanaged
export class Plan {
  /** Diagonal, off-diagonal and reflector scales of the tridiagonal form. */
  d: usize; e: usize; tau: usize;
  /** The small eigenproblem's matrix (n x n). */
  s: usize; lds: i32;
  /** Of one merge: z, then what is left after deflation: poles, z, its squares, and recomputed z; a row; new eigenvalues. */
  z: usize; poles: usize; weights: usize; squares: usize; row: usize; next: usize;
  /** Index lists: ascending order of d, merged order, kept, deflated, groups of kept vectors, kind of each vector. */
  order: usize; merged: usize; kept: usize; deflated: usize; grouped: usize; kind: usize;
  /** Four numbers. */
  scratch: usize;
  /** The matrix (n x n), then the packed reflectors. */
  a: usize;
  /** Behind the matrix: the panel of the reduction and its products; Jacobi's rotations. */
  behind: usize;
  /** Behind the reflectors: eigenvectors of the tridiagonal form as rows (n x n); then the factors of the back-transformation. */
  q: usize; ldq: i32;
  /** Behind q: what a merge keeps of the vectors of its halves, and the workspace of its products. */
  pool: usize;
}

const VECTORS: i32 = 9;
const LISTS: i32 = 6;

/** Bytes of the record, the vectors, the lists and the four numbers. */
function headBytes<T>(n: i32): usize {
  const line = roundToLine(<usize>n * sizeof<T>()), list = roundToLine(<usize>n * 4);
  return roundToLine(offsetof<Plan>()) + <usize>VECTORS * line + <usize>LISTS * list + 64;
}

/** Bytes of n x n elements. */
function squareBytes<T>(n: i32): usize {
  return roundToLine(<usize>n * <usize>n * sizeof<T>());
}

/** Bytes of the panel. */
export function panelBytes<T>(n: i32): usize {
  return roundToLine(<usize>panelElements(n) * sizeof<T>());
}

/** Bytes of the factors of the back-transformation. */
export function factorBytes<T>(n: i32): usize {
  return roundToLine(<usize>backtransformElements(n) * sizeof<T>());
}

/**
 * Bytes of the pool. A merge of order n that keeps k vectors has the n - k others there, then c rows of half the length, and gemm
 * packs these and 48 rows of S: (n - k) n + c (n + 56) elements. At most half of the vectors reach into one half (each that
 * reaches into both stands for two), and c <= k, so that this is at most n² + 28 (n + 1).
 */
function poolBytes<T>(n: i32): usize {
  return roundToLine((<usize>n * <usize>n + 28 * <usize>(n + 1)) * sizeof<T>()) + 384;
}

/**
 * Bytes of workspace for syevd of order n. In elements, with vectors, 2.5 n² + 59 n at most where n is large (the stages follow
 * one another in one place), without n² + 150 n; from n = 128 on never more than 3 n².
 */
export function planWorkspace<T>(vectors: bool, n: i32): usize {
  const reduction = squareBytes<T>(n) + panelBytes<T>(n) + tridiagonalWorkspace<T>(n);
  if (!vectors) return headBytes<T>(n) + reduction;
  const reflectors = roundToLine(<usize>packedReflectors(n) * sizeof<T>());
  const conquest = squareBytes<T>(n) + poolBytes<T>(n), back = factorBytes<T>(n) + backtransformWorkspace<T>(n);
  return headBytes<T>(n) + max(reduction, reflectors + max(conquest, back));
}

/** Bytes of workspace for syevj: 2 n² elements, and terms in n. */
export function jacobiWorkspace<T>(n: i32): usize {
  return headBytes<T>(n) + 2 * squareBytes<T>(n);
}

/** Lays the plan out in `work`; the merges use z, the place of the result, for their small matrices. */
export function makePlan<T>(n: i32, z: usize, ldz: i32, work: usize): Plan {
  const plan = changetype<Plan>(work);
  const line = roundToLine(<usize>n * sizeof<T>()), list = roundToLine(<usize>n * 4);
  let at = work + roundToLine(offsetof<Plan>());
  plan.d = at;
  plan.e = at + line;
  plan.tau = at + 2 * line;
  plan.z = at + 3 * line;
  plan.poles = at + 4 * line;
  plan.weights = at + 5 * line;
  plan.squares = at + 6 * line;
  plan.row = at + 7 * line;
  plan.next = at + 8 * line;
  at += <usize>VECTORS * line;
  plan.order = at;
  plan.merged = at + list;
  plan.kept = at + 2 * list;
  plan.deflated = at + 3 * list;
  plan.grouped = at + 4 * list;
  plan.kind = at + 5 * list;
  at += <usize>LISTS * list;
  plan.scratch = at;
  plan.a = at + 64;
  plan.behind = plan.a + squareBytes<T>(n);
  plan.q = plan.a + roundToLine(<usize>packedReflectors(n) * sizeof<T>());
  plan.ldq = n;
  plan.pool = plan.q + squareBytes<T>(n);
  plan.s = z;
  plan.lds = ldz;
  return plan;
}
