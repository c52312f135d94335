// Random quadratic programs of every kind, with what must come out of them.
import { type Tensor, tensor } from '#src/index.js';

export interface Numbers {
  n: number;
  m: number;
  p: number;
  P: number[];
  q: number[];
  G: number[];
  h: number[];
  A: number[];
  b: number[];
}

/** Numbers of a seed: uniform on [0, 1). */
export function generator(seed: number): () => number {
  let state = (seed * 2654435761) | 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 0) / 2 ** 32;
  };
}

const product = (M: number[], rows: number, columns: number, x: number[]) =>
  Array.from({ length: rows }, (_, i) => x.reduce((sum, v, j) => sum + M[i * columns + j] * v, 0));

/** FᵀF. */
function gram(F: number[], rank: number, n: number): number[] {
  const P = new Array<number>(n * n).fill(0);
  for (let k = 0; k < rank; k++)
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) P[i * n + j] += F[k * n + i] * F[k * n + j];
  return P;
}

export const KINDS = ['definite', 'semidefinite', 'linear'] as const;
export const DEFECTS = ['none', 'duplicated', 'degenerate', 'zero rows', 'scaled'] as const;

/**
 * A program with a solution x, λ, ν that is made first: `degenerate` has active rows without a multiplier, `duplicated` a row of
 * G that is twice another and one of A that is a combination of others.
 */
export function solvable(
  seed: number,
  kind: string,
  defect: string,
  n: number,
  m: number,
  p: number,
): Numbers {
  const uniform = generator(seed);
  const normal = () => Math.sqrt(-2 * Math.log(uniform() + 1e-300)) * Math.cos(2 * Math.PI * uniform());
  const matrix = (rows: number, columns: number) => Array.from({ length: rows * columns }, normal);
  const rank = kind === 'linear' ? 0 : kind === 'semidefinite' ? Math.floor(n / 2) : n + 1;
  const [P, G, A] = [gram(matrix(rank, n), rank, n), matrix(m, n), matrix(p, n)];
  const [x, nu] = [matrix(1, n), matrix(1, p)];
  for (let j = 0; j < n; j++) {
    if (defect === 'duplicated' && m > 1) G[(m - 1) * n + j] = 2 * G[j];
    if (defect === 'duplicated' && p > 1) A[(p - 1) * n + j] = A[j] - (p > 2 ? A[n + j] : 0);
    if (defect === 'zero rows' && m > 1) G[n + j] = 0;
    if (defect === 'zero rows' && p > 1) A[n + j] = 0;
  }
  const lambda = Array.from({ length: m }, () => (uniform() < 0.4 ? 2 * uniform() : 0));
  const isActive = lambda.map((l) => l > 0 || (defect === 'degenerate' && uniform() < 0.5));
  const h = product(G, m, n, x).map((value, i) => value + (isActive[i] ? 0 : 2 * uniform()));
  const b = product(A, p, n, x);
  const q = product(P, n, n, x).map((value, j) => {
    let sum = -value;
    for (let i = 0; i < m; i++) sum -= G[i * n + j] * lambda[i];
    for (let i = 0; i < p; i++) sum -= A[i * n + j] * nu[i];
    return sum;
  });
  if (defect === 'scaled') {
    const c = Array.from({ length: n }, () => 10 ** (6 * uniform() - 3));
    for (let j = 0; j < n; j++) {
      q[j] *= c[j];
      for (let i = 0; i < n; i++) P[i * n + j] *= c[i] * c[j];
      for (let i = 0; i < m; i++) G[i * n + j] *= c[j];
      for (let i = 0; i < p; i++) A[i * n + j] *= c[j];
    }
  }
  return { n, m, p, P, q, G, h, A, b };
}

/** The same without a feasible point: row 1 of G x <= h asks for the contrary of row 0. */
export function contradictory(seed: number, kind: string, n: number, m: number, p: number): Numbers {
  const program = solvable(seed, kind, 'none', n, m, p);
  const { G, h } = program;
  for (let j = 0; j < n; j++) G[n + j] = -G[j];
  h[1] = -h[0] - 0.1 - generator(seed + 1)();
  return program;
}

