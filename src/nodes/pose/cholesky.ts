// Systems of six equations in plain numbers.

const SIZE = 6;
const factor = /* @__PURE__ */ new Float64Array(SIZE * SIZE);
const scales = /* @__PURE__ */ new Float64Array(SIZE);

/**
 * x with (H + damping |diag H|) x = b, written over b; false if the matrix is not positive definite to rounding. Rows and
 * columns are scaled to a unit diagonal, so that the units of length do not matter.
 */
export function solveDefinite(H: Float64Array, damping: number, b: Float64Array): boolean {
  if (!decompose(H, damping)) return false;
  for (let i = 0; i < SIZE; i++) {
    let x = b[i] * scales[i];
    for (let k = 0; k < i; k++) x -= factor[SIZE * i + k] * b[k];
    b[i] = x / factor[SIZE * i + i];
  }
  for (let i = SIZE - 1; i >= 0; i--) {
    let x = b[i];
    for (let k = i + 1; k < SIZE; k++) x -= factor[SIZE * k + i] * b[k];
    b[i] = x / factor[SIZE * i + i];
  }
  for (let i = 0; i < SIZE; i++) b[i] *= scales[i];
  return true;
}

function decompose(H: Float64Array, damping: number): boolean {
  for (let i = 0; i < SIZE; i++) {
    const d = Math.abs(H[SIZE * i + i]);
    if (!(d > 0 && d < Number.POSITIVE_INFINITY)) return false;
    scales[i] = 1 / Math.sqrt(d);
  }
  for (let i = 0; i < SIZE; i++) {
    for (let j = 0; j <= i; j++) {
      let x = i === j ? (H[SIZE * i + i] > 0 ? 1 : -1) + damping : H[SIZE * i + j] * scales[i] * scales[j];
      for (let k = 0; k < j; k++) x -= factor[SIZE * i + k] * factor[SIZE * j + k];
      if (i !== j) factor[SIZE * i + j] = x / factor[SIZE * j + j];
      else if (x > SINGULAR) factor[SIZE * i + i] = Math.sqrt(x);
      else return false;
    }
  }
  return true;
}

/** A pivot at most this large, of a matrix with a unit diagonal, is rounding. */
const SINGULAR = 2 ** -44;

/** The inverse of a symmetric matrix, by rows; undefined if it is singular to rounding. */
export function inverseOf(H: Float64Array): Float64Array | undefined {
  const a = new Float64Array(SIZE * SIZE);
  const scale = new Float64Array(SIZE);
  for (let i = 0; i < SIZE; i++) {
    const d = Math.abs(H[SIZE * i + i]);
    if (!(d > 0 && d < Number.POSITIVE_INFINITY)) return undefined;
    scale[i] = 1 / Math.sqrt(d);
  }
  for (let i = 0; i < SIZE; i++)
    for (let j = 0; j < SIZE; j++) a[SIZE * i + j] = H[SIZE * i + j] * scale[i] * scale[j];
  const order: number[] = [];
  for (let step = 0; step < SIZE; step++) {
    const pivot = largestLeft(a, order);
    const p = a[SIZE * pivot + pivot];
    if (!(Math.abs(p) > SINGULAR)) return undefined;
    order.push(pivot);
    exchange(a, pivot, p);
  }
  for (let i = 0; i < SIZE; i++) for (let j = 0; j < SIZE; j++) a[SIZE * i + j] *= scale[i] * scale[j];
  return a;
}

/** The row with the largest diagonal entry of those that have not been exchanged. */
function largestLeft(a: Float64Array, done: readonly number[]): number {
  let best = -1;
  for (let i = 0; i < SIZE; i++) {
    if (done.includes(i)) continue;
    if (best < 0 || Math.abs(a[SIZE * i + i]) > Math.abs(a[SIZE * best + best])) best = i;
  }
  return best;
}

/** One exchange of Gauss and Jordan: after all of them a is its inverse. */
function exchange(a: Float64Array, k: number, p: number): void {
  a[SIZE * k + k] = 1;
  for (let j = 0; j < SIZE; j++) a[SIZE * k + j] /= p;
  for (let i = 0; i < SIZE; i++) {
    if (i === k) continue;
    const f = a[SIZE * i + k];
    a[SIZE * i + k] = 0;
    for (let j = 0; j < SIZE; j++) a[SIZE * i + j] -= f * a[SIZE * k + j];
  }
}
