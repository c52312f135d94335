// Detects features of the engine by validating the smallest module that uses each.
import { isBuiltIn } from '../kind.js';

/** (func (result v128) i32.const 0 i8x16.splat) behind a module header; `body` replaces the code. */
function validates(body: readonly number[]): boolean {
  const type = [1, 5, 1, 0x60, 0, 1, 0x7b];
  const code = [0, ...body, 0x0b];
  return WebAssembly.validate(
    new Uint8Array([
      0,
      0x61,
      0x73,
      0x6d,
      1,
      0,
      0,
      0,
      ...type,
      3,
      2,
      1,
      0,
      10,
      code.length + 2,
      1,
      code.length,
      ...code,
    ]),
  );
}

const SPLAT_ZERO = [0x41, 0, 0xfd, 0x0f];

/** 128-bit SIMD, which every kernel needs. */
export function simdIsSupported(): boolean {
  return validates(SPLAT_ZERO);
}

/** Relaxed SIMD, which holds the fused multiply-add: `f32x4.relaxed_madd` is opcode 0x105. */
export function relaxedSimdIsSupported(): boolean {
  return validates([...SPLAT_ZERO, ...SPLAT_ZERO, ...SPLAT_ZERO, 0xfd, 0x85, 0x02]);
}

/** Why shared memory, and so threads, are not available; undefined if they are. */
export function sharedMemoryObstacle(): string | undefined {
  const scope = globalThis as { crossOriginIsolated?: boolean; SharedArrayBuffer?: unknown };
  if (scope.crossOriginIsolated === false) {
    return (
      'the page is not cross-origin isolated: serve it with the headers ' +
      'Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp'
    );
  }
  if (typeof scope.SharedArrayBuffer === 'undefined') return 'this engine has no SharedArrayBuffer';
  try {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    return isBuiltIn(memory.buffer, 'SharedArrayBuffer')
      ? undefined
      : 'this engine has no shared WebAssembly memory';
  } catch (error) {
    return `shared WebAssembly memory cannot be made: ${error}`;
  }
}
