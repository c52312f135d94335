// Systems with the Laplacian of a graph, S = diag(W 1 + ground) - W with weights W >= 0. The diagonal is never stored: a
// pivot is the sum of the weights that are left, so that nothing cancels, and weights of any size count with their
// relative accuracy.
// Source: Grassmann, Taksar and Heyman, Oper. Res. 33 (1985).

/** A pivot of at most this share of a node's mass says that its part of the graph is complete. */
const NOTHING = 2 ** -46;

/**
 * Eliminates the nodes in their order. The rows of W [n, n] above the diagonal become the multipliers; `pivots` gets 0
 * at the last node of every part of the graph that has no ground.
 * @param ground [n], which is overwritten.
 * @param masses [n], what the pivots are compared with.
 */
export function eliminate(
  n: number,
  W: Float64Array,
  ground: Float64Array,
  masses: Float64Array,
  pivots: Float64Array,
): void {
  for (let k = 0; k < n; k++) {
    const row = W.subarray(k * n, (k + 1) * n);
    let pivot = ground[k];
    for (let i = k + 1; i < n; i++) pivot += row[i];
    if (!(pivot > NOTHING * masses[k]) && !(ground[k] > 0)) {
      pivots[k] = 0;
      row.fill(0, k + 1);
      continue;
    }
    pivots[k] = pivot;
    for (let i = k + 1; i < n; i++) {
      const factor = row[i] / pivot;
      if (factor === 0) continue;
      ground[i] += factor * ground[k];
      const below = W.subarray(i * n, (i + 1) * n);
      for (let j = i + 1; j < n; j++) below[j] += factor * row[j];
    }
    for (let i = k + 1; i < n; i++) row[i] /= pivot;
  }
}

/** Overwrites y with the x of S x = y; x is 0 at the last node of a part. */
export function substitute(n: number, L: Float64Array, pivots: Float64Array, y: Float64Array): void {
  for (let k = 0; k < n; k++) {
    if (pivots[k] === 0) continue;
    const row = L.subarray(k * n, (k + 1) * n);
    const value = y[k];
    for (let i = k + 1; i < n; i++) y[i] += row[i] * value;
  }
  for (let k = n - 1; k >= 0; k--) {
    if (pivots[k] === 0) {
      y[k] = 0;
      continue;
    }
    const row = L.subarray(k * n, (k + 1) * n);
    let x = y[k] / pivots[k];
    for (let i = k + 1; i < n; i++) x += row[i] * y[i];
    y[k] = x;
  }
}

/** The last node of the part that each node belongs to. */
export function partsOf(n: number, L: Float64Array, pivots: Float64Array): Int32Array {
  const parts = new Int32Array(n);
  for (let k = n - 1; k >= 0; k--) {
    parts[k] = k;
    if (pivots[k] === 0) continue;
    let best = 0;
    for (let i = k + 1; i < n; i++) {
      if (!(L[k * n + i] > best)) continue;
      best = L[k * n + i];
      parts[k] = parts[i];
    }
  }
  return parts;
}

/**
 * W = A diag(1/d) Aᵀ above the diagonal, for A [s, l] >= 0: the weights of the graph of A's rows, two of which exchange
 * mass over the columns.
 */
export function weightsOf(s: number, l: number, A: Float64Array, d: Float64Array, W: Float64Array): void {
  const scaled = new Float64Array(l);
  for (let i = 0; i < s; i++) {
    for (let k = 0; k < l; k++) scaled[k] = d[k] > 0 ? A[i * l + k] / d[k] : 0;
    for (let j = i + 1; j < s; j++) W[i * s + j] = dot(l, scaled, A, j * l);
  }
}

function dot(n: number, x: Float64Array, A: Float64Array, at: number): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let k = 0;
  for (; k + 4 <= n; k += 4) {
    s0 += x[k] * A[at + k];
    s1 += x[k + 1] * A[at + k + 1];
    s2 += x[k + 2] * A[at + k + 2];
    s3 += x[k + 3] * A[at + k + 3];
  }
  for (; k < n; k++) s0 += x[k] * A[at + k];
  return s0 + s1 + (s2 + s3);
}
