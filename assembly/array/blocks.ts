// Blocks of contiguous bytes at a regular pitch: what joining, cutting and repeating along an axis are.
import { lanes } from '../simd/lanes';

// Where a call of memory.copy begins to cost less than a loop of vectors.
const LONG: usize = 512;

/** out := x over `bytes` contiguous bytes, a multiple of 4. */
// @ts-ignore: decorator
@inline
export function copyRow(bytes: usize, out: usize, x: usize): void {
  if (bytes >= LONG) {
    memory.copy(out, x, bytes);
    return;
  }
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16) v128.store(out + i, v128.load(x + i));
  if (i + 8 <= bytes) {
    store<i64>(out + i, load<i64>(x + i));
    i += 8;
  }
  if (i < bytes) store<i32>(out + i, load<i32>(x + i));
}

/** out += x over n contiguous elements. */
// @ts-ignore: decorator
@inline
export function addRow<T>(n: i32, out: usize, x: usize): void {
  let i = 0;
  for (; i + lanes<T>() <= n; i += lanes<T>()) {
    v128.store(out, v128.add<T>(v128.load(out), v128.load(x)));
    out += 16;
    x += 16;
  }
  for (; i < n; i++) {
    store<T>(out, <T>(load<T>(out) + load<T>(x)));
    out += sizeof<T>();
    x += sizeof<T>();
  }
}

/** `count` blocks of `bytes` bytes, a multiple of 4; `pitchOut` and `pitchX` bytes from one to the next. */
export function copyBlocks(
  count: i32, bytes: usize, out: usize, pitchOut: usize, x: usize, pitchX: usize,
): void {
  if (bytes == pitchOut && bytes == pitchX) {
    memory.copy(out, x, <usize>count * bytes);
    return;
  }
  for (let i = 0; i < count; i++) {
    copyRow(bytes, out, x);
    out += pitchOut;
    x += pitchX;
  }
}

/** Adds `count` blocks of n elements to others; pitches in bytes. */
export function addBlocks<T>(count: i32, n: i32, out: usize, pitchOut: usize, x: usize, pitchX: usize): void {
  for (let i = 0; i < count; i++) {
    addRow<T>(n, out, x);
    out += pitchOut;
    x += pitchX;
  }
}
