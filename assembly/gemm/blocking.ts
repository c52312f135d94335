// Sizes of the blocks that gemm packs: KC x NC of B stays in the outer cache, MC x KC of A in the middle one,
// KC x NR of B in the innermost. The tile is MR rows by two vectors, the only shape that no engine spills.
import { lanes, roundToLine, roundUp } from '../simd/lanes';

/** Rows of the register tile. */
export const MR: i32 = 4;
/** Depth of a packed block. */
export const KC: i32 = 512;
/** Rows of a packed block of A. */
export const MC: i32 = 48;
/** A product of at most this many multiply-adds takes the direct, unpacked path. */
export const DIRECT: f64 = 64 * 64 * 64;

/** Bytes after which addresses fall into the same set of the innermost cache. */
export const PAGE: usize = 4096;

/** Columns of the register tile. */
// @ts-ignore: decorator
@inline
export function NR<T>(): i32 {
  return 2 * lanes<T>();
}

/** Columns of a packed block of B: 2 MiB of it in either type. */
// @ts-ignore: decorator
@inline
export function NC<T>(): i32 {
  return 4096 / <i32>sizeof<T>();
}

/** `size` cut into equal blocks of at most `limit`, each a multiple of `unit`: no thin block is left over. */
export function balanced(size: i32, limit: i32, unit: i32): i32 {
  const blocks = (size + limit - 1) / limit;
  if (blocks <= 1) return size;
  return min(limit, roundUp((size + blocks - 1) / blocks, unit));
}

/** Bytes of one temporary tile, for tiles that stick out of C. */
export const TILE_BYTES: usize = 128;

/** Bytes of workspace that the packed path needs: bounded by the blocking, whatever m, n and k. */
export function packedWorkspace<T>(m: i32, n: i32, k: i32): usize {
  const mc = <usize>min(roundUp(m, MR), MC);
  const nc = <usize>min(roundUp(n, NR<T>()), NC<T>());
  const kc = <usize>min(k, KC);
  return roundToLine(mc * kc * sizeof<T>()) + roundToLine(nc * kc * sizeof<T>()) + TILE_BYTES;
}
