// The two builds of a kernel binary. It is kept with fused multiply-adds, and behind it stand the edits that take them out:
// every `relaxed_madd` becomes a product and a sum. Both builds compute the same otherwise, so their bits differ by the
// roundings alone. scripts/unfuse.mjs writes what is read here.
import { Cursor } from './cursor.js';

/** relaxed_madd of f32x4 and f64x2, and in its place the product and the sum. */
const MADD_BYTES = 3;
const PARTS = [
  [0xfd, 0xe6, 0x01, 0xfd, 0xe4, 0x01],
  [0xfd, 0xf2, 0x01, 0xfd, 0xf0, 0x01],
];
const [SET, GET, V128] = [0x21, 0x20, 0x7b];

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
  // An edit takes two bytes at least, and puts at most nine more than it takes out where its own bytes do not bound it.
  const out = new Uint8Array(length + 8 * (kept.length - length));
  let [from, to] = [0, 0];
  const put = (bytes: ArrayLike<number>) => {
    out.set(bytes, to);
    to += bytes.length;
  };
  /** The number of the variable that holds the summand, as bytes. */
  let variable = kept.subarray(0, 0);
  while (edits.at < kept.length - 4) {
    const stays = edits.number();
    put(kept.subarray(from, from + stays));
    from += stays;
    const kind = edits.number();
    if (kind < 2) {
      const parts = PARTS[kind];
      put([SET, ...variable, ...parts.slice(0, 3), GET, ...variable, ...parts.slice(3)]);
      from += MADD_BYTES;
    } else if (kind === 2) {
      const at = edits.at;
      edits.number();
      variable = kept.subarray(at, edits.at);
      put([1, V128]);
    } else {
      from += edits.number();
      put(kept.subarray(edits.at, edits.at + kind - 2));
      edits.at += kind - 2;
    }
  }
  put(kept.subarray(from, length));
  return out.subarray(0, to);
}
