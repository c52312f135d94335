// [H GᵀD Aᵀ; DG -S 0; A 0 0] z = r, where D marks the active inequalities: the derivative of a solution by the implicit
// function theorem. A batch of systems; each is inverted once, and every right side costs two products.
import { zeros } from '../../core/create.js';
import { SingularMatrixError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import { asColumn, asRow, symmetrized } from '../../linalg/rules/matrix.js';
import type { Float } from '../../linalg/stack.js';
import { mul, neg, plus } from '../../ops/arithmetic.js';
import { astype } from '../../ops/cast.js';
import { concat } from '../../ops/concat.js';
import { reshape } from '../../ops/layout.js';
import { matmul } from '../../ops/matmul.js';
import { apply, type Derivative, type Op } from '../../ops/op.js';
import { narrow } from '../../ops/slice.js';
import { type Batch, problemText } from '../problems/batch.js';
import { KktInverse } from './pseudoinverse.js';

/** The matrices of a batch of systems. */
export interface Kkt {
  /** [count, n, n], symmetric. */
  H: Tensor;
  /** [count, p, n]. */
  G: Tensor;
  /** [count, q, n]. */
  A: Tensor;
  /** i32 [count, p]: 1 for the inequalities that count. */
  active: Tensor;
  /** [count, p]: S, which is 0 unless complementarity is relaxed. */
  S: Tensor;
}

type Numbers = ReturnType<Tensor['data']>;

interface KktParams {
  batch: Pick<Batch, 'name' | 'shape' | 'count'>;
}

/** Products of a batch of matrices with a batch of vectors. */
export function times(M: Tensor, v: Tensor, transposeA = false): Tensor {
  const y = matmul(M, asColumn(v), { transposeA });
  return reshape(y, [y.shape[0], y.shape[1]]);
}

/** u vᵀ for each problem. */
export function outer(u: Tensor, v: Tensor): Tensor {
  return mul(asColumn(u), asRow(v));
}

/** The three parts of a vector of unknowns and multipliers. */
export function partsOf(z: Tensor, { G, A }: Pick<Kkt, 'G' | 'A'>): [Tensor, Tensor, Tensor] {
  const [, p, n] = G.shape;
  const q = A.shape[1];
  return [narrow(z, 1, 0, n), narrow(z, 1, n, p), narrow(z, 1, n + p, q)];
}

/** One vector from its parts, of which some may be zero. */
export function joined(parts: readonly Derivative[], { H, G, A }: Kkt): Tensor {
  const { dtype } = H;
  const none = (M: Tensor) => zeros([M.shape[0], M.shape[1]], { dtype });
  return concat([parts[0] ?? none(H), parts[1] ?? none(G), parts[2] ?? none(A)], 1);
}

const inputsOf = ({ H, G, A, active, S }: Kkt) => [H, G, A, active, S];

/** Inverses that are known already: f64 [count, N, N], and i32 [count], 1 where there is one. */
export interface KnownInverses {
  Z: Tensor;
  known: Tensor;
}

/** The (pseudo)inverses of the systems, f64 [count, N, N], for `kktSolve`; a constant to derivatives. */
export function kktInverse(kkt: Kkt, batch: KktParams['batch'], { Z, known }: KnownInverses): Tensor {
  return apply(kktInverseOp, [...inputsOf(kkt), Z, known], { batch });
}

/** z [count, N] for r; differentiable in the matrices and r, to any order. */
export function kktSolve(kkt: Kkt, r: Tensor, Z: Tensor): Tensor {
  return apply(kktSolveOp, [...inputsOf(kkt), r, Z], undefined);
}

const EPSILON: Record<Float, number> = { f64: 2 ** -52, f32: 2 ** -23 };

/** Row of the table: Z. Rows and columns of inequalities that do not count are 0. */
const kktInverseOp: Op<KktParams> = {
  name: 'kktInverse',
  shape([H, G, A]) {
    const N = H.shape[1] + G.shape[1] + A.shape[1];
    return { shape: [H.shape[0], N, N], dtype: 'f64' };
  },
  prepare([Z], [H, G, A, active, S, Z0, known], { batch }) {
    const [, N] = Z.shape;
    const [, n] = H.shape;
    return () => {
      let inverse: KktInverse | undefined;
      for (let k = 0; k < batch.count; k++) {
        if (Z0.size > 0 && known.data()[k] === 1) {
          Z.data().set(Z0.data().subarray(k * N * N, (k + 1) * N * N), k * N * N);
          continue;
        }
        inverse ??= new KktInverse(N, EPSILON[H.dtype as Float], batch.name);
        const system = systemAt(H, G, A, active, S, k);
        const { order } = system;
        const M = order.length;
        const found = inverse.of(system.K, M, n);
        if (!found.isUnique)
          throw new SingularMatrixError(
            `${batch.name}: the solution is not unique${problemText(batch, k)}, so that it has no derivative (add a small multiple ` +
              'of the squared unknowns to the objective, or constraints)',
            0,
          );
        const out = Z.data()
          .subarray(k * N * N, (k + 1) * N * N)
          .fill(0);
        for (let i = 0; i < M; i++)
          for (let j = 0; j < M; j++) out[order[i] * N + order[j]] = found.Z[i * M + j];
      }
    };
  },
};

/** The matrix of problem k without the inequalities that do not count, and the rows that are left. */
function systemAt(H: Tensor, G: Tensor, A: Tensor, active: Tensor, S: Tensor, k: number) {
  const [n, p, q] = [H.shape[1], G.shape[1], A.shape[1]];
  const [h, g, a, on, s] = [H.data(), G.data(), A.data(), active.data(), S.data()];
  const rows: { from: ArrayLike<number>; at: number; s: number }[] = [];
  const order = Array.from({ length: n }, (_, i) => i);
  for (let i = 0; i < p; i++) {
    if (on[k * p + i] !== 1) continue;
    order.push(n + i);
    rows.push({ from: g, at: (k * p + i) * n, s: s[k * p + i] });
  }
  for (let i = 0; i < q; i++) {
    order.push(n + p + i);
    rows.push({ from: a, at: (k * q + i) * n, s: 0 });
  }
  const N = order.length;
  const K = new Float64Array(N * N);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) K[i * N + j] = 0.5 * (h[(k * n + i) * n + j] + h[(k * n + j) * n + i]);
  rows.forEach(({ from, at, s }, i) => {
    for (let j = 0; j < n; j++) K[(n + i) * N + j] = K[j * N + n + i] = from[at + j];
    K[(n + i) * (N + 1)] = -s;
  });
  return { K, order };
}

