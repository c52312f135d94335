// Arguments for the comparison of factorizations and solves with their twins; see cases.ts. Matrices are far from
// singular and their pivots far apart, so that kernel and twin agree to rounding and choose the same ones.

import { type Build, bytes, layout } from './cases.js';
import { cells, type Rows, range } from './cells.js';
import { twinsOf } from './index.js';
import type { Operands } from './operands.js';

/** Diagonal n, the rest in [-1, 1). */
const dominant = (o: Operands, n: number): Rows =>
  range(n).map((i) => range(n).map((j) => (i === j ? n + 2 : o.real())));
const positive = (o: Operands, n: number): Rows => {
  const a = dominant(o, n);
  return a.map((row, i) => row.map((_, j) => a[Math.max(i, j)][Math.min(i, j)]));
};
/** The rows in another order. */
const shuffled = (o: Operands, a: Rows): Rows =>
  a
    .map((row) => ({ row, key: o.real() }))
    .sort((p, q) => p.key - q.key)
    .map(({ row }) => row);
/** m + n on the diagonal. */
const general = (o: Operands, m: number, n: number): Rows =>
  range(m).map((i) => range(n).map((j) => (i === j ? m + n : o.real())));
/** Rows at a leading dimension, other numbers between. */
const at = (o: Operands, a: Rows, lda: number): number[] =>
  a.flatMap((row) => [...row, ...o.numbers(lda - row.length)]);
const stack = (batch: number, make: () => number[]): number[] => range(batch).flatMap(make);
const TOLERANCE = 400;

/** What a factorization of dense n x n matrices leaves, by its twin in the case's type. */
function factored(o: Operands, kind: 'potrf' | 'getrf' | 'geqrf', batch: number, n: number) {
  const make = () => (kind === 'potrf' ? positive(o, n) : shuffled(o, dominant(o, n))).flat();
  const size = batch * n * n;
  const memory = { buffer: new ArrayBuffer(8 * (size + 2 * batch * n + batch)) };
  const x = cells(memory, o.type);
  const words = cells(memory, 'i32');
  stack(batch, make).forEach((v, i) => {
    x.put(0, i, v);
  });
  const list = 8 * size;
  const twins = twinsOf(memory) as unknown as Record<string, (...args: number[]) => void>;
  const twin = twins[`${kind}_${o.type}`];
  if (kind === 'potrf') twin(batch, n, 0, n, n * n, list, 0);
  else if (kind === 'getrf') twin(batch, n, n, 0, n, n * n, list, list + 8 * batch * n, 0);
  else twin(batch, n, n, 0, n, n * n, list, 0);
  const matrices = o.in(range(size).map((i) => x.at(0, i)));
  if (kind === 'potrf') return [matrices];
  const rest = range(batch * n).map((i) => (kind === 'getrf' ? words : x).at(list, i));
  return [matrices, kind === 'getrf' ? o.words(rest) : o.in(rest)];
}

/** Operands of a batched solve: right sides in some layout. */
function sides(o: Operands, batch: number, n: number, nrhs: number): number[] {
  const b = layout(o, n, nrhs);
  return [o.out(b.length * batch, TOLERANCE), b.rs, b.cs, b.length];
}

const kinds = ['potrf', 'getrf', 'geqrf'] as const;
const solveWork = (o: Operands, kind: string, n: number, nrhs: number) =>
  o.work(kind === 'geqrf' ? bytes(o, 'geqrs_T_work', n, nrhs) : bytes(o, 'level3_T_work', n, nrhs, n));
const verbs = kinds.flatMap((kind): [string, Build][] => [
  [
    `${kind}_det_T`,
    (o) => {
      const [batch, n] = [o.size(3), o.size(9)];
      return [batch, n, ...factored(o, kind, batch, n), o.int(0, 2), o.out(batch, 64)];
    },
  ],
  [
    `${kind}_inverse_T`,
    (o) => {
      const [batch, n] = [o.size(3), o.size(33)];
      const out = o.out(batch * n * n, TOLERANCE);
      return [batch, n, ...factored(o, kind, batch, n), out, solveWork(o, kind, n, n)];
    },
  ],
  [
    `${kind}_reconstruct_T`,
    (o) => {
      const [batch, n] = [o.size(3), o.size(33)];
      const out = o.out(batch * n * n, 40 * (n + 10));
      return [batch, n, ...factored(o, kind, batch, n), out, solveWork(o, kind, n, n)];
    },
  ],
]);

