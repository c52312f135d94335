// out[o][j][i] := Σ_{l <= j} x[o][l][i], or Σ_{l >= j} in reverse: sums of all leading parts of the middle axis, in turn.
// f32 is summed in f64. f64 keeps what each addition loses and adds it to every result, so that the error does not grow with n.

/** Integers wrap around. */
function integers(n: i32, out: usize, x: usize, step: isize): void {
  let sum = 0;
  for (let j = 0; j < n; j++) {
    sum += load<i32>(x);
    store<i32>(out, sum);
    x += step;
    out += step;
  }
}

/** n elements from x on, `step` bytes apart. */
function line<T>(n: i32, out: usize, x: usize, step: isize): void {
  let sum: f64 = -0.0, lost: f64 = 0;
  for (let j = 0; j < n; j++) {
    const v = <f64>load<T>(x);
    const next = sum + v;
    if (sizeof<T>() == 8) {
      // What the addition lost (Knuth's two-sum); not a number once a sum is infinite.
      const back = next - sum;
      lost += sum - (next - back) + (v - back);
      store<T>(out, <T>(lost == 0 || lost != lost ? next : next + lost));
    } else {
      store<T>(out, <T>next);
    }
    sum = next;
    x += step;
    out += step;
  }
}

/** The same for two columns side by side. */
function pairOfLines<T>(n: i32, out: usize, x: usize, step: isize): void {
  let sum = f64x2.splat(-0.0), lost = f64x2.splat(0);
  for (let j = 0; j < n; j++) {
    const v = sizeof<T>() == 8 ? v128.load(x) : f64x2.promote_low_f32x4(v128.load64_zero(x));
    const next = f64x2.add(sum, v);
    if (sizeof<T>() == 8) {
      const back = f64x2.sub(next, sum);
      lost = f64x2.add(lost, f64x2.add(f64x2.sub(sum, f64x2.sub(next, back)), f64x2.sub(v, back)));
      const plain = v128.or(f64x2.eq(lost, f64x2.splat(0)), f64x2.ne(lost, lost));
      v128.store(out, v128.bitselect(next, f64x2.add(next, lost), plain));
    } else {
      v128.store64_lane(out, f32x4.demote_f64x2_zero(next), 0);
    }
    sum = next;
    x += step;
    out += step;
  }
}

/** Eight columns of f32 side by side. */
function eightLines(n: i32, out: usize, x: usize, step: isize): void {
  let s0 = f64x2.splat(-0.0), s1 = s0, s2 = s0, s3 = s0;
  for (let j = 0; j < n; j++) {
    s0 = f64x2.add(s0, f64x2.promote_low_f32x4(v128.load64_zero(x)));
    s1 = f64x2.add(s1, f64x2.promote_low_f32x4(v128.load64_zero(x, 8)));
    s2 = f64x2.add(s2, f64x2.promote_low_f32x4(v128.load64_zero(x, 16)));
    s3 = f64x2.add(s3, f64x2.promote_low_f32x4(v128.load64_zero(x, 24)));
    v128.store64_lane(out, f32x4.demote_f64x2_zero(s0), 0);
    v128.store64_lane(out, f32x4.demote_f64x2_zero(s1), 0, 8);
    v128.store64_lane(out, f32x4.demote_f64x2_zero(s2), 0, 16);
    v128.store64_lane(out, f32x4.demote_f64x2_zero(s3), 0, 24);
    x += step;
    out += step;
  }
}

/** n rows of `inner` columns: a few columns at a time from top to bottom. */
function columns<T>(n: i32, inner: i32, out: usize, x: usize, step: isize): void {
  let i = 0;
  if (sizeof<T>() == 4) {
    for (; i + 8 <= inner; i += 8) {
      eightLines(n, out, x, step);
      out += 32;
      x += 32;
    }
  }
  for (; i + 2 <= inner; i += 2) {
    pairOfLines<T>(n, out, x, step);
    out += 2 * sizeof<T>();
    x += 2 * sizeof<T>();
  }
  if (i < inner) line<T>(n, out, x, step);
}

/** n >= 1. */
export function cumsum<T>(outer: i32, n: i32, inner: i32, reverse: i32, out: usize, x: usize): void {
  const row = <usize>inner * sizeof<T>(), step: isize = reverse != 0 ? -<isize>row : <isize>row;
  const first = reverse != 0 ? <usize>(n - 1) * row : 0;
  for (let o = 0; o < outer; o++) {
    if (isFloat<T>()) columns<T>(n, inner, out + first, x + first, step);
    else {
      for (let i: usize = 0; i < row; i += 4) integers(n, out + first + i, x + first + i, step);
    }
    x += <usize>n * row;
    out += <usize>n * row;
  }
}
