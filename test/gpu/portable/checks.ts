// Checks of portable kernels that run on every backend: by *.test.ts in Node, by browser-page.ts in a browser.
import { tensor } from '#src/core/create.js';
import type { Tensor } from '#src/core/tensor.js';
import * as gpu from '#src/gpu/index.js';
import { noise } from '../reference.js';

/** Checks by what they show; they throw where it is not so. */
export type Checks = Readonly<Record<string, () => Promise<void>>>;

/** Keeps what is to be disposed of at the end. */
export type Own = <T extends { dispose(): void }>(x: T) => T;

/** Runs `work`, disposes of what it owns, and asks that the GPU's memory is as before. */
export async function owning(work: (own: Own) => Promise<void>): Promise<void> {
  const before = gpu.memory();
  const owned: { dispose(): void }[] = [];
  try {
    await work((x) => {
      owned.push(x);
      return x;
    });
  } finally {
    for (const x of owned) x.dispose();
  }
  const after = gpu.memory();
  if (after.tensors !== before.tensors || after.bytes !== before.bytes)
    throw new Error(`the GPU holds ${JSON.stringify(after)}, before it was ${JSON.stringify(before)}`);
}

export const sizeOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** An f32 tensor of the CPU, and the same on the GPU. */
export function both(own: Own, values: ArrayLike<number>, shape: readonly number[]): [Tensor, gpu.GpuTensor] {
  const host = own(tensor(Float32Array.from(values), { shape: [...shape] }));
  return [host, own(gpu.upload(host))];
}

/** Numbers in [-size, size) from a seed, on both. */
export function random(own: Own, shape: readonly number[], seed: number, size = 1): [Tensor, gpu.GpuTensor] {
  return both(
    own,
    noise(sizeOf(shape), seed).map((x) => size * x),
    shape,
  );
}

/** The values of a result, which must have this shape. */
export async function values(own: Own, x: gpu.GpuTensor, shape: readonly number[]): Promise<Float32Array> {
  own(x);
  if (String(x.shape) !== String(shape)) throw new Error(`shape [${x.shape}], not [${shape}]`);
  return own(await x.download()).data() as Float32Array;
}

const shown = (x: number) => (Object.is(x, -0) ? '-0' : String(x));

/** Throws unless all values are as wanted: the same number, or one that `isNear` accepts for it. */
export function compare(
  what: string,
  got: ArrayLike<number>,
  wanted: ArrayLike<number>,
  isNear: (got: number, wanted: number, i: number) => boolean = () => false,
): void {
  if (got.length !== wanted.length) throw new Error(`${what}: ${got.length} numbers, not ${wanted.length}`);
  const wrong: string[] = [];
  for (let i = 0; i < wanted.length; i++) {
    if (Object.is(got[i], wanted[i]) || isNear(got[i], wanted[i], i)) continue;
    wrong.push(`number ${i} is ${shown(got[i])}, not ${shown(wanted[i])}`);
  }
  if (wrong.length > 0) throw new Error(`${what}: ${wrong.length} differ: ${wrong.slice(0, 8).join('; ')}`);
}

/** γ_n = n u / (1 - n u) of Higham, Accuracy and Stability, (3.13), for f32. */
export function gamma(n: number): number {
  const unit = 2 ** -24;
  return (n * unit) / (1 - n * unit);
}
