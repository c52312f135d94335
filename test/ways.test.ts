// Every differentiable public function in every way: eager, in scopes, compiled, traced, by forward and reverse mode, with checkpoints,
// in a loop, and to second order, all with the numbers that the eager gradient has.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { flatten } from '#src/core/tree.js';
import {
  add,
  CotangentError,
  grad,
  memory,
  mul,
  scope,
  square,
  sum,
  type Tensor,
  tensor,
} from '#src/index.js';
import { seed } from './support/check.js';
import { capturing } from './support/public/capturing.js';
import { exportedFunctions, publicFunctions } from './support/public-functions.js';
import { outputsOf } from './support/silent-zeros.js';
import { subjectOf, vectorial } from './support/subjects.js';
import { derivatives, type Quantity, type Subject, values, WAYS } from './support/ways.js';

/** Largest differences, relative; the second order is compared with differences of gradients. */
const TOLERANCES: Record<Quantity, number> = {
  value: 1e-10,
  gradient: 1e-8,
  slope: 1e-8,
  'loop value': 1e-10,
  loop: 1e-8,
  second: 1e-5,
};

const found = exportedFunctions();

function difference(got: readonly number[], want: readonly number[]): number {
  if (got.length !== want.length) return Number.POSITIVE_INFINITY;
  const size = want.reduce((m, v) => Math.max(m, Math.abs(v)), 1);
  return got.reduce(
    (m, v, i) => Math.max(m, Number.isNaN(v) ? Number.POSITIVE_INFINITY : Math.abs(v - want[i]) / size),
    0,
  );
}

/** What a function without a derivative may refuse: its values are not known yet. */
const FOLLOWED = ['compile', 'plan in a plan', 'trace', 'trace of a plan', 'compile(scan)'];

/** Ways that record the function before values are known; a plan inside a derivative runs the function itself where it has to. */
const isRecorded = (way: string) => FOLLOWED.includes(way) || /^(compile|trace)\b/.test(way);

/**
 * The ways that differ from the eager value and gradient. With `refuses`, those of the derivatives must be errors; with `eagerOnly`,
 * those that record the function.
 */
function differing(subject: Subject, { refuses = false, eagerOnly = false, tolerance = 0 } = {}): string[] {
  const failures: string[] = [];
  const want: Partial<Record<Quantity, number[]>> = {
    ...values(subject),
    ...(!refuses && derivatives(subject)),
  };
  for (const [way, [quantity, run]] of Object.entries(WAYS)) {
    const numbers = want[quantity];
    const isDerivative = numbers === undefined || (refuses && way.startsWith('value of'));
    const reason = isDerivative ? 'no derivative' : eagerOnly && isRecorded(way) ? 'reads values' : undefined;
    try {
      const got = scope(() => run(subject));
      const error = difference(got, numbers ?? []);
      if (reason !== undefined)
        failures.push(`${way}: an error is wanted (${reason}), got ${got.slice(0, 6)}`);
      else if (!(error <= Math.max(tolerance, TOLERANCES[quantity])))
        failures.push(`${way}: got ${got.slice(0, 6)}, want ${numbers?.slice(0, 6)}, off by ${error}`);
    } catch (error) {
      const may = reason !== undefined || (refuses && FOLLOWED.includes(way));
      if (!may || !(error instanceof CotangentError))
        failures.push(`${way}: ${(error as Error).stack?.split('\n').slice(0, 5).join('\n')}`);
    }
  }
  return failures;
}

test('a function that differs where it is followed is found, in every way', () =>
  scope(() => {
    const x = tensor([0.3, 0.7]);
    const made = (f: (y: Tensor) => Tensor): Subject => ({
      ...{ f, x, other: tensor([0.4, 0.6]), w: tensor([0.2, -0.3]) },
      ...{ cotangent: tensor([0.2, -0.3]), t: tensor([1, 0.5]) },
    });
    const right = made((y) => mul(square(y), y));
    assert.equal(differing({ ...right, cotangent: add(right.w, right.f(x)) }), []);
    let calls = 0;
    const counting = made((y) => mul(y, ++calls));
    assert.is(differing(counting).length, Object.keys(WAYS).length);
    const derived = Object.entries(WAYS).filter(([way, [q]]) => !/value/.test(q) || /^value of/.test(way));
    assert.is(differing(right, { refuses: true }).length, derived.length);
  }));

/** Functions that answer later: nothing is left to compare in a plan. */
const LATER = [
  'assimilation.trainEmulator',
  'assimilation.trainInverse',
  'nn.evaluate',
  'nn.fit',
  'parallelMatmul',
];

for (const [name, entry] of Object.entries(publicFunctions)) {
  if (entry.constant !== undefined || LATER.includes(name)) continue;
  test(`${name}: the same in every way`, () => {
    const failures: string[] = [];
    const { leaves } = scope(() => flatten(entry.args()));
    const { refuses = [] } = entry;
    for (const [at, { dtype }] of leaves.entries()) {
      if (dtype === 'i32') continue;
      const before = memory().tensors;
      scope(() => {
        const subject = vectorial(found.get(name), entry, at);
        if (subject === undefined) return;
        const options = {
          refuses: refuses === 'all' || refuses.includes(at),
          eagerOnly: entry.eagerOnly,
          tolerance: entry.tolerance,
        };
        for (const text of differing(subject, options)) failures.push(`${name}, tensor ${at}, ${text}`);
      });
      if (memory().tensors !== before)
        failures.push(`${name}, tensor ${at}: leaves ${memory().tensors - before} tensors`);
    }
    if (failures.length > 0) assert.unreachable(`${failures.length}: ${failures.join('\n')} [SEED=${seed}]`);
  });
}

/** Whether it says that it has no derivative. */
function isRefused({ f, x }: Subject): boolean {
  try {
    scope(() => void grad((y: Tensor) => sum(f(y)))(x));
    return false;
  } catch (error) {
    assert.instance(error, CotangentError);
    return true;
  }
}

for (const [name, run] of Object.entries(capturing)) {
  test(`${name}: in what a function captures, the same in every way`, () =>
    scope(() => {
      const subject = subjectOf((v) => outputsOf(run(v)).tensors, tensor([0.61, 0.73, 0.87]));
      if (subject === undefined) return;
      const failures = differing(subject, { refuses: isRefused(subject), tolerance: 1e-5 });
      if (failures.length > 0) assert.unreachable(`${name}, ${failures.join(`\n${name}, `)} [SEED=${seed}]`);
    }));
}

test.run();
