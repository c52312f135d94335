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
export interface Cells {
  readonly type: Type;
  /** Bytes of an element. */
  readonly size: number;
  /** Element i of the array at an address. */
  at(address: number, i?: number): number;
  put(address: number, i: number, value: number): void;
  /** The value as the type holds it. */
  round(value: number): number;
}

export function cells(memory: Memory, type: Type): Cells {
  const list = new VIEWS[type](memory.buffer);
  const one = new VIEWS[type](new ArrayBuffer(8));
  const size = list.BYTES_PER_ELEMENT;
  return {
    type,
    size,
    at: (address, i = 0) => list[address / size + i],
    put: (address, i, value) => {
      list[address / size + i] = value;
    },
    round: (value) => {
      one[0] = value;
      return one[0];
    },
  };
}

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
