// Detects features of the engine by validating the smallest module that uses each.
import { isBuiltIn } from '../kind.js';

/** A module of one function of this type and code. */
function moduleOf(type: readonly number[], body: readonly number[], exported: readonly number[] = []) {
  const code = [0, ...body, 0x0b];
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...[1, type.length + 1, 1, ...type],
    ...[3, 2, 1, 0],
    ...exported,
    ...[10, code.length + 2, 1, code.length, ...code],
  ]);
}

/** Whether the engine takes (func (result v128)) with this code. */
function validates(body: readonly number[]): boolean {
  return typeof WebAssembly !== 'undefined' && WebAssembly.validate(moduleOf([0x60, 0, 1, 0x7b], body));
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

/**
 * Whether the multiply-add of relaxed SIMD rounds once here, as is up to engine and processor: undefined without relaxed
 * SIMD. Asked by a product whose last bits only one rounding keeps: (1 + 2^-30)² - (1 + 2^-29) = 2^-60.
 */
export function relaxedMultiplyAddIsFused(): boolean | undefined {
  if (!relaxedSimdIsSupported()) return undefined;
  const splat = (parameter: number) => [0x20, parameter, 0xfd, 0x14];
  // f64x2.relaxed_madd is opcode 0x107, f64x2.extract_lane 0x21.
  const body = [...splat(0), ...splat(1), ...splat(2), 0xfd, 0x87, 0x02, 0xfd, 0x21, 0];
  const bytes = moduleOf([0x60, 3, 0x7c, 0x7c, 0x7c, 1, 0x7c], body, [7, 5, 1, 1, 0x66, 0, 0]);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  const x = 1 + 2 ** -30;
  return (exports.f as (a: number, b: number, c: number) => number)(x, x, -(1 + 2 ** -29)) !== 0;
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
