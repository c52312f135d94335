// Where the parts of the program at hand lie. All numbers are f64. With P = L Lᵀ, J starts as L⁻ᵀ; for the normals N of the
// working set, JᵀN = [R; 0]. The sizes and addresses are an instance's own.

/** Unknowns, inequalities, equalities. */
export let n: i32 = 0;
export let p: i32 = 0;
export let q: i32 = 0;
/** The data: the symmetric part of P, and the caller's c, G, h, A, b. */
export let P: usize = 0;
export let c: usize = 0;
export let G: usize = 0;
export let h: usize = 0;
export let A: usize = 0;
export let b: usize = 0;
/** L row by row, later R column by column; J column by column; both n x n. */
export let R: usize = 0;
export let J: usize = 0;
/** A matrix for results on the way. */
export let T: usize = 0;
/** Vectors of n numbers: Jᵀ times a normal, a step, the normal, the multipliers of the working set and their change, scratch. */
export let d: usize = 0;
export let z: usize = 0;
export let normal: usize = 0;
export let u: usize = 0;
export let change: usize = 0;
export let scratch: usize = 0;
/** Norms of the rows of G; one number each. */
export let norms: usize = 0;
/** i32: the working set (equalities 0 … q - 1, inequality i as q + i), +1 or -1 for each, and whether inequality i is in it. */
export let set: usize = 0;
export let signs: usize = 0;
export let inside: usize = 0;
/** The solution. */
export let x: usize = 0;

/** Bytes for programs of this size. */
export function workspaceBytes(n: i32, p: i32, q: i32): usize {
  const vectors: usize = 4 * <usize>n * <usize>n + 6 * <usize>n + <usize>p;
  return 8 * vectors + 4 * (2 * <usize>n + <usize>p) + 16;
}

/** Lays the workspace out. */
export function useWorkspace(rows: i32, inequalities: i32, equalities: i32, work: usize): void {
  n = rows;
  p = inequalities;
  q = equalities;
  const vector: usize = 8 * <usize>n, matrix: usize = vector * <usize>n;
  P = (work + 15) & ~15;
  R = P + matrix;
  J = R + matrix;
  T = J + matrix;
  d = T + matrix;
  z = d + vector;
  normal = z + vector;
  u = normal + vector;
  change = u + vector;
  scratch = change + vector;
  norms = scratch + vector;
  set = norms + 8 * <usize>p;
  signs = set + 4 * <usize>n;
  inside = signs + 4 * <usize>n;
}

/** The data of one program. */
export function useProgram(c0: usize, G0: usize, h0: usize, A0: usize, b0: usize, x0: usize): void {
  c = c0;
  G = G0;
  h = h0;
  A = A0;
  b = b0;
  x = x0;
}

// @ts-ignore: decorator
@inline
export function at(vector: usize, i: i32): f64 {
  return load<f64>(vector + 8 * <usize>i);
}

// @ts-ignore: decorator
@inline
export function put(vector: usize, i: i32, value: f64): void {
  store<f64>(vector + 8 * <usize>i, value);
}

/** Row (or column) i of a matrix with n numbers in each. */
// @ts-ignore: decorator
@inline
export function line(matrix: usize, i: i32): usize {
  return matrix + 8 * <usize>i * <usize>n;
}
