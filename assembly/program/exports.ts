// Strictly convex quadratic programs as they leave the module.
import { symmetrise } from './factor';
import { inverse, multipliers, refine } from './refine';
import { hasOtherTight, hasWeak, iterations, measureRows, SOLVED, solve, solveNearest } from './solve';
import { P, T, useProgram, useWorkspace, workspaceBytes } from './workspace';

/** An inequality beside the working set holds with equality: whether it counts, others must decide. */
const UNDECIDED: i32 = 5;

/** Bytes of workspace for `programs_f64`. */
export function programs_f64_work(n: i32, p: i32, q: i32): usize {
  return workspaceBytes(n, p, q);
}

/**
 * `count` programs, in at most `limit` changes of the working set: min 1/2 xᵀPx + cᵀx over G x <= h and A x = b of n unknowns, p inequalities and q equalities, one after the
 * other: P [n][n], of which the symmetric part counts, c [n], G [p][n], h [p], A [q][n], b [q]. Writes x [n], lambda [p], nu [q],
 * active (i32 [p]); Z [N][N], N = n + p + q, the inverse of the KKT matrix of the active constraints, unless its address is 0;
 * and per program two i32: 0 or why it is left to others (1 P is not definite, 2 no feasible point was found, 3 equalities depend
 * on each other, 4 too many changes, 5 a constraint may or may not be active), and the number of constraints that entered or left.
 */
export function programs_f64(
  count: i32, n: i32, p: i32, q: i32, limit: i32, P0: usize, c: usize, G: usize, h: usize, A: usize, b: usize,
  x: usize, lambda: usize, nu: usize, active: usize, Z: usize, infos: usize, work: usize,
): void {
  const N = n + p + q;
  const vector: usize = 8 * <usize>n;
  useWorkspace(n, p, q, work);
  for (let k = 0; k < count; k++) {
    useProgram(c, G, h, A, b, x);
    symmetrise(P0);
    let info = solve(limit);
    if (info == SOLVED && (hasOtherTight() || hasWeak())) info = UNDECIDED;
    if (info == SOLVED) {
      refine();
      multipliers(p, lambda, nu, active);
      // P is not needed any more.
      if (Z) inverse(N, Z, P, T);
    }
    store<i32>(infos, info);
    store<i32>(infos, iterations, 4);
    P0 += vector * <usize>n;
    c += vector;
    G += vector * <usize>p;
    h += 8 * <usize>p;
    A += vector * <usize>q;
    b += 8 * <usize>q;
    x += vector;
    lambda += 8 * <usize>p;
    nu += 8 * <usize>q;
    active += 4 * <usize>p;
    if (Z) Z += 8 * <usize>N * <usize>N;
    infos += 8;
  }
}

/**
 * `count` points, in at most `limit` changes of the working set each: min |x + c| over G x <= h, with one G [p][n] for all and c [n], h [p]
 * of each. Writes x [n], lambda [p], active (i32 [p]) and two i32 as above, the first of which is 0, 2 or 4. Workspace as above, with q = 0.
 */
export function nearest_f64(
  count: i32, n: i32, p: i32, limit: i32, c: usize, G: usize, h: usize,
  x: usize, lambda: usize, active: usize, infos: usize, work: usize,
): void {
  const vector: usize = 8 * <usize>n, sides: usize = 8 * <usize>p;
  useWorkspace(n, p, 0, work);
  for (let k = 0; k < count; k++) {
    useProgram(c, G, h, 0, 0, x);
    if (k == 0) measureRows();
    const info = solveNearest(limit);
    if (info == SOLVED) {
      refine();
      multipliers(p, lambda, 0, active);
    }
    store<i32>(infos, info);
    store<i32>(infos, iterations, 4);
    c += vector;
    h += sides;
    x += vector;
    lambda += sides;
    active += sides / 2;
    infos += 8;
  }
}
