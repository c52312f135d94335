// Arguments for the comparison of tridiagonal and banded solvers and of optimizer steps with their twins; see cases.ts.
import { type Build, bytes } from './cases.js';
import { range } from './cells.js';
import type { Operands } from './operands.js';

const TOLERANCE = 400;

export const BANDED: Record<string, Build> = {
  gtsv_T: (o) => {
    const [batch, n, nrhs] = [o.size(3), o.size(), o.size(9)];
    const [shared, singular] = [o.int(0, 1) === 1, o.int(0, 5) === 0];
    const many = shared ? 1 : batch;
    const diagonal = o.numbers(many * n, 2, 4).map((v, i) => (singular && n === 1 && i === many - 1 ? 0 : v));
    const [lower, upper] = [o.in(many * n), o.in(many * n)];
    const b = o.out(batch * n * nrhs, TOLERANCE);
    const work = o.work(bytes(o, 'gtsv_T_work', n));
    const stride = shared ? 0 : n;
    return [batch, n, nrhs, lower, o.in(diagonal), upper, stride, stride, b, n * nrhs, work];
  },
  gbsv_T: (o) => {
    const [batch, n, nrhs, kl, ku] = [o.size(3), o.size(), o.size(9), o.int(0, 3), o.int(0, 3)];
    const stride = (kl + ku + 1) * n;
    const bands = o.numbers(batch * stride);
    for (const s of range(batch)) for (const j of range(n)) bands[s * stride + ku * n + j] += 8;
    const b = o.out(batch * n * nrhs, TOLERANCE);
    return [
      batch,
      n,
      kl,
      ku,
      nrhs,
      o.in(bands),
      stride,
      b,
      n * nrhs,
      o.work(bytes(o, 'gbsv_T_work', n, kl, ku)),
    ];
  },
};

const optional = (o: Operands, n: number, low = 0) => (o.int(0, 1) ? o.out(o.numbers(n, low, 1), 32) : 0);
export const OPTIMIZER_STEPS: Record<string, Build> = {
  adam_T: (o) => {
    const n = o.one([1, 7, 33, 301]);
    const [p, m, v] = [o.out(n, 32), o.out(n, 8), o.out(o.numbers(n, 0.1, 1), 8)];
    const [top, coupled] = [optional(o, n), o.int(0, 1)];
    return [n, coupled, p, o.in(n), m, v, top, 0.1, 0.99, 0.01, 0.05, 1e-3, coupled ? 0.01 : 0.99];
  },
  momentum_T: (o) => {
    const n = o.one([1, 7, 33, 301]);
    return [n, o.out(n, 16), o.in(n), o.out(n, 16), 0.1, 0.01, 0.9, o.one([1, 0.1]), o.one([0, 0.9])];
  },
  descend_T: (o) => {
    const n = o.one([1, 7, 33, 301]);
    return [n, o.out(n, 8), o.in(n), 0.1, 0.01];
  },
  rmsprop_T: (o) => {
    const n = o.one([1, 7, 33, 301]);
    const s = o.out(o.numbers(n, 1, 2), 8);
    const a = optional(o, n, -0.1);
    return [n, o.out(n, 32), o.in(n), s, a, optional(o, n, -1), 0.1, 0.01, 0.9, 0.1, 1e-2, 0.9];
  },
  lerp_T: (o) => {
    const n = o.size();
    return [n, 0.25, o.in(n), o.out(n, 8)];
  },
  clamp_T: (o) => {
    const n = o.size();
    return [n, 0.5, o.out(n, 0)];
  },
};
