// The most arithmetic that one thread of this CPU does in WebAssembly: multiply-adds on 128-bit registers, in independent chains, and nothing from memory.
// The module is written here byte by byte, so that no compiler has a part in it.

import { quantile } from './timing.js';

/** Chains: enough for the latency of a product and a sum; with their two operands and one more for the engine they fill 16 registers. */
const CHAINS = 13;

/** Steps of every chain in a round, so that counting rounds does not count. */
const STEPS = 8;

/** Numbers in the binary format: seven bits a byte. */
function leb(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)];
}
const section = (id: number, content: number[]): number[] => [id, ...leb(content.length), ...content];
const simd = (code: number): number[] => [0xfd, ...leb(code)];

/** Opcodes of the specification: splat, extract_lane, mul, add, relaxed_madd. */
const CODES = {
  f32: { type: 0x7d, splat: 0x13, lane: 0x1f, mul: 0xe6, add: 0xe4, fused: 0x105 },
  f64: { type: 0x7c, splat: 0x14, lane: 0x21, mul: 0xf2, add: 0xf0, fused: 0x107 },
} as const;

/** A module with run(rounds, x, m, a): in each round every chain becomes chain * m + a, eight times; the sum of the chains' first lanes. */
function chainsModule(dtype: 'f32' | 'f64', fused: boolean): Uint8Array<ArrayBuffer> {
  const { type, splat, lane, mul, add, fused: madd } = CODES[dtype];
  const get = (local: number) => [0x20, ...leb(local)];
  const set = (local: number) => [0x21, ...leb(local)];
  // Parameters 0 to 3; then the vectors of m and a, and the chains.
  const [m, a, first] = [4, 5, 6];
  const chains = Array.from({ length: CHAINS }, (_, i) => first + i);
  const step = (chain: number) =>
    fused
      ? [...get(chain), ...get(m), ...get(a), ...simd(madd), ...set(chain)]
      : [...get(chain), ...get(m), ...simd(mul), ...get(a), ...simd(add), ...set(chain)];
  const body = [
    ...[...get(2), ...simd(splat), ...set(m), ...get(3), ...simd(splat), ...set(a)],
    ...chains.flatMap((chain) => [...get(1), ...simd(splat), ...set(chain)]),
    ...[0x03, 0x40], // loop
    ...Array.from({ length: STEPS }, () => chains.flatMap(step)).flat(),
    ...[...get(0), 0x41, 1, 0x6b, 0x22, 0], // rounds := rounds - 1
    ...[0x0d, 0, 0x0b], // once more unless it is 0; end
    ...chains.slice(1).flatMap((chain) => [...get(first), ...get(chain), ...simd(add), ...set(first)]),
    ...[...get(first), ...simd(lane), 0],
    0x0b,
  ];
  const locals = [1, ...leb(CHAINS + 2), 0x7b];
  const code = [...locals, ...body];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 4, 0x7f, type, type, type, 1, type]),
    ...section(3, [1, 0]),
    ...section(7, [1, 3, ...[...'run'].map((c) => c.charCodeAt(0)), 0, 0]),
    ...section(10, [1, ...leb(code.length), ...code]),
  ]);
}

type Run = (rounds: number, x: number, m: number, a: number) => number;

/** The chains as a function; undefined where the engine has no such instructions. */
export function chains(dtype: 'f32' | 'f64', fused: boolean): Run | undefined {
  const bytes = chainsModule(dtype, fused);
  if (!WebAssembly.validate(bytes)) return undefined;
  return new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports.run as Run;
}

/** Operations of a round. */
const flopsOf = (dtype: 'f32' | 'f64') => 2 * STEPS * CHAINS * (dtype === 'f32' ? 4 : 2);

/** GFLOP/s of one thread: the fastest of some runs of about 20 ms, with or without fused multiply-adds, whichever is faster. */
export function cpuPeak(dtype: 'f32' | 'f64', runs = 9): number {
  let best = 0;
  for (const fused of [false, true]) {
    const run = chains(dtype, fused);
    if (!run) continue;
    let rounds = 1e4;
    const once = () => {
      const start = performance.now();
      run(rounds, 1, 0.999, 0.001);
      return performance.now() - start;
    };
    once(); // compiles
    rounds = Math.round((rounds * 20) / Math.max(once(), 0.05));
    const times = Array.from({ length: runs }, once).sort((p, q) => p - q);
    best = Math.max(best, (flopsOf(dtype) * rounds) / quantile(times, 0) / 1e6);
  }
  return best;
}