const FACTORS: Record<string, Build> = {
  potrf_T: (o) => {
    const [batch, n] = [o.size(3), o.one([1, 5, 17, 40, 65])];
    const lda = n + o.int(0, 2);
    const infos = o.out(batch, 0, 'i32');
    const A = o.out(
      stack(batch, () => at(o, positive(o, n), lda)),
      TOLERANCE,
    );
    return [batch, n, A, lda, n * lda, infos, o.work(bytes(o, 'level3_T_work', n, n, n))];
  },
  getrf_T: (o) => {
    const [batch, m, n] = [o.size(3), o.one([1, 5, 17, 40]), o.one([1, 5, 17, 40])];
    const lda = n + o.int(0, 2);
    const A = o.out(
      stack(batch, () => at(o, shuffled(o, general(o, m, n)), lda)),
      TOLERANCE,
    );
    const [pivots, infos] = [o.out(batch * Math.min(m, n), 0, 'i32'), o.out(batch, 0, 'i32')];
    return [batch, m, n, A, lda, m * lda, pivots, infos, o.work(bytes(o, 'getrf_T_work', m, n))];
  },
  geqrf_T: (o) => {
    const [batch, m, n] = [o.size(3), o.one([1, 5, 17, 40]), o.one([1, 5, 17, 40])];
    const lda = n + o.int(0, 2);
    const A = o.out(
      stack(batch, () => at(o, general(o, m, n), lda)),
      TOLERANCE,
    );
    const taus = o.out(batch * Math.min(m, n), TOLERANCE);
    return [batch, m, n, A, lda, m * lda, taus, o.work(bytes(o, 'qr_T_work', m, n))];
  },
  geqp3_T: (o) => {
    const [batch, m, n] = [o.size(2), o.int(9, 12), o.size(9)];
    const lda = n + o.int(0, 2);
    const scales = shuffled(
      o,
      range(n).map((j) => [3 ** -j]),
    ).flat();
    const make = () =>
      at(
        o,
        general(o, m, n).map((row) => row.map((v, j) => v * scales[j])),
        lda,
      );
    const A = o.out(stack(batch, make), TOLERANCE);
    const [orders, taus] = [o.out(batch * n, 0, 'i32'), o.out(batch * Math.min(m, n), TOLERANCE)];
    return [batch, m, n, A, lda, m * lda, orders, taus, o.work(bytes(o, 'geqp3_T_work', m, n))];
  },
  orgqr_T: (o) => {
    const [batch, n] = [o.size(3), o.one([3, 9, 35])];
    const [k, columns] = [o.int(1, n), n];
    const [a, taus] = factored(o, 'geqrf', batch, n);
    // The first k reflectors of each, and their scalars as if there were no more of them.
    const few = k === n ? batch : 1;
    return [
      ...[few, n, columns, k, a, n, n * n, taus, o.out(few * n * columns, TOLERANCE), columns, n * columns],
      o.work(bytes(o, 'qr_T_work', n, n)),
    ];
  },
  ormqr_T: (o) => {
    const [m, n] = [o.one([3, 9, 35]), o.one([1, 5, 17])];
    const [a, taus] = factored(o, 'geqrf', 1, m);
    const c = layout(o, m, n);
    const C = o.out(c.length, TOLERANCE);
    return [
      o.int(0, 1),
      m,
      n,
      o.int(1, m),
      a,
      m,
      taus,
      C,
      c.rs,
      c.cs,
      o.work(bytes(o, 'qr_T_work', m, Math.max(m, n))),
    ];
  },
  positive_diagonal_T: (o) => {
    const [batch, m, n, k] = [o.size(3), o.size(9), o.size(9), o.size(9)];
    const R = o.out(batch * k * n, 0);
    return [batch, m, n, k, o.out(batch * m * k, 0), R, o.work(k * (o.type === 'f64' ? 8 : 4))];
  },
  potrs_T: (o) => {
    const [batch, n, nrhs] = [o.size(3), o.one([1, 9, 35]), o.size(9)];
    const b = sides(o, batch, n, nrhs);
    return [
      batch,
      n,
      nrhs,
      ...factored(o, 'potrf', batch, n),
      n,
      n * n,
      ...b,
      solveWork(o, 'potrf', n, nrhs),
    ];
  },
  getrs_T: (o) => {
    const [batch, n, nrhs] = [o.size(3), o.one([1, 9, 35]), o.size(9)];
    const [lu, pivots] = factored(o, 'getrf', batch, n);
    const b = sides(o, batch, n, nrhs);
    return [batch, o.int(0, 1), n, nrhs, lu, n, n * n, pivots, n, ...b, solveWork(o, 'getrf', n, nrhs)];
  },
  geqrs_T: (o) => {
    const [batch, n, nrhs] = [o.size(3), o.one([1, 9, 35]), o.size(9)];
    const [a, taus] = factored(o, 'geqrf', batch, n);
    const b = sides(o, batch, n, nrhs);
    return [batch, o.int(0, 1), n, nrhs, a, n, n * n, taus, n, ...b, solveWork(o, 'geqrf', n, nrhs)];
  },
  trtrs_T: (o) => {
    const [batch, n, nrhs] = [o.size(3), o.size(), o.size(9)];
    const t = layout(o, n, n);
    const T = stack(batch, () => {
      const one = range(t.length).map(() => o.real() / n);
      for (const i of range(n)) one[i * (t.rs + t.cs)] = 2 + o.real();
      return one;
    });
    const b = sides(o, batch, n, nrhs);
    const work = o.work(bytes(o, 'level3_T_work', n, nrhs, n));
    return [batch, o.int(0, 1), o.int(0, 1), n, nrhs, o.in(T), t.rs, t.cs, t.length, ...b, work];
  },
  triangle_T: (o) => {
    const [batch, m, n] = [o.size(3), o.size(9), o.size(9)];
    const [lda, ldo] = [n + o.int(0, 2), n + o.int(0, 2)];
    const out = o.out(batch * m * ldo, 0);
    return [batch, o.int(0, 1), o.int(0, 1), m, n, o.in(batch * m * lda), lda, m * lda, out, ldo, m * ldo];
  },
  cholupdate_T: (o) => {
    const n = o.size(17);
    const [lda, inc, downdate] = [n + o.int(0, 2), o.one([1, 2]), o.int(0, 1)];
    const L = dominant(o, n);
    const x = o.in(n * inc);
    o.spoilt(x, n * inc * (o.type === 'f64' ? 8 : 4));
    return [downdate, n, o.out(at(o, L, lda), TOLERANCE), lda, x, inc];
  },
  zero_pivots_T: (o) => {
    const [batch, n] = [o.size(3), o.size(9)];
    const values = o.numbers(batch * n * n).map((v) => (o.int(0, 2) === 0 ? 0 : v));
    return [batch, n, o.in(values), o.out(batch, 0, 'i32')];
  },
  norm1_T: (o) => {
    const [batch, n] = [o.size(3), o.size(17)];
    const work = o.work(n * (o.type === 'f64' ? 8 : 4));
    return [batch, n, o.in(batch * n * n), o.int(0, 1), o.out(batch, 4 + n), work];
  },
  row_orders: (o) => {
    const [batch, m] = [o.size(3), o.size(9)];
    const k = o.int(1, m);
    const pivots = range(batch).flatMap(() => range(k).map((i) => o.int(i, m - 1)));
    return [batch, m, k, o.words(pivots), o.out(batch * m, 0, 'i32')];
  },
};

export const LAPACK: Record<string, Build> = { ...FACTORS, ...Object.fromEntries(verbs) };
