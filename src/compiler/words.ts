// 32-bit words of the memory: small copies and writes between kernels, for which tensor views would be slow.
import { runtime } from '../core/runtime.js';

let words = /* @__PURE__ */ new Int32Array(0);

/**
 * The words of the memory up to a byte. After the memory has grown, old views are empty or (if it is shared) too short.
 */
function wordsUpTo(end: number): Int32Array {
  if (end > 4 * words.length) words = new Int32Array(runtime().memory.buffer);
  return words;
}

/** Copies whole words. */
export function copyWords(to: number, from: number, bytes: number): void {
  const memory = wordsUpTo(Math.max(to, from) + bytes);
  const [target, source, count] = [to >>> 2, from >>> 2, bytes >>> 2];
  if (count > 64) memory.copyWithin(target, source, source + count);
  else for (let i = 0; i < count; i++) memory[target + i] = memory[source + i];
}

/** Sets whole words to zero. */
export function clearWords(to: number, bytes: number): void {
  wordsUpTo(to + bytes).fill(0, to >>> 2, (to + bytes) >>> 2);
}

/** Sets one word. */
export function writeWord(to: number, value: number): void {
  wordsUpTo(to + 4)[to >>> 2] = value;
}
