// What many tests need: a random property with a printed seed, comparisons within a bound, and errors of a kind.
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { type CotangentError, memory, scope, type Tensor } from '#src/index.js';

/** Unit roundoff. */
export const EPSILON = { f64: 2 ** -53, f32: 2 ** -24 } as const;

/** Printed by what fails; SEED=… repeats it. */
export const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);

/** Runs a property on `runs` random inputs; the seed is in the message of a failure, and SEED=… repeats it. */
export function property<T>(arbitrary: fc.Arbitrary<T>, check: (value: T) => void, runs = 100): void {
  fc.assert(
    fc.property(arbitrary, (value) => void check(value)),
    { seed, numRuns: runs, includeErrorInReport: true },
  );
}

/** Fails where |got_i - want_i| exceeds bound_i, or where one is NaN or infinite and the other is not the same. */
export function near(
  got: ArrayLike<number>,
  want: ArrayLike<number>,
  bound: number | ((i: number) => number),
  what = '',
): void {
  assert.is(got.length, want.length, `${what}: lengths differ`);
  for (let i = 0; i < want.length; i++) {
    if (Object.is(got[i], want[i]) || got[i] === want[i]) continue;
    const limit = typeof bound === 'number' ? bound : bound(i);
    const error = Math.abs(got[i] - want[i]);
    if (!(error <= limit))
      throw new Error(`${what}[${i}]: got ${got[i]}, want ${want[i]}, |difference| ${error} > ${limit}`);
  }
}

/** The bytes of a tensor's numbers; every NaN has the same, as its sign and payload are the engine's. */
export function bitsOf(x: Tensor): Buffer {
  const numbers = x.toTypedArray();
  if (!(numbers instanceof Int32Array))
    numbers.forEach((v, i) => void (Number.isNaN(v) && (numbers[i] = Number.NaN)));
  return Buffer.from(numbers.buffer);
}

/** Fails unless `f` throws an error of this class whose message matches, and leaves no memory behind. */
export function rejects(
  f: () => unknown,
  kind: new (...args: never[]) => CotangentError,
  message: RegExp,
): void {
  const before = memory();
  let caught: unknown;
  try {
    f();
  } catch (error) {
    caught = error;
  }
  assert.instance(caught, kind, `want ${kind.name}, got ${caught}`);
  assert.match((caught as Error).message, message);
  const after = memory();
  assert.equal(
    [after.tensors, after.bytes],
    [before.tensors, before.bytes],
    'an error must leave no memory behind',
  );
}

/** Numbers for a seed, one after the other, uniform on [-1, 1): quick and the same everywhere. */
export function drawing(start: number): () => number {
  let state = (start * 2654435761) | 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  };
}

/** The first of them. */
export function numbers(count: number, start: number): number[] {
  return Array.from({ length: count }, drawing(start));
}

/** Like `rejects` many times over: what is not refused as it should be is collected, to be shown together. */
export function attempts() {
  const failures: string[] = [];
  const attempt = (
    what: string,
    f: () => unknown,
    kind: new (...args: never[]) => CotangentError,
    message: RegExp,
  ) =>
    scope(() => {
      try {
        rejects(f, kind, message);
      } catch (error) {
        failures.push(`${what}: ${(error as Error).message}`);
      }
    });
  return { failures, attempt };
}
