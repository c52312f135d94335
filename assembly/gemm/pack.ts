// Packing: a block with any strides becomes panels of R rows (of A) or R columns (of B), zero-padded to full panels.
// One panel holds, for p = 0 … k-1, its R values at depth p. A is packed along its rows, B along its columns:
// the same routine with the strides exchanged.
import { lanes } from '../simd/lanes';
import { transpose2x2, transpose4x4 } from '../simd/transpose';

/** Copies one full panel whose R values at a depth are contiguous (`step` = one element). `depth` in bytes. */
function panelContiguous<T>(r: i32, k: i32, x: usize, depth: usize, out: usize): void {
  const bytes = <usize>r * sizeof<T>();
  for (let p = 0; p < k; p++) {
    for (let o: usize = 0; o < bytes; o += 16) v128.store(out + o, v128.load(x + o));
    x += depth;
    out += bytes;
  }
}

/**
 * Copies four neighbouring panels of 32 bytes a depth at once: whole cache lines are read, and a matrix whose rows lie a
 * power of two apart does not fetch each of them twice. `panel` bytes from one panel to the next.
 */
function panelsContiguous4(k: i32, x: usize, depth: usize, out: usize, panel: usize): void {
  const out1 = out + panel, out2 = out1 + panel, out3 = out2 + panel;
  let o: usize = 0;
  for (let p = 0; p < k; p++) {
    v128.store(out + o, v128.load(x));
    v128.store(out + o, v128.load(x, 16), 16);
    v128.store(out1 + o, v128.load(x, 32));
    v128.store(out1 + o, v128.load(x, 48), 16);
    v128.store(out2 + o, v128.load(x, 64));
    v128.store(out2 + o, v128.load(x, 80), 16);
    v128.store(out3 + o, v128.load(x, 96));
    v128.store(out3 + o, v128.load(x, 112), 16);
    x += depth;
    o += 32;
  }
}

/** Transposes one full panel whose values at successive depths are contiguous. `step` in bytes between its R lines. */
function panelTransposed<T>(r: i32, k: i32, x: usize, step: usize, out: usize): void {
  const bytes = <usize>r * sizeof<T>();
  const w = lanes<T>();
  for (let i = 0; i < r; i += w) {
    let src = x + <usize>i * step;
    let dst = out + <usize>i * sizeof<T>();
    let p = 0;
    for (; p + w <= k; p += w) {
      if (sizeof<T>() == 8) {
        transpose2x2(v128.load(src), v128.load(src + step), dst, bytes);
      } else {
        transpose4x4(
          v128.load(src), v128.load(src + step), v128.load(src + 2 * step), v128.load(src + 3 * step), dst, bytes,
        );
      }
      src += 16;
      dst += <usize>w * bytes;
    }
    for (; p < k; p++) {
      for (let l = 0; l < w; l++) store<T>(dst + <usize>l * sizeof<T>(), load<T>(src + <usize>l * step));
      src += sizeof<T>();
      dst += bytes;
    }
  }
}

/** Copies a panel of `have` <= r values per depth at any strides, and zeros for the rest. */
function panelGeneral<T>(r: i32, have: i32, k: i32, x: usize, step: usize, depth: usize, out: usize): void {
  for (let p = 0; p < k; p++) {
    let src = x + <usize>p * depth;
    for (let i = 0; i < have; i++) {
      store<T>(out, load<T>(src));
      src += step;
      out += sizeof<T>();
    }
    for (let i = have; i < r; i++) {
      store<T>(out, 0);
      out += sizeof<T>();
    }
  }
}

/** Packs `count` lines of depth k in panels of `r`; `step` between lines and `depth` along them, in bytes. */
export function pack<T>(r: i32, count: i32, k: i32, x: usize, step: usize, depth: usize, out: usize): void {
  const panel = <usize>r * <usize>k * sizeof<T>();
  let i = 0;
  if (step == sizeof<T>() && <usize>r * sizeof<T>() == 32) {
    for (; i + 4 * r <= count; i += 4 * r) {
      panelsContiguous4(k, x + <usize>i * step, depth, out, panel);
      out += 4 * panel;
    }
  }
  for (; i < count; i += r) {
    const have = min(r, count - i);
    const src = x + <usize>i * step;
    if (have < r) panelGeneral<T>(r, have, k, src, step, depth, out);
    else if (step == sizeof<T>()) panelContiguous<T>(r, k, src, depth, out);
    else if (depth == sizeof<T>()) panelTransposed<T>(r, k, src, step, out);
    else panelGeneral<T>(r, r, k, src, step, depth, out);
    out += panel;
  }
}
