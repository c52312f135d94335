// The two builds of a kernel binary. It is kept with fused multiply-adds, and behind it stand the edits that take them out:
// every `relaxed_madd` becomes a product and a sum. Both builds compute the same otherwise, so their bits differ by the
// roundings alone. scripts/unfuse.mjs writes what is read here.
import { Cursor } from './cursor.js';

/** Where the edits begin. */
const lengthOf = (kept: Uint8Array) =>
  kept.length - 4 - new DataView(kept.buffer, kept.byteOffset).getUint32(kept.length - 4, true);

/** The binary with fused multiply-adds, which needs relaxed SIMD. */
export function fused(kept: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return kept.subarray(0, lengthOf(kept));
}

/** The binary without fused multiply-adds. */
export function unfused(kept: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const length = lengthOf(kept);
  const edits = new Cursor(kept, length);
  // An edit of n bytes puts fewer than n there.
  const out = new Uint8Array(kept.length);
  let [from, to] = [0, 0];
  const put = (start: number, count: number) => {
    out.set(kept.subarray(start, start + count), to);
    to += count;
  };
  while (edits.at < kept.length - 4) {
    const stays = edits.number();
    put(from, stays);
    from += stays + edits.number();
    const count = edits.number();
    put(edits.at, count);
    edits.at += count;
  }
  put(from, length - from);
  return out.subarray(0, to);
}
