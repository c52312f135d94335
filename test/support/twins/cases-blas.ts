// Arguments for the comparison of vectors, matrices and windows with their twins; see cases.ts.
import { type Build, bytes, layout } from './cases.js';
import { range } from './cells.js';
import type { Operands } from './operands.js';

const inc = (o: Operands) => o.one([1, 1, 2, 3]);
const vector = (o: Operands, n: number, stride: number) => o.in(Math.max(1, n * stride));

const product =
  (batched: boolean): Build =>
  (o) => {
    const extent = () => (o.int(0, 3) === 0 ? o.one([65, 70]) : o.size());
    const [m, n, k] = [extent(), extent(), extent()];
    const batch = batched ? o.size(3) : 1;
    const [a, b, c] = [layout(o, m, k), layout(o, k, n), layout(o, m, n)];
    const shared = o.int(0, 1) === 0;
    const step = (length: number) => (batched ? [length] : []);
    return [
      ...(batched ? [batch] : []),
      m,
      n,
      k,
      o.one([0, 1, -0.5]),
      o.in(a.length * (shared ? 1 : batch)),
      ...step(shared ? 0 : a.length),
      a.rs,
      a.cs,
      o.in(b.length * batch),
      ...step(b.length),
      b.rs,
      b.cs,
      o.one([0, 1, 0.5]),
      o.out(c.length * batch, 4 + 2 * k),
      ...step(c.length),
      c.rs,
      c.cs,
      o.work(bytes(o, 'gemm_T_work', m, n, k)),
    ];
  };

const numberOf =
  (tolerance: (n: number) => number): Build =>
  (o) => {
    const [n, incx] = [o.one([1, 5, 33, 301, 1030]), inc(o)];
    o.tolerance = tolerance(n);
    return [n, vector(o, n, incx), incx];
  };

export const BLAS: Record<string, Build> = {
  gemm_T: product(false),
  gemm_packed_T: product(false),
  gemm_batched_T: product(true),
  dot_T: (o) => {
    const [n, incx, incy] = [o.one([1, 5, 33, 301]), inc(o), inc(o)];
    o.tolerance = 4 + n;
    return [n, vector(o, n, incx), incx, vector(o, n, incy), incy];
  },
  axpy_T: (o) => {
    const [n, incx, incy] = [o.size(), inc(o), inc(o)];
    return [n, o.one([0, 1, -0.75]), vector(o, n, incx), incx, o.out(n * incy, 4), incy];
  },
  scal_T: (o) => {
    const [n, incx] = [o.size(), inc(o)];
    return [n, o.one([0, 1, -0.75]), o.out(n * incx, 0), incx];
  },
  nrm2_T: numberOf((n) => 8 + n),
  asum_T: numberOf((n) => 4 + n),
  iamax_T: numberOf(() => 0),
  gemv_T: (o) => {
    const [m, n, incx, incy] = [o.size(), o.size(), inc(o), inc(o)];
    const a = layout(o, m, n);
    const x = vector(o, n, incx);
    const y = o.out(m * incy, 4 + 2 * n);
    return [
      m,
      n,
      o.one([0, 1, -0.5]),
      o.in(a.length),
      a.rs,
      a.cs,
      x,
      incx,
      o.one([0, 1, 0.5]),
      y,
      incy,
      o.work(bytes(o, 'gemv_work')),
    ];
  },
  ger_T: (o) => {
    const [m, n, incx, incy] = [o.size(), o.size(), inc(o), inc(o)];
    const a = layout(o, m, n);
    const [x, y] = [vector(o, m, incx), vector(o, n, incy)];
    return [m, n, o.one([0, 1, -0.5]), x, incx, y, incy, o.out(a.length, 6), a.rs, a.cs];
  },
  rotate_T: (o) => {
    const [batch, n, m, count] = [o.size(3), o.int(2, 9), o.size(), o.size()];
    const [x, y] = [layout(o, n, m), layout(o, n, m)];
    const pairs = range(count).flatMap(() => {
      const p = o.int(0, n - 2);
      return [p, o.int(p + 1, n - 1)];
    });
    const angles = range(count).flatMap(() => {
      const angle = o.real(0, 6);
      return [Math.cos(angle), Math.sin(angle)];
    });
    const to = o.out(y.length * batch, 8 + 8 * count);
    const from = o.in(x.length * batch);
    return [
      ...[batch, n, m, count, o.words(pairs), o.in(angles), o.int(0, 1)],
      ...[from, x.length, x.rs, x.cs, to, y.length, y.rs, y.cs, o.work(bytes(o, 'rotate_work', n))],
    ];
  },
};

const length = (o: Operands) => o.one([1, 5, 33, 301, 2051]);
export const VECTORS: Record<string, Build> = {
  axpy_dot_T: (o) => {
    const n = length(o);
    o.tolerance = 8 + 4 * n;
    return [n, o.one([0, 1, -0.75]), o.in(n), o.out(n, 4), o.in(n)];
  },
  axpby_dot_T: (o) => {
    const n = length(o);
    o.tolerance = 8 + 4 * n;
    return [n, o.one([0, 1, -0.75]), o.in(n), o.one([1, 0.5]), o.in(n), o.out(n, 4), o.in(n)];
  },
  copy_dot_T: (o) => {
    const n = length(o);
    o.tolerance = 8 + 4 * n;
    return [n, o.in(n), o.out(n, 0), o.in(n)];
  },
  curvature_T: (o) => {
    const n = length(o);
    return [n, ...range(4).map(() => o.in(n)), o.out(n, 0), o.out(n, 0), o.out(2, 8 + 8 * n)];
  },
  minus_T: (o) => {
    const n = length(o);
    return [n, o.in(n), o.in(n), o.out(n, 0)];
  },
  plus_scaled_T: (o) => {
    const n = length(o);
    return [n, o.one([0, 1, -0.75]), o.in(n), o.in(n), o.out(n, 4)];
  },
  largest_T: (o) => {
    const n = length(o);
    return [n, o.in(n)];
  },
};

