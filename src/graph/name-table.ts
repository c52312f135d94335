// Names of vertices, numbered in the order in which they appear: a hash table with open addressing over the bytes of the text.

/** Numbers the names in a text. */
export class NameTable {
  readonly #bytes: Uint8Array;
  /** By the number of a name: where it first stands, and its hash. */
  readonly #starts: number[] = [];
  readonly #stops: number[] = [];
  readonly #hashes: number[] = [];
  /** Numbers of names, at the place of their hash or behind it; -1 where there is none. At most half of it is taken. */
  #slots = new Int32Array(256).fill(-1);

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Names so far. */
  get size(): number {
    return this.#starts.length;
  }

  /** The number of the name in the bytes from `start` up to `stop`. */
  numberOf(start: number, stop: number): number {
    const hash = this.#hash(start, stop);
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (; this.#slots[slot] >= 0; slot = (slot + 1) & mask) {
      const number = this.#slots[slot];
      if (this.#hashes[number] === hash && this.#isSame(number, start, stop)) return number;
    }
    const number = this.#starts.push(start) - 1;
    this.#stops.push(stop);
    this.#hashes.push(hash);
    this.#slots[slot] = number;
    if (2 * this.size > this.#slots.length) this.#grow();
    return number;
  }

  /** All names, in order. */
  names(): string[] {
    if (this.size === 0) return [];
    // In one piece, as a decoder takes longer to begin than to decode; no name holds the end of a line.
    const joined = new Uint8Array(
      this.#starts.reduce((sum, start, k) => sum + this.#stops[k] - start + 1, 0),
    );
    let at = 0;
    this.#starts.forEach((start, k) => {
      joined.set(this.#bytes.subarray(start, this.#stops[k]), at);
      at += this.#stops[k] - start;
      joined[at++] = 10;
    });
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(joined);
    return text.slice(0, -1).split('\n');
  }

  /** Fowler, Noll and Vo's hash (FNV-1a), its high bits folded into the low ones that choose the slot. */
  #hash(start: number, stop: number): number {
    const bytes = this.#bytes;
    let hash = 0x811c9dc5 | 0;
    for (let at = start; at < stop; at++) hash = Math.imul(hash ^ bytes[at], 0x01000193);
    return hash ^ (hash >>> 15);
  }

  #isSame(number: number, start: number, stop: number): boolean {
    const bytes = this.#bytes;
    const from = this.#starts[number];
    if (this.#stops[number] - from !== stop - start) return false;
    for (let k = 0; k < stop - start; k++) if (bytes[from + k] !== bytes[start + k]) return false;
    return true;
  }

  #grow(): void {
    this.#slots = new Int32Array(2 * this.#slots.length).fill(-1);
    const mask = this.#slots.length - 1;
    this.#hashes.forEach((hash, number) => {
      let slot = hash & mask;
      while (this.#slots[slot] >= 0) slot = (slot + 1) & mask;
      this.#slots[slot] = number;
    });
  }
}
