// [H GᵀD Aᵀ; DG -S 0; A 0 0] z = r, where D marks the active inequalities: the derivative of a solution by the implicit
// function theorem. A batch of systems; each is inverted once, and every right side costs two products.
import { zeros } from '../../core/create.js';
import { SingularMatrixError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import { blas } from '../../generated/blas.js';
import { copyBytes, GEMV_WORK } from '../../linalg/blas/addresses.js';
import { asColumn, symmetrized } from '../../linalg/rules/matrix.js';
import type { Float } from '../../linalg/stack.js';
import { mul, neg, plus } from '../../ops/arithmetic.js';
import { astype } from '../../ops/cast.js';
import { concat, stack } from '../../ops/concat.js';
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

interface KktParams {
  batch: Pick<Batch, 'name' | 'shape' | 'count'>;
}

/** Products of a batch of matrices with a batch of vectors. */
export function times(M: Tensor, v: Tensor, transposeA = false): Tensor {
  const y = matmul(M, asColumn(v), { transposeA });
  return reshape(y, [y.shape[0], y.shape[1]]);
}

/** u vᵀ + a bᵀ for each problem. */
export function twoOuter(u: Tensor, v: Tensor, a: Tensor, b: Tensor): Tensor {
  return matmul(stack([u, a], 2), stack([v, b], 2), { transposeB: true });
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

/** Inverses that are known already: f64 [count, N, N], no elements if all that are known are 0; i32 [count], 1 where there is one. */
export interface KnownInverses {
  Z: Tensor;
  known: Tensor;
}

/** The (pseudo)inverses of the systems, f64 [count, N, N], for `kktSolve`; a constant to derivatives. */
export function kktInverse(kkt: Kkt, batch: KktParams['batch'], { Z, known }: KnownInverses): Tensor {
  return apply(kktInverseOp, [...inputsOf(kkt), Z, known], { batch });
}

/** z [count, N] for r; differentiable in the matrices and r, to any order. Computed in f64 for either dtype. */
export function kktSolve(kkt: Kkt, r: Tensor, Z: Tensor): Tensor {
  const { dtype } = r;
  const wide = (x: Tensor) => (x.dtype === 'f32' ? astype(x, 'f64') : x);
  const z = apply(kktSolveOp, [...inputsOf(kkt).map(wide), wide(r), Z], undefined);
  return dtype === 'f32' ? astype(z, 'f32') : z;
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
        if (known.data()[k] === 1) {
          const own = Z.data().subarray(k * N * N, (k + 1) * N * N);
          if (Z0.size > 0) own.set(Z0.data().subarray(k * N * N, (k + 1) * N * N));
          else own.fill(0);
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

/** Row of the table: z in f64, with one step of iterative refinement. Rows that do not count are 0 in Z. */
const kktSolveOp: Op = {
  name: 'kktSolve',
  shape: ([, , , , , r]) => r,
  prepare([z], [H, G, A, , S, r, Z], _, space) {
    const [count, N] = z.shape;
    const [n, p, q] = [H.shape[1], G.shape[1], A.shape[1]];
    const scratch = space.scratch(8 * (2 * N + GEMV_WORK));
    const [side, more, work] = [scratch, scratch + 8 * N, scratch + 16 * N];
    const { gemv_f64, axpy_f64 } = blas.exports;
    /** y := alpha M x + y, and with the transpose. */
    const add = (rows: number, columns: number, M: number, x: number, y: number) =>
      gemv_f64(rows, columns, -1, M, columns, 1, x, 1, 1, y, 1, work);
    const addTransposed = (rows: number, columns: number, M: number, x: number, y: number) =>
      gemv_f64(columns, rows, -1, M, 1, columns, x, 1, 1, y, 1, work);
    return () => {
      for (let k = 0; k < count; k++) {
        const at = (x: Tensor, size: number) => x.address + 8 * k * size;
        const [out, inverse] = [at(z, N), at(Z, N * N)];
        const [lambda, nu] = [out + 8 * n, out + 8 * (n + p)];
        gemv_f64(N, N, 1, inverse, N, 1, at(r, N), 1, 0, out, 1, work);
        copyBytes(side, at(r, N), 8 * N);
        add(n, n, at(H, n * n), out, side);
        if (p > 0) {
          addTransposed(p, n, at(G, p * n), lambda, side);
          add(p, n, at(G, p * n), out, side + 8 * n);
          addProducts(S, k * p, z, k * N + n, side + 8 * n);
        }
        if (q > 0) {
          addTransposed(q, n, at(A, q * n), nu, side);
          add(q, n, at(A, q * n), out, side + 8 * (n + p));
        }
        gemv_f64(N, N, 1, inverse, N, 1, side, 1, 0, more, 1, work);
        axpy_f64(N, 1, more, 1, out, 1);
      }
    };
  },
  jvp([tH, tG, tA, , tS, tr], { inputs: [H, G, A, active, S, , Z], outputs: [z] }) {
    const kkt = { H, G, A, active, S };
    const [x, lambda, nu] = partsOf(z, kkt);
    const D = astype(active, 'f64');
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
    const D = astype(active, 'f64');
    return [
      wanted[0] ? mul(-0.5, twoOuter(wx, x, x, wx)) : undefined,
      wanted[1] ? neg(twoOuter(mul(D, wlambda), x, mul(D, lambda), wx)) : undefined,
      wanted[2] ? neg(twoOuter(wnu, x, nu, wx)) : undefined,
      undefined,
      wanted[4] ? mul(D, mul(wlambda, lambda)) : undefined,
      wanted[5] ? w : undefined,
      undefined,
    ];
  },
};

/** y := y + S z, element by element, for one problem; y is an address. */
function addProducts(S: Tensor, from: number, z: Tensor, at: number, y: number): void {
  const p = S.shape[1];
  const [s, values] = [S.data(), z.data()];
  const out = new Float64Array(s.buffer, y, p);
  for (let i = 0; i < p; i++) out[i] += s[from + i] * values[at + i];
}