/** The same with a ray along which the value falls: e_0, which P and A do not see and G allows. */
export function falling(seed: number, kind: string, n: number, m: number, p: number): Numbers {
  const program = solvable(seed, kind, 'none', n, m, p);
  const { P, q, G, A } = program;
  const x = Array.from({ length: n }, (_, j) => generator(seed + j)());
  for (let j = 0; j < n; j++) {
    P[j] = 0;
    P[j * n] = 0;
  }
  for (let i = 0; i < m; i++) G[i * n] = i % 3 === 0 ? 0 : -Math.abs(G[i * n]);
  for (let i = 0; i < p; i++) A[i * n] = 0;
  q[0] = -1;
  const [h, b] = [product(G, m, n, x).map((value) => value + 0.5), product(A, p, n, x)];
  return { ...program, h, b };
}

/** The same program in other units: of every variable, every row, the objective and the size of the solution. */
export function inUnits(program: Numbers, seed: number): Numbers {
  const uniform = generator(seed);
  const unit = (most: number) => 10 ** (most * (2 * uniform() - 1));
  const { n, m, p } = program;
  const [cost, size] = [unit(4), unit(4)];
  const [c, r, f] = [n, m, p].map((count) => Array.from({ length: count }, () => unit(2)));
  const rows = (M: number[], by: number[]) => M.map((v, at) => v * by[Math.floor(at / n)] * c[at % n]);
  return {
    ...{ n, m, p, G: rows(program.G, r), A: rows(program.A, f) },
    P: rows(program.P, c).map((v) => cost * v),
    q: program.q.map((v, j) => v * c[j] * cost * size),
    h: program.h.map((v, i) => v * r[i] * size),
    b: program.b.map((v, i) => v * f[i] * size),
  };
}

/** max Σ 10^(n-j) x_j with 2 Σ_{j<i} 10^(i-j) x_j + x_i <= 100^(i-1) and x >= 0: at the minimum x_n = 100^(n-1), and all others are 0. */
export function kleeMinty(n: number): Numbers {
  const power = (i: number) => 10 ** i;
  const entry = (i: number, j: number) => (j > i ? 0 : j === i ? 1 : 2 * power(i - j));
  const indices = Array.from({ length: n }, (_, i) => i);
  return {
    ...{ n, m: 2 * n, p: 0, P: new Array<number>(n * n).fill(0), A: [], b: [] },
    q: indices.map((j) => -power(n - 1 - j)),
    G: [
      ...indices.flatMap((i) => indices.map((j) => entry(i, j))),
      ...indices.flatMap((i) => indices.map((j) => (i === j ? -1 : 0))),
    ],
    h: [...indices.map((i) => power(2 * i)), ...indices.map(() => 0)],
  };
}

/** As tensors. */
export function tensors({ n, m, p, P, q, G, h, A, b }: Numbers, dtype: 'f64' | 'f32' = 'f64') {
  const make = (data: number[], shape: number[]): Tensor => tensor(data, { shape, dtype });
  return {
    ...{ P: make(P, [n, n]), q: make(q, [n]), G: make(G, [m, n]) },
    ...{ h: make(h, [m]), A: make(A, [p, n]), b: make(b, [p]) },
  };
}

/** By how much Gᵀλ + Aᵀν = 0, λ >= 0, hᵀλ + bᵀν = -1 are missed. */
export function missedContradiction(
  { n, m, p, G, h, A, b }: Numbers,
  lambda: ArrayLike<number>,
  nu: ArrayLike<number>,
): number {
  let worst = 0;
  let right = 1;
  for (let j = 0; j < n; j++) {
    let sum = 0;
    for (let i = 0; i < m; i++) sum += G[i * n + j] * lambda[i];
    for (let i = 0; i < p; i++) sum += A[i * n + j] * nu[i];
    worst = Math.max(worst, Math.abs(sum));
  }
  for (let i = 0; i < m; i++) {
    worst = Math.max(worst, -lambda[i]);
    right += h[i] * lambda[i];
  }
  for (let i = 0; i < p; i++) right += b[i] * nu[i];
  return Math.max(worst, Math.abs(right));
}

/** By how much P x = 0, G x <= 0, A x = 0, qᵀx = -1 are missed. */
export function missedRay({ n, m, p, P, q, G, A }: Numbers, ray: ArrayLike<number>): number {
  const x = Array.from(ray);
  const absolute = [...product(P, n, n, x), ...product(A, p, n, x), product(q, 1, n, x)[0] + 1].map(Math.abs);
  return Math.max(0, ...absolute, ...product(G, m, n, x));
}