/** Windows that may lie beyond the edges; `plain`: strides and dilations 1, `inside`: within the image. */
function geometry(o: Operands, plain: boolean, inside: boolean) {
  const kernel = [o.one([1, 2]), o.one([1, 3]), plain ? o.one([3, 5]) : o.one([1, 2, 3, 5])];
  const [stride, dilation] = [0, 1].map(() => range(3).map(() => (plain ? 1 : o.one([1, 1, 2]))));
  const reach = range(3).map((axis) => (kernel[axis] - 1) * dilation[axis] + 1);
  const extents = range(3).map((axis) => reach[axis] + (axis === 2 ? o.size(17) : o.int(0, 3)));
  const before = range(3).map(() => (inside ? 0 : o.int(0, 2)));
  const output = range(3).map((axis) =>
    Math.max(1, Math.floor((extents[axis] + 2 * before[axis] - reach[axis]) / stride[axis]) + 1),
  );
  const periodic = range(3).map(() => (inside ? 0 : o.int(0, 1)));
  const words = [extents, kernel, output, stride, dilation, before, periodic].flat();
  const of = (list: readonly number[]) => list.reduce((p, n) => p * n, 1);
  // What the windows reach over, the last axis up to a multiple of its stride.
  const padded = range(3).map((axis) => {
    const whole = (output[axis] - 1) * stride[axis] + reach[axis];
    return axis === 2 ? Math.ceil(whole / stride[axis]) * stride[axis] : whole;
  });
  const area = Math.max(of(padded), of(extents));
  return {
    address: o.words(words),
    plane: of(extents),
    taps: of(kernel),
    positions: of(output),
    area,
    kernel,
    output,
  };
}

export const CONV: Record<string, Build> = {
  unfold_T: (o) => {
    const [images, channels, g] = [o.size(2), o.size(3), geometry(o, false, false)];
    const columns = o.out(images * channels * g.taps * g.positions, 0);
    return [images, channels, g.address, o.in(images * channels * g.plane), columns];
  },
  fold_T: (o) => {
    const [images, channels, g] = [o.size(2), o.size(3), geometry(o, false, false)];
    const x = o.out(images * channels * g.plane, 4 * g.taps + 8);
    return [images, channels, g.address, x, o.in(images * channels * g.taps * g.positions)];
  },
  conv_T: (o) => {
    const [form, images, channels, g] = [o.int(0, 3), o.size(3), o.size(3), geometry(o, false, false)];
    const taps = channels * g.taps;
    const outs = form === 3 ? taps : o.size(5);
    const all = form === 3 ? outs : outs + o.int(0, 1);
    const [x, w, y] = [images * channels * g.plane, outs * taps, form === 3 ? 1 : images * all * g.positions];
    const sums = [taps, outs * g.taps, images * g.positions, images * g.positions][form];
    const written = [2, 0, 1, 1][form];
    const [px, pw, py] = [x, w, y].map((n, i) => (i === written ? o.out(n, 8 + 2 * sums) : o.in(n)));
    const work = o.work(bytes(o, 'conv_T_work', images, channels, outs, g.taps, g.positions, g.area));
    return [form, images, channels, outs, all, g.address, px, pw, py, work];
  },
  max_pool_T: (o) => {
    const [planes, g] = [o.size(5), geometry(o, false, true)];
    const x = o.numbers(planes * g.plane).map((v) => Math.round(v * 4));
    if (o.int(0, 2) === 0) x[o.int(0, x.length - 1)] = Number.NaN;
    const y = o.out(planes * g.positions, 0);
    return [planes, g.address, o.in(x), y, o.out(planes * g.positions, 0, 'i32')];
  },
  pool_gather_T: (o) => {
    const [planes, extent, outputs] = [o.size(5), o.size(), o.size()];
    const places = o.words(range(planes * outputs).map(() => o.int(0, extent - 1)));
    return [planes, extent, outputs, o.in(planes * extent), o.out(planes * outputs, 0), places];
  },
  pool_scatter_T: (o) => {
    const [planes, extent, outputs] = [o.size(5), o.size(), o.size()];
    const places = o.words(range(planes * outputs).map(() => o.int(0, extent - 1)));
    return [planes, extent, outputs, o.out(planes * extent, 0), o.in(planes * outputs), places];
  },
  winograd_T: (o) => {
    const [adjoint, images, channels, outs] = [o.int(0, 1), o.size(2), o.size(3), o.size(5)];
    const [all, g] = [outs + o.int(0, 1), geometry(o, true, false)];
    const x = o.in(images * channels * g.plane);
    const w = o.in(outs * channels * g.taps);
    // docs/kernels.md: (d + 20) u g Σ |w| |x| with g up to 43/3.
    const y = o.out(images * all * g.positions, 15 * (channels * g.taps + 20) * 4);
    const work = o.work(
      bytes(o, 'winograd_T_work', images, channels, outs, ...g.kernel, g.output[1], g.output[2]),
    );
    return [adjoint, images, channels, outs, all, g.address, x, w, y, work];
  },
};
