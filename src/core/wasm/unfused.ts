// Derives the build without fused multiply-adds from the one with them: every `relaxed_madd` becomes a product and a
// sum, so one binary per module is enough.
import { Cursor } from './cursor.js';

const TYPES = 1;
const FUNCTIONS = 3;
const CODE = 10;

const V128 = 0x7b;
const SIMD = 0xfd;

/** For the number of a relaxed_madd after the SIMD prefix: the numbers of the product and of the sum. */
const PARTS: Readonly<Record<number, readonly [number, number]>> = {
  261: [0xe6, 0xe4], // f32x4
  263: [0xf2, 0xf0], // f64x2
};

/** A position between instructions. */
class Instructions extends Cursor {
  /** Passes over a number of any sign and length. */
  skip(): void {
    while (this.bytes[this.at++] >= 128);
  }

  /** Passes over the operands of an instruction that begins with `code`; returns the number after the SIMD prefix. */
  operands(code: number): number {
    switch (code) {
      case 0x0e: // br_table
        for (let labels = this.number() + 1; labels > 0; labels--) this.skip();
        return 0;
      case 0x11: // call_indirect
        this.skip();
        this.skip();
        return 0;
      case 0x43: // f32.const
        this.at += 4;
        return 0;
      case 0x44: // f64.const
        this.at += 8;
        return 0;
      case 0xfc: {
        const kind = this.number();
        // memory.init, memory.copy; data.drop, memory.fill; conversions have none.
        if (kind === 8 || kind === 10) this.at += 2;
        else if (kind === 9 || kind === 11) this.at++;
        else if (kind > 11) throw unknown(code, kind);
        return 0;
      }
      case SIMD:
        return this.#simd();
    }
    if (code >= 0x28 && code <= 0x3e) {
      // loads and stores: alignment and offset
      this.skip();
      this.skip();
    } else if (isWithOne(code)) this.skip();
    else if (code > 0xc4 || code === 0x1c) throw unknown(code);
    return 0;
  }

  #simd(): number {
    const kind = this.number();
    const isOfLane = kind >= 84 && kind <= 91;
    if (kind <= 11 || isOfLane || kind === 92 || kind === 93) {
      this.skip();
      this.skip();
      if (isOfLane) this.at++;
    } else if (kind <= 13) this.at += 16;
    else if (kind >= 21 && kind <= 34) this.at++;
    return kind;
  }
}

/** Blocks, branches, calls, variables, sizes of memory and integer constants have one number. */
function isWithOne(code: number): boolean {
  return (
    (code >= 0x02 && code <= 0x04) ||
    code === 0x0c ||
    code === 0x0d ||
    code === 0x10 ||
    (code >= 0x20 && code <= 0x26) ||
    (code >= 0x3f && code <= 0x42)
  );
}

function unknown(code: number, kind?: number): TypeError {
  return new TypeError(`unfused: instruction ${code}${kind === undefined ? '' : ` ${kind}`} is not known`);
}

function leb(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128);
  bytes.push(rest);
  return bytes;
}

/** Bytes of the result, gathered from parts of the binary and new ones. */
class Writer {
  #bytes: Uint8Array<ArrayBuffer>;
  length = 0;

  constructor(room: number) {
    this.#bytes = new Uint8Array(room);
  }

  put(bytes: ArrayLike<number>): void {
    while (this.length + bytes.length > this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#bytes.length + bytes.length);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  get written(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.length);
  }
}

/**
 * The binary with every fused multiply-add a b + c as a product that is rounded and a sum. Both builds compute the same
 * otherwise, so their bits differ by the roundings alone.
 */
export function unfused(binary: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Writer(binary.length + 4096);
  const all = new Cursor(binary, 8);
  out.put(binary.subarray(0, 8));
  /** Parameters of the types, and the types of the functions with a body. */
  const parameters: number[] = [];
  const types: number[] = [];
  while (all.at < binary.length) {
    const start = all.at;
    const section = binary[all.at++];
    const size = all.number();
    const body = all.at;
    all.at += size;
    const inside = new Cursor(binary, body);
    if (section === TYPES)
      for (let count = inside.number(); count > 0; count--) {
        inside.at++; // the code of a function type
        const given = inside.number();
        parameters.push(given);
        inside.at += given;
        const results = inside.number();
        inside.at += results;
      }
    if (section === FUNCTIONS)
      for (let count = inside.number(); count > 0; count--) types.push(inside.number());
    if (section !== CODE) {
      out.put(binary.subarray(start, all.at));
      continue;
    }
    const code = new Writer(size + 4096);
    const count = inside.number();
    code.put(leb(count));
    for (let f = 0; f < count; f++) {
      const length = inside.number();
      const end = inside.at + length;
      const changed = unfusedBody(binary, inside.at, end, parameters[types[f]]);
      code.put(leb(changed.length));
      code.put(changed);
      inside.at = end;
    }
    out.put([CODE, ...leb(code.length)]);
    out.put(code.written);
  }
  return out.written;
}

/** The body of a function: its own part of the binary if it has no fused multiply-add. */
function unfusedBody(binary: Uint8Array, start: number, end: number, parameters: number): Uint8Array {
  const cursor = new Instructions(binary, start);
  const groups = cursor.number();
  const declared = cursor.at;
  let locals = parameters;
  for (let g = 0; g < groups; g++) {
    locals += cursor.number();
    cursor.at++;
  }
  const first = cursor.at;
  let copied = first;
  let out: Writer | undefined;
  // One more variable holds the summand while the product is computed.
  const variable = leb(locals);
  while (cursor.at < end) {
    const at = cursor.at;
    const code = binary[cursor.at++];
    const parts = PARTS[cursor.operands(code)];
    if (parts === undefined) continue;
    if (out === undefined) {
      out = new Writer(end - start + 256);
      out.put(leb(groups + 1));
      out.put(binary.subarray(declared, first));
      out.put([1, V128]);
    }
    out.put(binary.subarray(copied, at));
    out.put([0x21, ...variable, SIMD, ...leb(parts[0]), 0x20, ...variable, SIMD, ...leb(parts[1])]);
    copied = cursor.at;
  }
  if (out === undefined) return binary.subarray(start, end);
  out.put(binary.subarray(copied, end));
  return out.written;
}
