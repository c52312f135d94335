// What takes the fused multiply-adds out of a binary: one binary per module is then enough, with a list of edits. Found here, by
// a walk through all instructions, so that the library need not walk when it starts.

const [TYPES, FUNCTIONS, CODE] = [1, 3, 10];
const SIMD = 0xfd;

/** The numbers of f32x4.relaxed_madd and f64x2.relaxed_madd after the SIMD prefix. */
const MADDS = [261, 263];
/** What stands in place of one: local.set, a product, local.get, a sum; the numbers of the last two after the prefix take two bytes. */
const sizeOfParts = (variable) => 2 * (1 + leb(variable).length) + 2 * 3;

/** A position in a binary, between instructions if it lies in code. */
class Cursor {
  constructor(bytes, at) {
    this.bytes = bytes;
    this.at = at;
  }

  /** The unsigned LEB128 number that stands here; goes on behind it. */
  number() {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.bytes[this.at++];
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  }

  /** Passes over a number of any sign and length. */
  skip() {
    while (this.bytes[this.at++] >= 128);
  }

  /** Passes over the operands of an instruction that begins with `code`; returns the number after the SIMD prefix. */
  operands(code) {
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

  #simd() {
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
const isWithOne = (code) =>
  (code >= 0x02 && code <= 0x04) ||
  code === 0x0c ||
  code === 0x0d ||
  code === 0x10 ||
  (code >= 0x20 && code <= 0x26) ||
  (code >= 0x3f && code <= 0x42);

const unknown = (code, kind) =>
  new TypeError(`unfuse: instruction ${code}${kind === undefined ? '' : ` ${kind}`} is not known`);

/** An unsigned LEB128 number. */
function leb(value) {
  const bytes = [];
  let rest = value;
  for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128);
  bytes.push(rest);
  return bytes;
}

/**
 * An edit takes out the bytes from `start` to `end`, and puts others there: `put`, or what follows from its kind, of which the
 * number `growth` more than are taken out.
 */
const growth = (edits) => edits.reduce((sum, edit) => sum + edit.growth, 0);
const number = (start, end, value) => ({
  start,
  end,
  put: leb(value),
  growth: leb(value).length - (end - start),
});

/** The edits of a binary, in order. */
function editsOf(binary) {
  const all = new Cursor(binary, 8);
  /** Parameters of the types, and the types of the functions with a body. */
  const parameters = [];
  const types = [];
  const edits = [];
  while (all.at < binary.length) {
    const section = binary[all.at++];
    const sizeAt = all.at;
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
    if (section !== CODE) continue;
    const own = [];
    const count = inside.number();
    for (let f = 0; f < count; f++) {
      const start = inside.at;
      const length = inside.number();
      const end = inside.at + length;
      const changes = editsOfBody(binary, inside.at, end, parameters[types[f]]);
      if (changes.length > 0) own.push(number(start, inside.at, length + growth(changes)), ...changes);
      inside.at = end;
    }
    if (own.length > 0) edits.push(number(sizeAt, body, size + growth(own)), ...own);
  }
  return edits;
}

function editsOfBody(binary, start, end, parameters) {
  const cursor = new Cursor(binary, start);
  const groups = cursor.number();
  const declared = cursor.at;
  let locals = parameters;
  for (let g = 0; g < groups; g++) {
    locals += cursor.number();
    cursor.at++;
  }
  const first = cursor.at;
  // One more variable holds the summand while the product is computed.
  const variable = locals;
  const edits = [];
  while (cursor.at < end) {
    const start = cursor.at;
    const code = binary[cursor.at++];
    const kind = MADDS.indexOf(cursor.operands(code));
    if (kind >= 0)
      edits.push({ start, end: cursor.at, kind, growth: sizeOfParts(variable) - (cursor.at - start) });
  }
  if (edits.length === 0) return edits;
  return [
    number(start, declared, groups + 1),
    { start: first, end: first, kind: 2, operands: leb(variable), growth: 2 },
    ...edits,
  ];
}

/**
 * A binary with its edits behind it, as src/core/wasm/builds.ts reads it: for each edit how many bytes stay since the last one,
 * and its kind. 0 and 1: a multiply-add of f32 or f64 becomes a product and a sum; 2: a variable for it is declared, whose number
 * follows; 3 and more: so many bytes less two are put there, which follow after how many are taken out. At the end the number
 * of bytes of all edits, of four bytes.
 */
export function withEdits(binary) {
  let last = 0;
  const list = editsOf(binary).flatMap(({ start, end, kind, operands = [], put = [] }) => {
    const kept = start - last;
    last = end;
    const what =
      kind === undefined ? [...leb(put.length + 2), ...leb(end - start), ...put] : [kind, ...operands];
    return [...leb(kept), ...what];
  });
  const size = Buffer.alloc(4);
  size.writeUInt32LE(list.length);
  return Buffer.concat([binary, Buffer.from(list), size]);
}
