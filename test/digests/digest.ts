// The digest of a result: 64 bits over all numbers in it, in the order of its keys.
import { Tensor } from '#src/index.js';

/** FNV-1a over bytes, in two halves of 32 bits with different starts. */
class Hash {
  #a = 0x811c9dc5;
  #b = 0x1b873593;

  bytes(list: Uint8Array): void {
    for (const byte of list) {
      this.#a = Math.imul(this.#a ^ byte, 0x01000193);
      this.#b = Math.imul(this.#b ^ byte, 0x01000193) + 0x9e3779b9;
    }
  }

  numbers(list: ArrayLike<number>): void {
    // The sign and payload of a NaN are the engine's.
    const all = Float64Array.from(list, (x) => (Number.isNaN(x) ? Number.NaN : x));
    const words = new Uint32Array(all.buffer);
    for (let i = 0; i < all.length; i++) if (Number.isNaN(all[i])) words.set([0, 0x7ff80000], 2 * i);
    this.bytes(new Uint8Array(all.buffer));
  }

  text(value: string): void {
    this.bytes(new TextEncoder().encode(`${value.length}:${value}`));
  }

  toString(): string {
    return [this.#a, this.#b].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  }
}

/** The digest of the tensors, numbers and texts in a result; functions and what is timed are left out. */
export function digestOf(result: unknown): string {
  const hash = new Hash();
  const seen = new Set<object>();
  const walk = (value: unknown): void => {
    if (typeof value === 'number') hash.numbers([value]);
    else if (typeof value === 'string' || typeof value === 'boolean') hash.text(String(value));
    if (typeof value !== 'object' || value === null || seen.has(value)) return;
    seen.add(value);
    if (value instanceof Tensor) {
      if (value.isDisposed) return;
      hash.text(`${value.dtype} ${value.shape}`);
      hash.numbers(value.data());
    } else if (ArrayBuffer.isView(value))
      hash.bytes(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    else {
      for (const [key, part] of Object.entries(value)) {
        // Addresses and times are no results.
        if (/address|seconds|ms$|milliseconds/i.test(key)) continue;
        hash.text(key);
        walk(part);
      }
    }
  };
  walk(result);
  return String(hash);
}
