// Panels of R lines for the register tile, as gemm/pack.ts makes them, of a matrix whose element (line i, depth p) lies at
// x + lines[i] + depths[p]: tables of u32 byte offsets, in any order and with any gaps.
import { lanes } from '../simd/lanes';
import { transpose2x2, transpose4x4 } from '../simd/transpose';

/** Entry i of a table of offsets. */
// @ts-ignore: decorator
@inline
export function offset(table: usize, i: i32): usize {
  return <usize>load<u32>(table + 4 * <usize>i);
}

/** Whether `count` entries follow one another at distance `step`; every one is looked at, since tables need not increase. */
// @ts-ignore: decorator
@inline
export function isRun(table: usize, count: i32, step: usize): bool {
  let last = offset(table, 0);
  for (let i = 1; i < count; i++) {
    const next = offset(table, i);
    if (next - last != step) return false;
    last = next;
  }
  return true;
}

/** A whole panel of two vectors whose lines follow one another in memory. */
function packPair(k: i32, x: usize, depths: usize, out: usize): void {
  const end = out + 32 * <usize>k;
  while (out < end) {
    const p = x + <usize>load<u32>(depths);
    v128.store(out, v128.load(p));
    v128.store(out, v128.load(p, 16), 16);
    depths += 4;
    out += 32;
  }
}

/** One vector of lines that follow one another in memory. */
function packVector(k: i32, x: usize, depths: usize, out: usize, pitch: usize): void {
  for (let p = 0; p < k; p++) {
    v128.store(out, v128.load(x + offset(depths, p)));
    out += pitch;
  }
}

/** One vector of lines that lie anywhere, four f32 or two f64; where depths follow one another, by transposes. */
function packApart<T>(k: i32, x: usize, lines: usize, depths: usize, out: usize, pitch: usize): void {
  const w = lanes<T>();
  const x0 = x + offset(lines, 0), x1 = x + offset(lines, 1);
  const x2 = x + offset(lines, w - 2), x3 = x + offset(lines, w - 1);
  let p = 0;
  while (p < k) {
    let d = offset(depths, p);
    if (p + w <= k && isRun(depths + 4 * <usize>p, w, sizeof<T>())) {
      if (sizeof<T>() == 8) transpose2x2(v128.load(x0 + d), v128.load(x1 + d), out, pitch);
      else transpose4x4(v128.load(x0 + d), v128.load(x1 + d), v128.load(x2 + d), v128.load(x3 + d), out, pitch);
      p += w;
      out += <usize>w * pitch;
      continue;
    }
    store<T>(out, load<T>(x0 + d));
    store<T>(out, load<T>(x1 + d), sizeof<T>());
    if (sizeof<T>() == 4) {
      store<T>(out, load<T>(x2 + d), 8);
      store<T>(out, load<T>(x3 + d), 12);
    }
    p++;
    out += pitch;
  }
}

/** A panel of `have` < r lines, and zeros for the rest. */
function packRest<T>(r: i32, have: i32, k: i32, x: usize, lines: usize, depths: usize, out: usize): void {
  for (let p = 0; p < k; p++) {
    const from = x + offset(depths, p);
    for (let i = 0; i < r; i++) {
      store<T>(out, i < have ? load<T>(from + offset(lines, i)) : <T>0);
      out += sizeof<T>();
    }
  }
}

/** Packs `count` lines of depth k in panels of `r`, zero-padded to full panels. */
export function packPanels<T>(r: i32, count: i32, k: i32, x: usize, lines: usize, depths: usize, out: usize): void {
  const pitch = <usize>r * sizeof<T>(), w = lanes<T>();
  for (let i = 0; i < count; i += r) {
    const here = lines + 4 * <usize>i;
    if (count - i < r) packRest<T>(r, count - i, k, x, here, depths, out);
    else if (pitch == 32 && isRun(here, r, sizeof<T>())) packPair(k, x + offset(here, 0), depths, out);
    else {
      for (let v = 0; v < r; v += w) {
        const some = here + 4 * <usize>v, to = out + <usize>v * sizeof<T>();
        if (isRun(some, w, sizeof<T>())) packVector(k, x + offset(some, 0), depths, to, pitch);
        else packApart<T>(k, x, some, depths, to, pitch);
      }
    }
    out += <usize>k * pitch;
  }
}
