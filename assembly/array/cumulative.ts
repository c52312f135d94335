// out[o][j][i] := Σ_{l <= j} x[o][l][i], or Σ_{l >= j} in reverse: sums of all leading parts of the middle axis, in turn.

/** out := previous + x over `bytes` contiguous bytes. */
function addRow<T>(bytes: usize, out: usize, previous: usize, x: usize): void {
  let o: usize = 0;
  for (; o + 16 <= bytes; o += 16) v128.store(out + o, v128.add<T>(v128.load(previous + o), v128.load(x + o)));
  for (; o < bytes; o += sizeof<T>()) store<T>(out + o, <T>(load<T>(previous + o) + load<T>(x + o)));
}

/** n contiguous elements from x on, `step` bytes apart. */
function contiguous<T>(n: i32, out: usize, x: usize, step: isize): void {
  let sum: T = 0;
  for (let j = 0; j < n; j++) {
    sum = j == 0 ? load<T>(x) : <T>(sum + load<T>(x));
    store<T>(out, sum);
    x += step;
    out += step;
  }
}

/** n >= 1. */
export function cumsum<T>(outer: i32, n: i32, inner: i32, reverse: i32, out: usize, x: usize): void {
  const row = <usize>inner * sizeof<T>(), step: isize = reverse != 0 ? -<isize>row : <isize>row;
  const first = reverse != 0 ? <usize>(n - 1) * row : 0;
  for (let o = 0; o < outer; o++) {
    let from = x + first, to = out + first;
    if (inner == 1) contiguous<T>(n, to, from, step);
    else {
      memory.copy(to, from, row);
      for (let j = 1; j < n; j++) {
        from += step;
        addRow<T>(row, to + step, to, from);
        to += step;
      }
    }
    x += <usize>n * row;
    out += <usize>n * row;
  }
}
