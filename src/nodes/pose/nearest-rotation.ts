// The rotation nearest to a matrix that is one up to a small error.

/** How far RᵀR may be from I. */
const ALLOWED = 2e-2;

/** The orthogonal polar factor, by Newton and Schulz's iteration; undefined for matrices that are no rotation. */
export function nearestRotation(R: ArrayLike<number>): Float64Array | undefined {
  let x = Float64Array.from(R);
  if (!(Math.max(...defect(x).map(Math.abs)) <= ALLOWED)) return undefined;
  if (!(determinant(x) > 0)) return undefined;
  // The error is squared by every step.
  for (let pass = 0; pass < 4; pass++) {
    const e = defect(x);
    if (Math.max(...e.map(Math.abs)) < 2 ** -50) break;
    const next = x.slice();
    for (let i = 0; i < 3; i++)
      for (let j = 0; j < 3; j++)
        for (let k = 0; k < 3; k++) next[3 * i + j] -= (x[3 * i + k] * e[3 * k + j]) / 2;
    x = next;
  }
  return x;
}

/** XᵀX - I. */
function defect(x: Float64Array): Float64Array {
  const e = new Float64Array(9);
  for (let i = 0; i < 3; i++)
    for (let j = 0; j < 3; j++)
      e[3 * i + j] = x[i] * x[j] + x[3 + i] * x[3 + j] + x[6 + i] * x[6 + j] - (i === j ? 1 : 0);
  return e;
}

function determinant(m: Float64Array): number {
  return (
    m[0] * (m[4] * m[8] - m[5] * m[7]) -
    m[1] * (m[3] * m[8] - m[5] * m[6]) +
    m[2] * (m[3] * m[7] - m[4] * m[6])
  );
}
