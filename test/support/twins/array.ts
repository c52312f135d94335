// Twins of the module `array`: arithmetic with broadcasting, copies between layouts, sums, casts, chains, blocks, indexing.
import type { ArrayExports } from '#src/generated/array.js';
import { type Cells, cells, type Family, type Memory, named, range, total } from './cells.js';
import { binary, eachIndex, unary } from './descriptor.js';

/** What i32 has, too. */
const numbers = (words: Cells, x: Cells) =>
  ({
    add: binary(words, x, x, (a, b) => a + b),
    sub: binary(words, x, x, (a, b) => a - b),
    mul: binary(words, x, x, x.type === 'i32' ? Math.imul : (a, b) => a * b),
    neg: unary(words, x, x, (a) => -a),
    /** out[o][i] := Σ_j a[o][j][i] */
    sum(outer, n, inner, out, a, _work) {
      for (const o of range(outer)) {
        for (const i of range(inner)) {
          x.put(
            out,
            o * inner + i,
            total(n, (j) => x.at(a, (o * n + j) * inner + i)),
          );
        }
      }
    },
    /** `count` blocks of n elements, pitches in bytes. */
    add_blocks(count, n, out, pitchOut, from, pitchX) {
      for (const i of range(count)) {
        for (const j of range(n)) {
          const to = out + i * pitchOut;
          x.put(to, j, x.at(to, j) + x.at(from + i * pitchX, j));
        }
      }
    },
    /** out := 0, then out[o][indices[i]] += x[o][i], i in order; slices of n elements. */
    scatter_add(outer, extent, n, count, indices, out, from) {
      for (const i of range(outer * extent * n)) x.put(out, i, 0);
      for (const o of range(outer)) {
        for (const i of range(count)) {
          const index = (words.at(indices, i) + extent) % extent;
          for (const j of range(n)) {
            const to = (o * extent + index) * n + j;
            x.put(out, to, x.at(out, to) + x.at(from, (o * count + i) * n + j));
          }
        }
      }
    },
  }) satisfies Partial<Family<ArrayExports, 'i32'>>;

/** z, but 0 in place of NaN where t is 0. */
const unlessZero = (t: number, z: number): number => (t === 0 && Number.isNaN(z) ? 0 : z);

/** What an instruction of a chain makes of the value so far (x) and its operand (y). */
const INSTRUCTIONS: readonly ((x: number, y: number) => number)[] = [
  (_, y) => y,
  (x, y) => x + y,
  (x, y) => x - y,
  (x, y) => y - x,
  (x, y) => x * y,
  (x, y) => x / y,
  (x, y) => y / x,
  (x) => -x,
  (x) => x * x,
];
const REPEATED = 16;
const VALUE_WINS = 32;
const OPERAND_WINS = 64;

/** Products with derivatives: where a derivative is 0, the other operand does not matter. */
const along = (words: Cells, x: Cells) =>
  ({
    mulAlong: binary(words, x, x, (a, b) => unlessZero(a, a * b)),
    divAlong: binary(words, x, x, (a, b) => unlessZero(a, a / b)),
    mulZero: binary(words, x, x, (a, b) => unlessZero(a, unlessZero(b, a * b))),
  }) satisfies Partial<Family<ArrayExports, 'f64'>>;

const floats = (words: Cells, x: Cells) =>
  ({
    div: binary(words, x, x, (a, b) => a / b),
    ...along(words, x),
    /** Each operation rounds as its kernel does alone; the addresses in `code` are moved on from row to row. */
    chain(rows, n, out, count, code) {
      for (const row of range(rows)) {
        for (const i of range(n)) {
          let value = 0;
          for (const k of range(count)) {
            const [what, address] = [words.at(code, 3 * k), words.at(code, 3 * k + 1) >>> 0];
            const operand = x.at(address, what & REPEATED ? 0 : i);
            const plain = x.round(INSTRUCTIONS[what % REPEATED](value, operand));
            const kept = what & VALUE_WINS ? unlessZero(value, plain) : plain;
            value = what & OPERAND_WINS ? unlessZero(operand, kept) : kept;
          }
          x.put(out, row * n + i, value);
        }
        for (const k of range(count))
          words.put(code, 3 * k + 1, words.at(code, 3 * k + 1) + words.at(code, 3 * k + 2));
      }
    },
  }) satisfies Partial<Family<ArrayExports, 'f64'>>;

/** Elements moved as they are, whatever they mean. */
function layout(memory: Memory) {
  const words = cells(memory, 'i32');
  const bytes = new Uint8Array(memory.buffer);
  const move = (count: number, to: number, from: number) => bytes.copyWithin(to, from, from + count);
  const copy = (size: number) => (ndim: number, meta: number, out: number, a: number) =>
    eachIndex(words, ndim, meta, (_, [to, from]) => move(size, out + to * size, a + from * size));
  return {
    copy_32: copy(4),
    copy_64: copy(8),
    clear(count, out) {
      bytes.fill(0, out, out + count);
    },
    copy_blocks(count, size, out, pitchOut, x, pitchX) {
      for (const i of range(count)) move(size, out + i * pitchOut, x + i * pitchX);
    },
    /** The position of the first index that is not in -extent … extent - 1, or -1. */
    check_indices(count, extent, indices) {
      return range(count).findIndex((i) => {
        const index = words.at(indices, i);
        return index < -extent || index >= extent;
      });
    },
    /** out[o][i] := x[o][indices[i]], slices of `size` bytes. */
    take_bytes(outer, extent, size, count, indices, out, x) {
      for (const o of range(outer)) {
        for (const i of range(count)) {
          const index = (words.at(indices, i) + extent) % extent;
          move(size, out + (o * count + i) * size, x + (o * extent + index) * size);
        }
      }
    },
    /** Of `batch` m x n matrices the elements with j <= i + k (or j >= i + k), zeros elsewhere. */
    triangle_bytes(upper, batch, m, n, k, size, out, x) {
      for (const row of range(batch * m)) {
        for (const j of range(n)) {
          const at = (row * n + j) * size;
          const [i, to] = [row % m, out + at];
          if (upper ? j >= i + k : j <= i + k) move(size, to, x + at);
          else bytes.fill(0, to, to + size);
        }
      }
    },
  } satisfies Partial<ArrayExports>;
}

/** To i32 towards zero, saturating, NaN becomes 0; to f32 to nearest. */
const cast = (from: Cells, to: Cells) => (n: number, out: number, a: number) => {
  for (const i of range(n)) {
    const value = from.at(a, i);
    const limited = Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.trunc(value)));
    to.put(out, i, to.type !== 'i32' ? value : Number.isNaN(value) ? 0 : limited);
  }
};

export function array(memory: Memory) {
  const [f64, f32, i32] = [cells(memory, 'f64'), cells(memory, 'f32'), cells(memory, 'i32')];
  return {
    ...named('f64', { ...numbers(i32, f64), ...floats(i32, f64) }),
    ...named('f32', { ...numbers(i32, f32), ...floats(i32, f32) }),
    ...named('i32', numbers(i32, i32)),
    ...layout(memory),
    cast_f64_f32: cast(f64, f32),
    cast_f64_i32: cast(f64, i32),
    cast_f32_f64: cast(f32, f64),
    cast_f32_i32: cast(f32, i32),
    cast_i32_f64: cast(i32, f64),
    cast_i32_f32: cast(i32, f32),
  } satisfies Partial<ArrayExports>;
}
