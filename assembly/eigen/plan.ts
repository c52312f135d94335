// Where everything lies during one eigenproblem: addresses into the caller's workspace.
import { roundToLine } from '../simd/lanes';
import { backtransformElements, backtransformWorkspace } from './backtransform';
import { gemmWorkspace } from '../gemm/gemm';
import { panelElements, tridiagonalWorkspace } from './tridiagonal';

/** A record in the workspace itself: kernels keep nothing between calls. */
@unmanaged
export class Plan {
  /** Diagonal, off-diagonal and reflector scales of the tridiagonal form. */
  d: usize; e: usize; tau: usize;
  /** Eigenvectors of the tridiagonal form as rows (n x n), and as much again for a merge. */
  q: usize; ldq: i32; q2: usize;
  /** The small eigenproblem's matrix (n x n). */
  s: usize; lds: i32;
  /** Of one merge: z, then what is left after deflation: poles, z, its squares, and recomputed z; a row; new eigenvalues. */
  z: usize; poles: usize; weights: usize; squares: usize; row: usize; next: usize;
  /** Index lists: ascending order of d, merged order, kept, deflated, groups of kept vectors, kind of each vector. */
  order: usize; merged: usize; kept: usize; deflated: usize; grouped: usize; kind: usize;
  /** Four numbers. */
  scratch: usize;
  /** The matrix, then the reflectors. */
  a: usize;
  /** The panel of the reduction and the factors of the back-transformation share the place of q and q2. */
  shared: usize;
  /** Workspace of the products. */
  work: usize;
}

const VECTORS: i32 = 9;
const LISTS: i32 = 6;

/** Elements shared by the stages that follow one another. */
function sharedElements(vectors: bool, n: i32): i32 {
  const panel = panelElements(n);
  return vectors ? max(max(2 * n * n, panel), backtransformElements(n)) : panel;
}

function productWorkspace<T>(vectors: bool, n: i32): usize {
  const reduction = tridiagonalWorkspace<T>(n);
  if (!vectors) return reduction;
  return max(max(reduction, backtransformWorkspace<T>(n)), gemmWorkspace<T>(n, (n + 1) / 2, n));
}

/** Bytes of workspace for one eigenproblem of order n: 3 n² elements with vectors, n² without, and terms in n. */
export function planWorkspace<T>(vectors: bool, n: i32): usize {
  const line = roundToLine(<usize>n * sizeof<T>()), list = roundToLine(<usize>n * 4);
  return (
    roundToLine(offsetof<Plan>()) + <usize>VECTORS * line + <usize>LISTS * list + 64 +
    roundToLine(<usize>(n * n) * sizeof<T>()) + roundToLine(<usize>sharedElements(vectors, n) * sizeof<T>()) +
    roundToLine(productWorkspace<T>(vectors, n))
  );
}

/** Lays the plan out in `work`; the merges use z, the place of the result, for their small matrices. */
export function makePlan<T>(vectors: bool, n: i32, z: usize, ldz: i32, work: usize): Plan {
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
  plan.shared = plan.a + roundToLine(<usize>(n * n) * sizeof<T>());
  plan.work = plan.shared + roundToLine(<usize>sharedElements(vectors, n) * sizeof<T>());
  plan.q = plan.shared;
  plan.ldq = n;
  plan.q2 = plan.shared + <usize>(n * n) * sizeof<T>();
  plan.s = z;
  plan.lds = ldz;
  return plan;
}
