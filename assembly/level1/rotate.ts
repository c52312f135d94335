// Y := G X for a sequence of plane rotations, each of which takes rows p and q of X to c p + s q and c q - s p.
// Strips of X, one cache line wide, are copied together so that a whole sequence runs over them in the inner cache, however
// far apart the rows of X lie; a transpose is only another pair of strides. Each element costs four operations a rotation.
import { lanes, madd } from '../simd/lanes';

/** Elements of a strip's row: one cache line. */
// @ts-ignore: decorator
@inline
function width<T>(): i32 {
  return 4 * lanes<T>();
}

/** Rotations between two calls: a function of its own reaches the optimizing tier, a loop that never ends does not. */
const RUN: i32 = 512;

/** `count` rotations over a strip; `step` is 1 or -1 in rotations. A rotation is (p, q) in i32 and (c, s) in T. */
function runStrip<T>(count: i32, pairs: usize, angles: usize, step: isize, strip: usize): void {
  for (let t = 0; t < count; t++) {
    const p = strip + (<usize>load<i32>(pairs) << 6), q = strip + (<usize>load<i32>(pairs, 4) << 6);
    const c = v128.load_splat<T>(angles), s = v128.load_splat<T>(angles, sizeof<T>());
    const minus = v128.neg<T>(s);
    const p0 = v128.load(p), q0 = v128.load(q);
    v128.store(p, madd<T>(s, q0, v128.mul<T>(c, p0)));
    v128.store(q, madd<T>(minus, p0, v128.mul<T>(c, q0)));
    const p1 = v128.load(p, 16), q1 = v128.load(q, 16);
    v128.store(p, madd<T>(s, q1, v128.mul<T>(c, p1)), 16);
    v128.store(q, madd<T>(minus, p1, v128.mul<T>(c, q1)), 16);
    const p2 = v128.load(p, 32), q2 = v128.load(q, 32);
    v128.store(p, madd<T>(s, q2, v128.mul<T>(c, p2)), 32);
    v128.store(q, madd<T>(minus, p2, v128.mul<T>(c, q2)), 32);
    const p3 = v128.load(p, 48), q3 = v128.load(q, 48);
    v128.store(p, madd<T>(s, q3, v128.mul<T>(c, p3)), 48);
    v128.store(q, madd<T>(minus, p3, v128.mul<T>(c, q3)), 48);
    pairs += step * 8;
    angles += step * (2 * sizeof<T>());
  }
}

/** The same for a strip of one column. */
function runColumn<T>(count: i32, pairs: usize, angles: usize, step: isize, column: usize): void {
  for (let t = 0; t < count; t++) {
    const p = column + <usize>load<i32>(pairs) * sizeof<T>(), q = column + <usize>load<i32>(pairs, 4) * sizeof<T>();
    const c = load<T>(angles), s = load<T>(angles, sizeof<T>());
    const x = load<T>(p), y = load<T>(q);
    store<T>(p, c * x + s * y);
    store<T>(q, c * y - s * x);
    pairs += step * 8;
    angles += step * (2 * sizeof<T>());
  }
}

/** to[i][j] := from[i][j] for i < n and j < columns; strides in bytes. */
function copyStrip<T>(n: i32, columns: i32, from: usize, rsf: usize, csf: usize, to: usize, rst: usize, cst: usize): void {
  for (let i = 0; i < n; i++) {
    let f = from, t = to;
    for (let j = 0; j < columns; j++) {
      store<T>(t, load<T>(f));
      f += csf;
      t += cst;
    }
    from += rsf;
    to += rst;
  }
}

/** to[i] := from[i], one cache line each; strides in bytes. */
function copyLines(n: i32, from: usize, rsf: usize, to: usize, rst: usize): void {
  for (let i = 0; i < n; i++) {
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
    v128.store(to, v128.load(from, 32), 32);
    v128.store(to, v128.load(from, 48), 48);
    from += rsf;
    to += rst;
  }
}

/**
 * Y := rotations applied to X, n x m with strides in elements, in the order of the list or, for `backward`, from its end.
 * pairs: 2 i32 a rotation; angles: (cos, sin), 2 T a rotation. Y may be X. `work` holds rotateWorkspace bytes.
 */
export function rotate<T>(
  n: i32, m: i32, count: i32, pairs: usize, angles: usize, backward: bool,
  x: usize, rsx: i32, csx: i32, y: usize, rsy: i32, csy: i32, work: usize,
): void {
  const size = sizeof<T>();
  const rx = <usize>rsx * size, cx = <usize>csx * size, ry = <usize>rsy * size, cy = <usize>csy * size;
  const step: isize = backward ? -1 : 1;
  const first = backward ? count - 1 : 0;
  for (let j = 0; j < m; ) {
    const columns = min(m - j, width<T>());
    const narrow = columns == 1, line: usize = narrow ? size : 64;
    const from = x + <usize>j * cx, to = y + <usize>j * cy;
    const whole = columns == width<T>();
    if (whole && csx == 1) copyLines(n, from, rx, work, 64);
    else {
      // What lies beside a part of a strip is rotated along with it: it must be numbers, for speed if for nothing else.
      if (!narrow) memory.fill(work, 0, <usize>n * 64);
      copyStrip<T>(n, columns, from, rx, cx, work, line, size);
    }
    for (let t = 0; t < count; t += RUN) {
      const at = <isize>first + step * <isize>t;
      const pair = pairs + at * 8, angle = angles + at * (2 * <isize>size);
      if (narrow) runColumn<T>(min(RUN, count - t), pair, angle, step, work);
      else runStrip<T>(min(RUN, count - t), pair, angle, step, work);
    }
    if (whole && csy == 1) copyLines(n, work, 64, to, ry);
    else copyStrip<T>(n, columns, work, line, size, to, ry, cy);
    j += columns;
  }
}

/** Bytes of workspace: one strip. */
export function rotateWorkspace(n: i32): usize {
  return <usize>n * 64;
}
