// Every public function with its k-th allocation failing, for every k: eager, compiled, its gradient, and that compiled.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { flatten, type Structure, unflatten } from '#src/core/tree.js';
import { CotangentError, compile, grad, type Plan, scope, type Tensor, tensor } from '#src/index.js';
import { seed } from '../support/check.js';
import { failEvery, firstCall, none } from '../support/faults.js';
import { capturing } from '../support/public/capturing.js';
import { SETTINGS } from '../support/public/makers.js';
import { exportedFunctions, type PublicFunction, publicFunctions } from '../support/public-functions.js';
import { disposeAll } from '../support/results.js';
import { outputsOf, weighted } from '../support/silent-zeros.js';

// biome-ignore lint/suspicious/noExplicitAny: functions of every kind
type Any = any;

/** Functions whose faults are not looked at here, and why. */
const SKIPPED: Record<string, string> = {
  init: 'settles the memory itself',
};
/** Functions of which only the eager call is looked at: they answer later. */
const LATER = [
  'assimilation.trainEmulator',
  'assimilation.trainInverse',
  'nn.evaluate',
  'nn.fit',
  'parallelMatmul',
];

const found = exportedFunctions();

const caller = (name: string, { call }: PublicFunction) => {
  const f = found.get(name);
  return call === undefined ? (...args: unknown[]) => f(...args) : (...args: unknown[]) => call(f, ...args);
};

for (const [name, entry] of Object.entries(publicFunctions)) {
  // Methods and schedules are numbers; what they do is in the table with the functions that take them.
  if (name in SKIPPED || name.startsWith('gpu.') || entry.constant === SETTINGS) continue;
  test(`${name}: every allocation may fail`, async () => {
    const failures: string[] = [];
    const call = caller(name, entry);
    const args = entry.args();
    await failEvery(`${name}, eager`, { run: () => call(...args) }, failures);
    const { leaves, structure } = flatten(args);
    if (leaves.length > 0 && !LATER.includes(name)) await compiled(name, entry, leaves, structure, failures);
    disposeAll(args);
    none(failures, seed);
  });
}

for (const [name, run] of Object.entries(capturing))
  test(`${name}, which captures a tensor: every allocation may fail`, async () => {
    const failures: string[] = [];
    const v = tensor([0.61, 0.73, 0.87]);
    // In a scope: the functions are the table's, which leave tensors.
    await failEvery(name, { run: () => scope(() => outputsOf(run(v), true)) }, failures);
    v.dispose();
    none(failures, seed);
  });

async function compiled(
  name: string,
  entry: PublicFunction,
  leaves: Tensor[],
  structure: Structure,
  failures: string[],
): Promise<void> {
  const call = caller(name, entry);
  const f = (...xs: Tensor[]) => call(...(unflatten(structure, xs) as unknown[]));
  const list = (...xs: Tensor[]) => outputsOf(f(...xs), true).tensors;
  const may = entry.constant !== undefined || entry.refuses !== undefined || entry.eagerOnly;
  if (!may || isTraceable(list, leaves)) {
    await failEvery(`${name}, compiled`, firstCall(list, leaves), failures);
    const plan = compile(list) as Plan<Any>;
    await failEvery(`${name}, plan`, { run: () => plan(...leaves), keepsResults: true }, failures);
    plan.dispose();
  }
  if (entry.constant !== undefined || entry.refuses === 'all') return;
  const refused = entry.refuses ?? [];
  const at = leaves.flatMap((x, i) => (x.dtype === 'i32' || refused.includes(i) ? [] : [i]));
  const g = (...xs: Tensor[]) => grad((...ys: Tensor[]) => weighted(f(...ys)), at)(...xs);
  await failEvery(`${name}, gradient`, { run: () => g(...leaves) }, failures);
  if (!entry.eagerOnly) await failEvery(`${name}, compiled gradient`, firstCall(g, leaves), failures);
}

function isTraceable(f: (...xs: Tensor[]) => unknown, leaves: Tensor[]): boolean {
  const plan = compile(f) as Plan<Any>;
  try {
    plan(...leaves);
    return true;
  } catch (error) {
    assert.instance(error, CotangentError);
    return false;
  } finally {
    plan.dispose();
  }
}

test.run();
