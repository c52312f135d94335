// The kernels of layout and indexing as they leave the module. Elements are moved as bytes where nothing is added.
import { addBlocks, copyBlocks } from './blocks';
import { scatterAdd } from './scatter';
import { checkIndices, take } from './take';
import { triangle } from './triangle';

/** out := 0 over `bytes` bytes. */
export function clear(bytes: usize, out: usize): void {
  memory.fill(out, 0, bytes);
}

/** Copies `count` blocks of `bytes` bytes (a multiple of 4), at pitches in bytes. */
export function copy_blocks(count: i32, bytes: usize, out: usize, pitchOut: usize, x: usize, pitchX: usize): void {
  copyBlocks(count, bytes, out, pitchOut, x, pitchX);
}
/** Adds `count` blocks of n elements to others, at pitches in bytes. */
export function add_blocks_f64(count: i32, n: i32, out: usize, pitchOut: usize, x: usize, pitchX: usize): void {
  addBlocks<f64>(count, n, out, pitchOut, x, pitchX);
}
export function add_blocks_f32(count: i32, n: i32, out: usize, pitchOut: usize, x: usize, pitchX: usize): void {
  addBlocks<f32>(count, n, out, pitchOut, x, pitchX);
}
export function add_blocks_i32(count: i32, n: i32, out: usize, pitchOut: usize, x: usize, pitchX: usize): void {
  addBlocks<i32>(count, n, out, pitchOut, x, pitchX);
}

/** The position of the first of `count` indices that is not in -extent … extent - 1, or -1. */
export function check_indices(count: i32, extent: i32, indices: usize): i32 {
  return checkIndices(count, extent, indices);
}
/** out[o][i] := x[o][indices[i]], slices of `bytes` bytes (a multiple of 4); indices must be in range. */
export function take_bytes(
  outer: i32, extent: i32, bytes: usize, count: i32, indices: usize, out: usize, x: usize,
): void {
  take(outer, extent, bytes, count, indices, out, x);
}
/** out := 0, then out[o][indices[i]] += x[o][i], slices of n elements; indices must be in range. */
export function scatter_add_f64(
  outer: i32, extent: i32, n: i32, count: i32, indices: usize, out: usize, x: usize,
): void {
  scatterAdd<f64>(outer, extent, n, count, indices, out, x);
}
export function scatter_add_f32(
  outer: i32, extent: i32, n: i32, count: i32, indices: usize, out: usize, x: usize,
): void {
  scatterAdd<f32>(outer, extent, n, count, indices, out, x);
}
export function scatter_add_i32(
  outer: i32, extent: i32, n: i32, count: i32, indices: usize, out: usize, x: usize,
): void {
  scatterAdd<i32>(outer, extent, n, count, indices, out, x);
}

/** The lower (or upper) part of `batch` m x n matrices from the k-th diagonal on, elements of `size` bytes. */
export function triangle_bytes(
  upper: i32, batch: i32, m: i32, n: i32, k: i32, size: usize, out: usize, x: usize,
): void {
  triangle(upper, batch, m, n, k, size, out, x);
}
