// Arguments for the comparison of symmetric and triangular kernels of levels 2 and 3 with their twins; see cases.ts.
import { type Build, bytes, layout } from './cases.js';
import { range } from './cells.js';

const TOLERANCE = 400;

const triangleCase =
  (column: boolean): Build =>
  (o) => {
    const [m, n] = [o.int(0, 3) === 0 ? 65 : o.size(), column ? 1 : o.size()];
    const t = layout(o, m, m);
    const b = column ? { rs: o.one([1, 2]), cs: 1, length: 2 * m } : layout(o, m, n);
    const T = range(t.length).map(() => o.real() / m);
    for (const i of range(m)) T[i * (t.rs + t.cs)] = 2 + o.real();
    const [lower, unit] = [o.int(0, 1), o.int(0, 1)];
    const B = o.out(b.length, TOLERANCE);
    if (column) return [lower, unit, m, o.in(T), t.rs, t.cs, B, b.rs];
    return [
      lower,
      unit,
      m,
      n,
      o.in(T),
      t.rs,
      t.cs,
      B,
      b.rs,
      b.cs,
      o.work(bytes(o, 'level3_T_work', m, n, m)),
    ];
  };

export const LEVEL3: Record<string, Build> = {
  trsm_T: triangleCase(false),
  trmm_T: triangleCase(false),
  trsv_T: triangleCase(true),
  trmv_T: triangleCase(true),
  syrk_T: (o) => {
    const [n, k] = [o.int(0, 3) === 0 ? 65 : o.size(), o.size()];
    const [a, c] = [layout(o, n, k), layout(o, n, n)];
    const C = o.out(c.length, 8 + 2 * k);
    const A = o.in(a.length);
    return [
      n,
      k,
      o.one([1, -0.5]),
      A,
      a.rs,
      a.cs,
      o.one([0, 1, 0.5]),
      C,
      c.rs,
      c.cs,
      o.work(bytes(o, 'level3_T_work', n, n, k)),
    ];
  },
  symm_T: (o) => {
    const [n, m] = [o.int(0, 3) === 0 ? 70 : o.size(), o.size()];
    const [a, b, c] = [layout(o, n, n), layout(o, n, m), layout(o, n, m)];
    const [A, B] = [o.in(a.length), o.in(b.length)];
    const C = o.out(c.length, 8 + 2 * n);
    return [
      n,
      m,
      o.one([1, -0.5]),
      A,
      a.rs,
      a.cs,
      B,
      b.rs,
      b.cs,
      o.one([0, 1, 0.5]),
      C,
      c.rs,
      c.cs,
      o.work(bytes(o, 'symm_T_work', n, m)),
    ];
  },
  symv_T: (o) => {
    const [n, incx, incy] = [o.size(), o.one([1, 2]), o.one([1, 2])];
    const a = layout(o, n, n);
    const y = o.out(n * incy, 8 + 2 * n);
    return [
      n,
      o.one([0, 1, -0.5]),
      o.in(a.length),
      a.rs,
      a.cs,
      o.in(n * incx),
      incx,
      o.one([0, 1, 0.5]),
      y,
      incy,
    ];
  },
  syr_T: (o) => {
    const [n, incx] = [o.size(), o.one([1, 2])];
    const a = layout(o, n, n);
    return [n, o.one([1, -0.5]), o.in(n * incx), incx, o.out(a.length, 8), a.rs, a.cs];
  },
  syr2_T: (o) => {
    const [n, incx, incy] = [o.size(), o.one([1, 2]), o.one([1, 2])];
    const a = layout(o, n, n);
    return [n, o.one([1, -0.5]), o.in(n * incx), incx, o.in(n * incy), incy, o.out(a.length, 16), a.rs, a.cs];
  },
};
