// Eigenvalues and eigenvectors of small symmetric matrices in JavaScript, for rules that meet a few equal values.

/**
 * Cyclic Jacobi (Golub and Van Loan, Matrix Computations, 4th ed. (2013), section 8.5), in place: the eigenvalues of
 * the symmetric matrix a [n, n], ascending, and with `vectors` [n, n] the columns that belong to them. NaN in a gives
 * NaN.
 */
export function eigenvaluesOf(a: Float64Array, n: number, vectors?: Float64Array): number[] {
  for (let i = 0; vectors && i < n * n; i++) vectors[i] = i % (n + 1) === 0 ? 1 : 0;
  if (!a.every(Number.isFinite)) {
    vectors?.fill(Number.NaN);
    return new Array<number>(n).fill(Number.NaN);
  }
  for (let sweep = 0; sweep < 40; sweep++) {
    let turned = false;
    for (let p = 0; p < n; p++)
      for (let q = p + 1; q < n; q++) turned = annihilate(a, n, p, q, vectors) || turned;
    if (!turned) break;
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => a[i * (n + 1)] - a[j * (n + 1)]);
  if (vectors) {
    const unsorted = vectors.slice();
    for (let row = 0; row < n; row++)
      for (let k = 0; k < n; k++) vectors[row * n + k] = unsorted[row * n + order[k]];
  }
  return order.map((i) => a[i * (n + 1)]);
}

/** Makes a_pq 0 by a rotation of rows and columns p and q; false if it is 0 to rounding already. */
function annihilate(a: Float64Array, n: number, p: number, q: number, vectors?: Float64Array): boolean {
  const [app, aqq, apq] = [a[p * n + p], a[q * n + q], a[p * n + q]];
  if (Math.abs(apq) <= 2 ** -53 * Math.sqrt(Math.abs(app)) * Math.sqrt(Math.abs(aqq)) || apq === 0)
    return false;
  const theta = (aqq - app) / (2 * apq);
  const size = Math.abs(theta);
  // For large θ its square would overflow.
  const t = (theta < 0 ? -1 : 1) / (size + (size > 1e150 ? size : Math.sqrt(theta * theta + 1)));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let k = 0; k < n; k++) {
    const [x, y] = [a[k * n + p], a[k * n + q]];
    a[k * n + p] = c * x - s * y;
    a[k * n + q] = s * x + c * y;
  }
  for (let k = 0; k < n; k++) {
    const [x, y] = [a[p * n + k], a[q * n + k]];
    a[p * n + k] = c * x - s * y;
    a[q * n + k] = s * x + c * y;
    if (vectors === undefined) continue;
    const [u, v] = [vectors[k * n + p], vectors[k * n + q]];
    vectors[k * n + p] = c * u - s * v;
    vectors[k * n + q] = s * u + c * v;
  }
  a[p * n + q] = 0;
  a[q * n + p] = 0;
  return true;
}
