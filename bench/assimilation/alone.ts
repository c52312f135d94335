// Measurements in processes of their own: this program again, with a line of JSON as its answer.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as ct from 'cotangent';

const MAIN = fileURLToPath(new URL('main.js', import.meta.url));

/** What a new process with these arguments prints last. */
export function alone<R>(task: string, argument: object): R {
  const args = [MAIN, '--alone', task, '--argument', JSON.stringify(argument)];
  const lines = execFileSync(process.execPath, args, { encoding: 'utf8' }).trim().split('\n');
  return JSON.parse(lines[lines.length - 1]);
}

/**
 * A memory that grows by what is needed. The library's own grows by half of its size, and asks for less where that is refused: here each first request is.
 */
export async function exactMemory(): Promise<void> {
  const memory = new WebAssembly.Memory({ initial: 32, maximum: 32768 });
  const grow = memory.grow.bind(memory);
  let isRefused = false;
  memory.grow = (pages: number) => {
    isRefused = !isRefused;
    if (isRefused) throw new RangeError('only what is needed');
    return grow(pages);
  };
  await ct.init({ memory });
}

/** Bytes by which the linear memory grows while f runs: pages of 64 KiB, from a memory that is full to within one. */
export function growthOf(f: () => void): number {
  const full: ct.Tensor[] = [];
  // What is free inside is taken, in large pieces and then in smaller ones.
  for (let size = 1 << 20; size >= 1 << 10; size /= 2) {
    for (let bytes = ct.memory().heapBytes; ct.memory().heapBytes === bytes; )
      full.push(ct.zeros([size], { dtype: 'f32' }));
  }
  const before = ct.memory().heapBytes;
  f();
  const bytes = ct.memory().heapBytes - before;
  for (const x of full) x.dispose();
  return bytes;
}
