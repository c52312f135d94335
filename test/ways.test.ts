// Every differentiable public function in every way: eager, in scopes, compiled, traced, by forward and reverse mode, with checkpoints,
// in a loop, and to second order, all with the numbers that the eager gradient has.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { flatten, unflatten } from '#src/core/tree.js';
import { add, CotangentError, concat, memory, mul, random, reshape, scope, type Tensor } from '#src/index.js';
import { exportedFunctions, type PublicFunction, publicFunctions } from './support/public-functions.js';
import { outputsOf, seed } from './support/silent-zeros.js';
import { type Quantity, references, type Subject, WAYS } from './support/ways.js';

// biome-ignore lint/suspicious/noExplicitAny: functions of every kind
type Any = any;

/** Functions that have no second derivative, and why: they must say so. */
const FIRST_ORDER: Record<string, string> = {};

/** Ways that a function has not, and why: it must say so. */
const EXCEPTIONS: Record<string, Record<string, string>> = {};

/** Largest differences, relative; the second order is compared with differences of gradients. */
const TOLERANCES: Record<Quantity, number> = {
  value: 1e-10,
  gradient: 1e-8,
  slope: 1e-8,
  'loop value': 1e-10,
  loop: 1e-8,
  second: 1e-5,
};

/** Functions whose results are integers, of which no derivative is taken. */
const INTEGERS = new Set(
  'isNaN equal notEqual greater greaterEqual less lessEqual argmax argmin nn.accuracy'.split(' '),
);

const found = exportedFunctions();

/** The function in one of its tensors, to one vector of all float results. */
function vectorial(name: string, entry: PublicFunction, at: number): Subject {
  const args = entry.args();
  const { leaves, structure } = flatten(args);
  const { call = (f: Any, ...list: unknown[]) => f(...list) } = entry;
  const f = (x: Tensor) => {
    const given = leaves.map((leaf, i) => (i === at ? x : leaf));
    const result = call(found.get(name), ...(unflatten(structure, given) as unknown[]));
    return concat(outputsOf(result).tensors.map((y) => reshape(y, [-1])));
  };
  const x = leaves[at];
  const y = f(x);
  const draw = random(seed);
  const w = draw.normal(y.shape);
  return { f, x, other: mul(x, 1.01), w, cotangent: add(w, y), t: draw.normal(x.shape) };
}

function difference(got: readonly number[], want: readonly number[]): number {
  if (got.length !== want.length) return Number.POSITIVE_INFINITY;
  const size = want.reduce((m, v) => Math.max(m, Math.abs(v)), 1);
  return got.reduce(
    (m, v, i) => Math.max(m, Number.isNaN(v) ? Number.POSITIVE_INFINITY : Math.abs(v - want[i]) / size),
    0,
  );
}

for (const [name, entry] of Object.entries(publicFunctions)) {
  if (entry.constant !== undefined || entry.refuses === 'all' || INTEGERS.has(name)) continue;
  test(`${name}: the same in every way`, () => {
    const failures: string[] = [];
    const { leaves } = scope(() => flatten(entry.args()));
    const { refuses = [] } = entry;
    for (const at of leaves.keys()) {
      if (leaves[at].dtype === 'i32' || refuses.includes(at as never)) continue;
      const before = memory().tensors;
      scope(() => {
        const subject = vectorial(name, entry, at);
        const want = references(subject, !(name in FIRST_ORDER));
        for (const [way, [quantity, run]] of Object.entries(WAYS)) {
          const where = `${name}, tensor ${at}, ${way}`;
          const reason = EXCEPTIONS[name]?.[way] ?? (quantity === 'second' ? FIRST_ORDER[name] : undefined);
          try {
            const got = scope(() => run(subject));
            const error = difference(got, want[quantity]);
            if (reason !== undefined) failures.push(`${where}: an error is wanted (${reason}), got ${got}`);
            else if (!(error <= TOLERANCES[quantity]))
              failures.push(
                `${where}: got ${got.slice(0, 6)}, want ${want[quantity].slice(0, 6)}, relative ${error}`,
              );
          } catch (error) {
            if (reason === undefined || !(error instanceof CotangentError))
              failures.push(`${where}: ${(error as Error).stack?.split('\n').slice(0, 5).join('\n')}`);
          }
        }
      });
      if (memory().tensors !== before)
        failures.push(`${name}, tensor ${at}: leaves ${memory().tensors - before} tensors`);
    }
    if (failures.length > 0) assert.unreachable(`${failures.length}: ${failures.join('\n')} [SEED=${seed}]`);
  });
}

test.run();
