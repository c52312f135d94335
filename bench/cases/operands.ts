// Operands of the benchmarks: standard normal numbers from the library's seeded generator, as arrays, pointers or
// tensors.

import { random, type Tensor, tensor } from 'cotangent';
import { alloc, f32, f64, free } from 'cotangent/kernels';
import type { Numbers } from '../accuracy.js';
import { elementBytes } from '../case.js';
import type { BenchDType } from '../row.js';

const drawn = new Map<number, Float64Array>();

/** The first `count` numbers of a seed; they are cached, because a large comparison requests them many times. */
export function normals(count: number, dtype: BenchDType, seed: number): Numbers {
  let numbers = drawn.get(seed);
  if (!numbers || numbers.length < count) {
    const t = random(seed).normal([count]);
    numbers = t.toTypedArray() as Float64Array;
    t.dispose();
    drawn.set(seed, numbers);
  }
  return dtype === 'f64' ? numbers.slice(0, count) : Float32Array.from(numbers.subarray(0, count));
}

/** For sums: without cancellation, so that the relative error is meaningful. */
export function positives(count: number, dtype: BenchDType, seed: number): Numbers {
  return normals(count, dtype, seed).map(Math.abs);
}

export function toTensor(values: Numbers, shape: readonly number[]): Tensor {
  return tensor(values, { shape: [...shape], dtype: values instanceof Float64Array ? 'f64' : 'f32' });
}

/** An allocation in linear memory and the numbers that were put into it. */
export interface Operand {
  readonly pointer: number;
  readonly values: Numbers;
  /** A live view, created each time because the memory may have grown. */
  view(): Numbers;
}

/** Operands on raw pointers, freed together. */
export class Operands {
  readonly #pointers: number[] = [];

  place(values: Numbers): Operand {
    const pointer = this.workspace(values.byteLength);
    const view = () => (values instanceof Float64Array ? f64 : f32)(pointer, values.length);
    view().set(values);
    return { pointer, values, view };
  }

  /** Memory for `count` numbers, zeroed. */
  zeros(count: number, dtype: BenchDType): Operand {
    return this.place(elementBytes(dtype) === 8 ? new Float64Array(count) : new Float32Array(count));
  }

  workspace(bytes: number): number {
    const pointer = alloc(bytes);
    this.#pointers.push(pointer);
    return pointer;
  }

  dispose(): void {
    for (const pointer of this.#pointers.splice(0)) free(pointer);
  }
}
