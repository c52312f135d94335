// Systems with the Laplacian of a graph, S = diag(W 1 + ground) - W with weights W >= 0. The diagonal is never stored: a
// pivot is the sum of the weights that are left, so that nothing cancels, and weights of any size count with their
// relative accuracy.
// Source: Grassmann, Taksar and Heyman, Oper. Res. 33 (1985).
import { tensor } from '../../core/create.js';
import { scope } from '../../core/scope.js';
import { matmul } from '../../ops/matmul.js';

/** A pivot of at most this share of a node's mass says that its part of the graph is complete. */
const NOTHING = 2 ** -46;

/** Shares below this are left out: their products would be subnormal, which is slow. */
const NEGLIGIBLE = 1e-60;

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
    // Rows are reached by their positions: views would be as many as there are weights.
    const [start, end] = [k * n + k + 1, (k + 1) * n];
    let pivot = ground[k];
    for (let at = start; at < end; at++) pivot += W[at];
    if (!(pivot > NOTHING * masses[k]) && !(ground[k] > 0)) {
      pivots[k] = 0;
      W.fill(0, start, end);
      continue;
    }
    pivots[k] = pivot;
    for (let at = start, i = k + 1; at < end; at++, i++) {
      const factor = W[at] / pivot;
      if (factor < NEGLIGIBLE) continue;
      ground[i] += factor * ground[k];
      const shift = (i - k) * n;
      for (let from = at + 1; from < end; from++) W[from + shift] += factor * W[from];
    }
    for (let at = start; at < end; at++) W[at] /= pivot;
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

/** From how many multiplications on a product is left to the kernels. */
const LARGE = 32_768;

/**
 * W = A diag(1/d) Aᵀ above the diagonal, for A [s, l] >= 0: the weights of the graph of A's rows, two of which exchange
 * mass over the columns.
 */
export function weightsOf(s: number, l: number, A: Float64Array, d: Float64Array, W: Float64Array): void {
  const scaled = new Float64Array(s * l);
  for (let i = 0, at = 0; i < s; i++)
    for (let k = 0; k < l; k++, at++) scaled[at] = A[at] === 0 ? 0 : A[at] / d[k];
  if (s * s * l >= LARGE) {
    scope(() => {
      const [left, right] = [scaled, A].map((data) => tensor(data, { shape: [s, l] }));
      W.set(matmul(left, right, { transposeB: true }).data());
    });
    return;
  }
  for (let i = 0; i < s; i++)
    for (let j = i + 1; j < s; j++) {
      let sum = 0;
      for (let k = 0; k < l; k++) sum += scaled[i * l + k] * A[j * l + k];
      W[i * s + j] = sum;
    }
}
