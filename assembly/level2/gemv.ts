// y := alpha A x + beta y, A m x n with a row stride and a column stride.
// Contiguous rows: four dot products at a time. Contiguous columns: four axpys at a time. Anything else: plain loops.
import { axpyContiguous } from '../level1/axpy';
import { dotContiguous, dotStrided } from '../level1/dot';
import { lanes, madd, sumLanes } from '../simd/lanes';

/** y_i := alpha value + beta y_i; y is not read when beta is zero. */
// @ts-ignore: decorator
@inline
function update<T>(y: usize, alpha: T, value: T, beta: T): void {
  let result = alpha * value;
  if (beta != <T>0) result += beta * load<T>(y);
  store<T>(y, result);
}

const BLOCK: i32 = 256;

/** Four rows of A times one block of x, into four sums at `out`. */
function rows4<T>(n: i32, a: usize, rsa: usize, x: usize, out: usize): void {
  let s0 = v128.splat<T>(0), s1 = s0, s2 = s0, s3 = s0;
  let a1 = a + rsa, a2 = a1 + rsa, a3 = a2 + rsa;
  const w = lanes<T>();
  let j = 0;
  for (; j + w <= n; j += w) {
    const v = v128.load(x);
    s0 = madd<T>(v128.load(a), v, s0);
    s1 = madd<T>(v128.load(a1), v, s1);
    s2 = madd<T>(v128.load(a2), v, s2);
    s3 = madd<T>(v128.load(a3), v, s3);
    x += 16;
    a += 16;
    a1 += 16;
    a2 += 16;
    a3 += 16;
  }
  let t0 = sumLanes<T>(s0), t1 = sumLanes<T>(s1), t2 = sumLanes<T>(s2), t3 = sumLanes<T>(s3);
  for (; j < n; j++) {
    const v = load<T>(x);
    t0 += load<T>(a) * v;
    t1 += load<T>(a1) * v;
    t2 += load<T>(a2) * v;
    t3 += load<T>(a3) * v;
    x += sizeof<T>();
    a += sizeof<T>();
    a1 += sizeof<T>();
    a2 += sizeof<T>();
    a3 += sizeof<T>();
  }
  store<T>(out, load<T>(out) + t0);
  store<T>(out + sizeof<T>(), load<T>(out + sizeof<T>()) + t1);
  store<T>(out + 2 * sizeof<T>(), load<T>(out + 2 * sizeof<T>()) + t2);
  store<T>(out + 3 * sizeof<T>(), load<T>(out + 3 * sizeof<T>()) + t3);
}

/** Contiguous rows; `work` holds four sums. */
function byRows<T>(
  m: i32, n: i32, alpha: T, a: usize, rsa: usize, x: usize, beta: T, y: usize, incy: usize, work: usize,
): void {
  let i = 0;
  for (; i + 4 <= m; i += 4) {
    memory.fill(work, 0, 4 * sizeof<T>());
    for (let j = 0; j < n; j += BLOCK) {
      const o = <usize>j * sizeof<T>();
      rows4<T>(min(BLOCK, n - j), a + o, rsa, x + o, work);
    }
    for (let r: usize = 0; r < 4; r++) update<T>(y + r * incy, alpha, load<T>(work + r * sizeof<T>()), beta);
    a += 4 * rsa;
    y += 4 * incy;
  }
  for (; i < m; i++) {
    update<T>(y, alpha, dotContiguous<T>(n, a, x), beta);
    a += rsa;
    y += incy;
  }
}

/** y += four columns of A times four numbers, contiguous. */
export function columns4<T>(m: i32, a: usize, csa: usize, x0: T, x1: T, x2: T, x3: T, y: usize): void {
  const v0 = v128.splat<T>(x0), v1 = v128.splat<T>(x1), v2 = v128.splat<T>(x2), v3 = v128.splat<T>(x3);
  let a1 = a + csa, a2 = a1 + csa, a3 = a2 + csa;
  const w = lanes<T>();
  let i = 0;
  for (; i + w <= m; i += w) {
    let s = madd<T>(v128.load(a), v0, v128.load(y));
    s = madd<T>(v128.load(a1), v1, s);
    s = madd<T>(v128.load(a2), v2, s);
    s = madd<T>(v128.load(a3), v3, s);
    v128.store(y, s);
    y += 16;
    a += 16;
    a1 += 16;
    a2 += 16;
    a3 += 16;
  }
  for (; i < m; i++) {
    store<T>(y, load<T>(y) + load<T>(a) * x0 + load<T>(a1) * x1 + load<T>(a2) * x2 + load<T>(a3) * x3);
    y += sizeof<T>();
    a += sizeof<T>();
    a1 += sizeof<T>();
    a2 += sizeof<T>();
    a3 += sizeof<T>();
  }
}

/** Contiguous columns and contiguous y. */
function byColumns<T>(
  m: i32, n: i32, alpha: T, a: usize, csa: usize, x: usize, incx: usize, beta: T, y: usize,
): void {
  if (beta == <T>0) memory.fill(y, 0, <usize>m * sizeof<T>());
  else if (beta != <T>1) {
    for (let i = 0; i < m; i++) store<T>(y + <usize>i * sizeof<T>(), beta * load<T>(y + <usize>i * sizeof<T>()));
  }
  let j = 0;
  for (; j + 4 <= n; j += 4) {
    columns4<T>(
      m, a, csa, alpha * load<T>(x), alpha * load<T>(x + incx), alpha * load<T>(x + 2 * incx),
      alpha * load<T>(x + 3 * incx), y,
    );
    a += 4 * csa;
    x += 4 * incx;
  }
  for (; j < n; j++) {
    axpyContiguous<T>(m, alpha * load<T>(x), a, y);
    a += csa;
    x += incx;
  }
}

/** y := alpha A x + beta y; strides in elements; `work` holds 64 bytes. */
export function gemv<T>(
  m: i32, n: i32, alpha: T, a: usize, rsa: i32, csa: i32, x: usize, incx: i32, beta: T, y: usize, incy: i32,
  work: usize,
): void {
  const size = sizeof<T>();
  const ra = <usize>rsa * size, ca = <usize>csa * size, ix = <usize>incx * size, iy = <usize>incy * size;
  if (alpha == <T>0 || n <= 0) {
    if (beta == <T>1) return;
    for (let i = 0; i < m; i++) {
      store<T>(y, beta == <T>0 ? <T>0 : beta * load<T>(y));
      y += iy;
    }
  } else if (csa == 1 && incx == 1) {
    byRows<T>(m, n, alpha, a, ra, x, beta, y, iy, work);
  } else if (rsa == 1 && incy == 1) {
    byColumns<T>(m, n, alpha, a, ca, x, ix, beta, y);
  } else {
    for (let i = 0; i < m; i++) {
      update<T>(y, alpha, dotStrided<T>(n, a, ca, x, ix), beta);
      a += ra;
      y += iy;
    }
  }
}
