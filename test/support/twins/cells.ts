// Numbers at byte addresses of a memory, as a kernel sees them: what twins read and write. A twin computes in f64 whatever the
// type and rounds where it stores, so that it is never the less exact side.

/** A WebAssembly.Memory, or any buffer in the place of one. */
export interface Memory {
  readonly buffer: ArrayBufferLike;
}

export type Type = 'f64' | 'f32' | 'i32';

const VIEWS: Record<Type, new (buffer: ArrayBufferLike) => Float64Array | Float32Array | Int32Array> = {
  f64: Float64Array,
  f32: Float32Array,
  i32: Int32Array,
};

/** Elements of one type in a memory. */
export class Cells {
  readonly type: Type;
  /** Bytes of an element. */
  readonly size: number;
  readonly #list: Float64Array | Float32Array | Int32Array;

  constructor(memory: Memory, type: Type) {
    this.type = type;
    this.#list = new VIEWS[type](memory.buffer);
    this.size = this.#list.BYTES_PER_ELEMENT;
  }

  /** Element i of the array at an address. */
  at(address: number, i = 0): number {
    return this.#list[address / this.size + i];
  }

  put(address: number, i: number, value: number): void {
    this.#list[address / this.size + i] = value;
  }

  /** The value as the type holds it. */
  round(value: number): number {
    return this.type === 'f64' ? value : this.type === 'f32' ? Math.fround(value) : value | 0;
  }
}

export const cells = (memory: Memory, type: Type): Cells => new Cells(memory, type);

/** A matrix of numbers from any strides, and back. */
export type Rows = number[][];

export function rowsAt(x: Cells, m: number, n: number, a: number, rs: number, cs: number): Rows {
  return range(m).map((i) => range(n).map((j) => x.at(a, i * rs + j * cs)));
}

export function putRows(x: Cells, rows: Rows, a: number, rs: number, cs: number): void {
  rows.forEach((row, i) => {
    row.forEach((value, j) => {
      x.put(a, i * rs + j * cs, value);
    });
  });
}

export const range = (n: number): number[] => Array.from({ length: Math.max(0, n) }, (_, i) => i);
export const total = (n: number, term: (i: number) => number): number => {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += term(i);
  return sum;
};

/** The kernels of a module's interface that end in a type's name, without it. */
export type Family<Exports, T extends Type> = {
  [K in keyof Exports as K extends `${infer Name}_${T}` ? Name : never]: Exports[K];
};

/** A family with its type's name behind every kernel. */
export function named<T extends Type, F extends object>(
  type: T,
  family: F,
): { [K in keyof F as `${K & string}_${T}`]: F[K] } {
  return Object.fromEntries(Object.entries(family).map(([name, twin]) => [`${name}_${type}`, twin])) as never;
}