/** Row of the table: z, with one step of iterative refinement. */
const kktSolveOp: Op = {
  name: 'kktSolve',
  shape: ([, , , , , r]) => r,
  prepare([z], [H, G, A, active, S, r, Z]) {
    const [count, N] = z.shape;
    const sizes = { n: H.shape[1], p: G.shape[1], q: A.shape[1] };
    return () => {
      const data = [H, G, A, S].map((x) => x.data()) as Numbers[];
      const [on, inverse, right, out] = [active.data(), Z.data(), r.data(), z.data()];
      const [side, found, more] = [0, 1, 2].map(() => new Float64Array(N));
      for (let k = 0; k < count; k++) {
        for (let i = 0; i < N; i++) side[i] = right[k * N + i];
        product(inverse, k * N * N, side, found);
        subtract(data, on, sizes, k, found, side);
        product(inverse, k * N * N, side, more);
        for (let i = 0; i < N; i++) out[k * N + i] = found[i] + more[i];
      }
    };
  },
  jvp([tH, tG, tA, , tS, tr], { inputs: [H, G, A, active, S, , Z], outputs: [z] }) {
    const kkt = { H, G, A, active, S };
    const [x, lambda, nu] = partsOf(z, kkt);
    const D = astype(active, z.dtype);
    let first = tH && times(symmetrized(tH), x);
    let second: Derivative;
    let third: Derivative;
    if (tG) {
      first = plus(first, times(tG, mul(D, lambda), true));
      second = mul(D, times(tG, x));
    }
    if (tS) second = plus(second, neg(mul(D, mul(tS, lambda))));
    if (tA) {
      first = plus(first, times(tA, nu, true));
      third = times(tA, x);
    }
    const moved = first || second || third ? neg(joined([first, second, third], kkt)) : undefined;
    const right = plus(tr, moved);
    return right && kktSolve(kkt, right, Z);
  },
  vjp([ct], { inputs: [H, G, A, active, S, , Z], outputs: [z], wanted }) {
    const kkt = { H, G, A, active, S };
    const w = kktSolve(kkt, ct as Tensor, Z);
    const [x, lambda, nu] = partsOf(z, kkt);
    const [wx, wlambda, wnu] = partsOf(w, kkt);
    const D = astype(active, z.dtype);
    const both = (u: Tensor, v: Tensor, a: Tensor, b: Tensor) =>
      neg(plus(outer(u, v), outer(a, b)) as Tensor);
    return [
      wanted[0] ? neg(symmetrized(outer(wx, x))) : undefined,
      wanted[1] ? both(mul(D, wlambda), x, mul(D, lambda), wx) : undefined,
      wanted[2] ? both(wnu, x, nu, wx) : undefined,
      undefined,
      wanted[4] ? mul(D, mul(wlambda, lambda)) : undefined,
      wanted[5] ? w : undefined,
      undefined,
    ];
  },
};

/** y := Z x for the matrix at this position. */
function product(Z: Numbers, at: number, x: Float64Array, y: Float64Array): void {
  const N = x.length;
  for (let i = 0; i < N; i++) {
    const row = at + i * N;
    let sum = 0;
    for (let j = 0; j < N; j++) sum += Z[row + j] * x[j];
    y[i] = sum;
  }
}

/** r := r - K z for problem k; the rows of inequalities that do not count are left as they are. */
function subtract(
  [H, G, A, S]: readonly Numbers[],
  active: Numbers,
  { n, p, q }: { n: number; p: number; q: number },
  k: number,
  z: Float64Array,
  r: Float64Array,
): void {
  for (let i = 0; i < n; i++) {
    const row = (k * n + i) * n;
    // The symmetric part of H, by rows.
    let sum = 0;
    const half = 0.5 * z[i];
    for (let j = 0; j < n; j++) {
      sum += H[row + j] * z[j];
      r[j] -= H[row + j] * half;
    }
    r[i] -= 0.5 * sum;
  }
  const border = (M: Numbers, row: number, at: number) => {
    let sum = 0;
    const value = z[at];
    for (let j = 0; j < n; j++) {
      sum += M[row * n + j] * z[j];
      r[j] -= M[row * n + j] * value;
    }
    r[at] -= sum;
  };
  for (let i = 0; i < p; i++) {
    if (active[k * p + i] !== 1) continue;
    border(G, k * p + i, n + i);
    r[n + i] += S[k * p + i] * z[n + i];
  }
  for (let i = 0; i < q; i++) border(A, k * q + i, n + p + i);
}
