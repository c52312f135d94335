// Kolmogorov flow by definition, on plain arrays: an explicit step of the finite volumes, and the tendency of the spectral form as a sum over pairs of waves.

export interface Numbers {
  dt: number;
  viscosity: number;
  damping: number;
  amplitude: number;
  wavenumber: number;
}

const around = (i: number, n: number): number => ((i % n) + n) % n;

/** φ(r) of van Leer, r = above / below, times below: 0 where nothing varies. */
function limited(above: number, below: number): number {
  if (below === 0) return 0;
  const r = above / below;
  return r > 0 ? ((2 * r) / (1 + r)) * below : 0;
}

/** A step of [u, v], 2 n² numbers, before the projection. */
export function explicitStep(x: ArrayLike<number>, n: number, numbers: Numbers): Float64Array {
  const { dt, viscosity, damping, amplitude, wavenumber } = numbers;
  const h = (2 * Math.PI) / n;
  const y = new Float64Array(2 * n * n);
  type Field = (i: number, j: number) => number;
  const field =
    (c: number): Field =>
    (i, j) =>
      x[(c * n + around(i, n)) * n + around(j, n)];
  const [u, v] = [field(0), field(1)];
  /** Through the face behind cell (i, j) along x or y, at the speed a. */
  const flux = (c: Field, a: number, i: number, j: number, [p, q]: readonly [number, number]) => {
    const at = (k: number) => c(i + k * p, j + k * q);
    const [left, right] = [at(0), at(1)];
    const up = a > 0 ? left : right;
    // Lax-Wendroff's value less the upwind one, with φ in the place of 1.
    const change = limited(a > 0 ? left - at(-1) : at(2) - right, right - left);
    const sign = a > 0 ? 1 : -1;
    return a * (up + (0.5 * sign - (0.5 * dt * a) / h) * change);
  };
  const [X, Y] = [[1, 0] as const, [0, 1] as const];
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      const onto =
        (a: Field, p: number, q: number): Field =>
        (k, l) =>
          (a(k, l) + a(k + p, l + q)) / 2;
      const moved = (c: Field, across: Field, along: Field) => {
        const divergence =
          (flux(c, across(i, j), i, j, X) - flux(c, across(i - 1, j), i - 1, j, X)) / h +
          (flux(c, along(i, j), i, j, Y) - flux(c, along(i, j - 1), i, j - 1, Y)) / h;
        const laplacian = (c(i + 1, j) + c(i - 1, j) + c(i, j + 1) + c(i, j - 1) - 4 * c(i, j)) / h ** 2;
        return c(i, j) + dt * (-divergence + viscosity * laplacian - damping * c(i, j));
      };
      const force = amplitude * Math.sin(wavenumber * (j + 0.5) * h);
      y[i * n + j] = moved(u, onto(u, 1, 0), onto(v, 1, 0)) + dt * force;
      y[(n + i) * n + j] = moved(v, onto(u, 0, 1), onto(v, 0, 1));
    }
  return y;
}

/** Largest difference of two lists. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < b.length; i++) {
    const error = Math.abs(a[i] - b[i]);
    if (!(error <= largest)) largest = Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
  }
  return a.length === b.length ? largest : Number.POSITIVE_INFINITY;
}

type Complex = [re: number, im: number];

/** ω̂(p, q) = Σ ω exp(-i (p x + q y)) / n², of n² numbers. */
export function transformed(w: ArrayLike<number>, n: number): (p: number, q: number) => Complex {
  const known = new Map<string, Complex>();
  return (p, q) => {
    const key = `${p} ${q}`;
    let sum = known.get(key);
    if (sum === undefined) {
      sum = [0, 0];
      for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++) {
          const angle = (2 * Math.PI * (p * i + q * j)) / n;
          sum[0] += (w[i * n + j] * Math.cos(angle)) / n ** 2;
          sum[1] -= (w[i * n + j] * Math.sin(angle)) / n ** 2;
        }
      known.set(key, sum);
    }
    return sum;
  };
}

/**
 * dω/dt at the points: waves p, q with |p|, |q| < n/3 in each component advect each other, -u·∇ω summed over all pairs; viscosity and damping act on all waves of the grid.
 */
export function vorticityTendency(w: ArrayLike<number>, n: number, numbers: Numbers): Float64Array {
  const { viscosity, damping, amplitude, wavenumber } = numbers;
  const hat = transformed(w, n);
  const cut = Math.ceil(n / 3) - 1;
  const waves: [number, number][] = [];
  for (let p = -cut; p <= cut; p++) for (let q = -cut; q <= cut; q++) waves.push([p, q]);
  const advected = new Map<string, Complex>();
  for (const [p, q] of waves)
    for (const [r, s] of waves) {
      if ((p === 0 && q === 0) || Math.abs(p + r) > cut || Math.abs(q + s) > cut) continue;
      // û = i q ω̂ / k², v̂ = -i p ω̂ / k²; ∇ω = i (r, s) ω̂: -u·∇ω = (q r - p s) ω̂ ω̂ / k².
      const factor = (q * r - p * s) / (p * p + q * q);
      const [[a, b], [c, d]] = [hat(p, q), hat(r, s)];
      const key = `${p + r} ${q + s}`;
      const sum = advected.get(key) ?? [0, 0];
      advected.set(key, [sum[0] + factor * (a * c - b * d), sum[1] + factor * (a * d + b * c)]);
    }
  const y = new Float64Array(n * n);
  const signed = (k: number) => (2 * k <= n ? k : k - n);
  for (let k = 0; k < n; k++)
    for (let l = 0; l < n; l++) {
      const [p, q] = [signed(k), signed(l)];
      const [re, im] = hat(p, q);
      const decay = -viscosity * (p * p + q * q) - damping;
      const [a, b] = advected.get(`${p} ${q}`) ?? [0, 0];
      const [real, imaginary] = [decay * re + a, decay * im + b];
      for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++) {
          const angle = (2 * Math.PI * (p * i + q * j)) / n;
          y[i * n + j] += real * Math.cos(angle) - imaginary * Math.sin(angle);
        }
    }
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++)
      y[i * n + j] -= amplitude * wavenumber * Math.cos((2 * Math.PI * wavenumber * j) / n);
  return y;
}
