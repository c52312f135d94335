// Every public function of a captured tensor, in a plan: what a plan that is made now gives, or an error; never the value of the trace.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { flatten, type Tree, unflatten } from '#src/core/tree.js';
import { CotangentError, compile, scope, Tensor } from '#src/index.js';
import { type Any, exportedFunctions, publicFunctions } from '../support/public-functions.js';

/** Functions that read values because that is what they are for, and the one that freezes them. */
const READERS = new Set(['toJson', 'constant']);

/** All numbers of a result. */
function numbersOf(result: unknown): number[] {
  if (typeof result === 'number' || typeof result === 'boolean') return [Number(result)];
  if (result instanceof Tensor) return Array.from(result.toTypedArray());
  if (Array.isArray(result)) return result.flatMap(numbersOf);
  const isPlain = typeof result === 'object' && result !== null;
  return isPlain && Object.getPrototypeOf(result) === Object.prototype
    ? Object.values(result).flatMap(numbersOf)
    : [];
}

const distance = (a: readonly number[], b: readonly number[]) =>
  a.length !== b.length
    ? Number.POSITIVE_INFINITY
    : a.reduce(
        (most, v, i) =>
          Object.is(v, b[i]) ? most : Math.max(most, Math.abs(v - b[i]) / (1e-3 + Math.abs(b[i]))),
        0,
      );

test('plans of public functions follow every tensor that they capture', () => {
  const functions = exportedFunctions();
  const frozen: string[] = [];
  for (const [name, { args, call = (f: Any, ...xs: Any[]) => f(...xs) }] of Object.entries(publicFunctions)) {
    if (READERS.has(name)) continue;
    const count = scope(() => flatten(args()).leaves.length);
    for (let i = 0; i < count; i++)
      scope(() => {
        const { leaves, structure } = flatten(args());
        const x = leaves[i];
        if (x.dtype === 'i32') return;
        const f = () => call(functions.get(name), ...(unflatten(structure, leaves) as Tree[]));
        const [plan, fresh] = [compile(f), compile(f)];
        try {
          plan();
          const data = x.data();
          for (let k = 0; k < data.length; k++) data[k] *= 1.0003;
          const error = distance(numbersOf(plan()), numbersOf(fresh()));
          if (!(error <= 1e-9)) frozen.push(`${name}, tensor ${i}: ${error}`);
        } catch (error) {
          if (!(error instanceof CotangentError)) frozen.push(`${name}, tensor ${i}: ${String(error)}`);
        } finally {
          plan.dispose();
          fresh.dispose();
        }
      });
  }
  assert.equal(frozen, []);
});

test.run();
