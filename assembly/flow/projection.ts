// The parts of the projection onto fields without divergence that are not transforms: differences, the transposition and products of planes.
import { lanes } from '../simd/lanes';
import { transpose2x2, transpose4x4 } from '../simd/transpose';

/** y := (backward differences of u in x and of v in y) / h, n² numbers; x: [2, n, n]. */
export function divergence<T>(n: i32, inverse: f64, x: usize, y: usize): void {
  const size = <usize>sizeof<T>(), line = <usize>n * size, count = lanes<T>(), factor = v128.splat<T>(<T>inverse);
  for (let i = 0; i < n; i++) {
    const u = x + <usize>i * line, before = i == 0 ? u + <usize>(n - 1) * line : u - line, v = u + <usize>n * line, to = y + <usize>i * line;
    store<T>(to, <T>inverse * (load<T>(u) - load<T>(before) + load<T>(v) - load<T>(v + line - size)));
    let j = 1;
    for (; j + count <= n; j += count) {
      const at = <usize>j * size, across = v128.sub<T>(v128.load(u + at), v128.load(before + at));
      v128.store(to + at, v128.mul<T>(factor, v128.add<T>(across, v128.sub<T>(v128.load(v + at), v128.load(v + at - size)))));
    }
    for (; j < n; j++) {
      const at = <usize>j * size;
      store<T>(to + at, <T>inverse * (load<T>(u + at) - load<T>(before + at) + (load<T>(v + at) - load<T>(v + at - size))));
    }
  }
}

/** y := x - (forward differences of q) / h. */
export function subtractGradient<T>(n: i32, inverse: f64, q: usize, x: usize, y: usize): void {
  const size = <usize>sizeof<T>(), line = <usize>n * size, field = <usize>n * line, count = lanes<T>(), factor = v128.splat<T>(<T>inverse);
  for (let i = 0; i < n; i++) {
    const row = <usize>i * line, p = q + row, next = i == n - 1 ? q : p + line;
    let j = 0;
    for (; j + count < n; j += count) {
      const at = <usize>j * size, here = v128.load(p + at), u = x + row + at, to = y + row + at;
      v128.store(to, v128.sub<T>(v128.load(u), v128.mul<T>(factor, v128.sub<T>(v128.load(next + at), here))));
      v128.store(to + field, v128.sub<T>(v128.load(u + field), v128.mul<T>(factor, v128.sub<T>(v128.load(p + at + size), here))));
    }
    for (; j < n; j++) {
      const at = <usize>j * size, here = load<T>(p + at), u = x + row + at, to = y + row + at;
      store<T>(to, load<T>(u) - <T>inverse * (load<T>(next + at) - here));
      store<T>(to + field, load<T>(u + field) - <T>inverse * (load<T>(j == n - 1 ? p : p + at + size) - here));
    }
  }
}

/** y[c][r] := x[r][c] for rows whose numbers lie beside each other, `px` and `py` numbers apart. */
export function transposed<T>(rows: i32, columns: i32, x: usize, px: i32, y: usize, py: i32): void {
  const size = <usize>sizeof<T>(), from = <usize>px * size, to = <usize>py * size, count = lanes<T>();
  let r = 0;
  for (; r + count <= rows; r += count) {
    const p = x + <usize>r * from, q = y + <usize>r * size;
    let c = 0;
    for (; c + count <= columns; c += count) {
      const a = p + <usize>c * size, b = q + <usize>c * to;
      if (sizeof<T>() == 8) transpose2x2(v128.load(a), v128.load(a + from), b, to);
      else transpose4x4(v128.load(a), v128.load(a + from), v128.load(a + 2 * from), v128.load(a + 3 * from), b, to);
    }
    for (; c < columns; c++) {
      for (let k: usize = 0; k < <usize>count; k++) store<T>(q + <usize>c * to + k * size, load<T>(p + k * from + <usize>c * size));
    }
  }
  for (; r < rows; r++) {
    for (let c = 0; c < columns; c++) store<T>(y + <usize>c * to + <usize>r * size, load<T>(x + <usize>r * from + <usize>c * size));
  }
}

/** x := factor x for `planes` planes of `count` numbers, one after the other. */
export function scalePlanes<T>(planes: i32, count: i32, factor: usize, x: usize): void {
  const size = <usize>sizeof<T>(), end = <usize>count * size, whole = <usize>(count - (count % lanes<T>())) * size;
  for (let k = 0; k < planes; k++, x += end) {
    for (let at: usize = 0; at < whole; at += 16) v128.store(x + at, v128.mul<T>(v128.load(x + at), v128.load(factor + at)));
    for (let at = whole; at < end; at += size) store<T>(x + at, load<T>(x + at) * load<T>(factor + at));
  }
}
