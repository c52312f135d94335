// Random operands of a kernel in linear memory, and its comparison with its twin: both run on the same bytes, results must agree
// within their bounds, and all other bytes of the memory must be what they were. Both builds run from their plain files, over a small
// memory of their own: the whole of it is compared.
import { readFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { EPSILON } from '../check.js';
import { cells, range, type Type } from './cells.js';
import { twinsOf } from './index.js';

interface Region {
  address: number;
  type: Type;
  count: number;
  /** In units of roundoff, relative to a result above 1 and absolute below. */
  tolerance: number;
}

/** A kernel or a twin by its name. */
type Named = Record<string, (...args: number[]) => number | undefined>;

/** Below lie the kernels' static data. */
const START = 65536;
const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536 });

/** The kernels of each build that this engine can run. */
const BUILDS = ['simd', 'relaxed'].flatMap((build): Named[] => {
  const bytes = readFileSync(new URL(`../../../../build/wasm/cotangent.${build}.wasm`, import.meta.url));
  if (!WebAssembly.validate(bytes)) return [];
  const env = { memory, gemm_parallel: () => 0 };
  return [new WebAssembly.Instance(new WebAssembly.Module(bytes), { env }).exports as Named];
});
assert.ok(BUILDS.length > 0, 'this engine runs a build of the kernels');

const ODD = [1, 2, 3, 5, 7, 9, 11, 13, 17, 19, 31, 33];

/** What a case is built of. */
export class Operands {
  readonly type: Type;
  readonly #random: () => number;
  #end = START;
  readonly results: Region[] = [];
  readonly scratch: { address: number; bytes: number }[] = [];
  /** Of the returned number. */
  tolerance = 0;

  constructor(type: Type, random: () => number) {
    this.type = type;
    this.#random = random;
  }

  /** Uniform on [low, high). */
  real(low = -1, high = 1): number {
    return low + (high - low) * this.#random();
  }

  /** An integer from low to high. */
  int(low: number, high: number): number {
    return Math.floor(this.real(low, high + 1));
  }

  one<V>(list: readonly V[]): V {
    return list[this.int(0, list.length - 1)];
  }

  /** A small extent, mostly odd. */
  size(most = 33): number {
    return this.one(ODD.filter((n) => n <= most));
  }

  /** Numbers of the case's type (or another). */
  numbers(count: number, low = -1, high = 1, type = this.type): number[] {
    return range(count).map(() => (type === 'i32' ? this.int(-50, 50) : Math.fround(this.real(low, high))));
  }

  #place(type: Type, values: readonly number[]): number {
    const address = this.#end;
    this.#end += Math.ceil(Math.max(1, values.length) / 8) * 64;
    const missing = this.#end - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / 65536));
    const words = cells(memory, type);
    values.forEach((value, i) => {
      words.put(address, i, value);
    });
    return address;
  }

  /** An operand that is only read. */
  in(values: readonly number[] | number, type = this.type): number {
    return this.#place(type, typeof values === 'number' ? this.numbers(values) : values);
  }

  words(values: readonly number[]): number {
    return this.#place('i32', values);
  }

  /** A result, full of other numbers (or of these) before the call. */
  out(values: readonly number[] | number, tolerance: number, type = this.type): number {
    const list = typeof values === 'number' ? this.numbers(values, -1, 1, type) : values;
    const address = this.#place(type, list);
    this.results.push({ address, type, count: list.length, tolerance });
    return address;
  }

  /** What the kernel may spoil: exactly so many bytes. */
  work(bytes: number): number {
    const address = this.#place(
      'i32',
      range(Math.ceil(bytes / 8)).map(() => -1),
    );
    this.scratch.push({ address, bytes });
    return address;
  }

  /** Words that the kernel may spoil. */
  spoilt(address: number, bytes: number): number {
    this.scratch.push({ address, bytes });
    return address;
  }
}

/** Runs each build of a kernel, and its twin, on the operands that `build` makes, and compares what they leave. */
export function compare(
  name: string,
  type: Type,
  random: () => number,
  build: (o: Operands) => number[],
): void {
  const o = new Operands(type, random);
  const args = build(o);
  const what = `${name}(${args.join(', ')})`;
  const near = (a: number, b: number, of: Type, tolerance: number, where: string) => {
    if (Object.is(a, b) || a === b) return;
    const unit = of === 'i32' ? 1 : EPSILON[of];
    const error = Math.abs(a - b) / Math.max(1, Math.abs(b));
    if (!(error <= tolerance * unit))
      throw new Error(`${what} ${where}: got ${a}, the twin ${b}: ${error / unit} > ${tolerance} units`);
  };
  const now = new Uint8Array(memory.buffer);
  const before = now.slice();
  const copy = now.slice();
  const want = (twinsOf({ buffer: copy.buffer }) as unknown as Named)[name](...args);
  const free = [
    ...o.scratch,
    ...o.results.map((r) => ({ address: r.address, bytes: r.count * cells(memory, r.type).size })),
  ];
  for (const kernels of BUILDS) {
    now.set(before.subarray(START), START);
    const got = kernels[name](...args);
    if (typeof got === 'number') near(got, want as number, type, o.tolerance, 'returned');
    for (const { address, type: of, count, tolerance } of o.results) {
      const [mine, its] = [cells(memory, of), cells({ buffer: copy.buffer }, of)];
      for (let i = 0; i < count; i++) near(mine.at(address, i), its.at(address, i), of, tolerance, `[${i}]`);
    }
    const expected = copy.slice();
    for (const { address, bytes } of free) expected.set(now.subarray(address, address + bytes), address);
    assert.is(
      Buffer.compare(now.subarray(START), expected.subarray(START)),
      0,
      `${what} wrote beside its results`,
    );
  }
}
