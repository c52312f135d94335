// Data for raw kernels: arrays in linear memory that are freed when the test's body returns.
import * as kernels from '#src/kernels.js';

export type Float = 'f64' | 'f32';

export interface Raw {
  address: number;
  /** A view made anew at each use, because an allocation may have moved the memory. */
  readonly data: Float64Array | Float32Array;
}

const WIDTH = { f64: 8, f32: 4 } as const;
/** Written around every array: a kernel that writes past an end is found out. */
const GUARD = 12345.5;

/** Calls `body` with a function that places numbers in linear memory; checks that nothing around them was touched. */
export function withRaw(dtype: Float, body: (place: (values: ArrayLike<number>) => Raw) => void): void {
  const width = WIDTH[dtype];
  const places: { block: number; length: number }[] = [];
  const view = (address: number, n: number) =>
    dtype === 'f64' ? kernels.f64(address, n) : kernels.f32(address, n);
  try {
    body((values) => {
      const block = kernels.alloc((values.length + 32) * width);
      places.push({ block, length: values.length });
      view(block, values.length + 32).fill(GUARD);
      const address = block + 16 * width;
      view(address, values.length).set(values);
      return {
        address,
        get data() {
          return view(address, values.length);
        },
      };
    });
    for (const { block, length } of places) {
      const all = view(block, length + 32);
      for (let i = 0; i < 16; i++) {
        if (all[i] !== GUARD || all[16 + length + i] !== GUARD)
          throw new Error(`a kernel wrote outside its array of ${length}`);
      }
    }
  } finally {
    for (const { block } of places) kernels.free(block);
  }
}

/** The value as the dtype holds it. */
export function rounded(dtype: Float, values: readonly number[]): number[] {
  return dtype === 'f32' ? values.map(Math.fround) : [...values];
}
