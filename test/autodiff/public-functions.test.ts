// No derivative is silently zero: every public function, in every float tensor that it is given or that a function given to it captures, has
// the derivative that differences show, or says that it has none.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { flatten, unflatten } from '#src/core/tree.js';
import { CotangentError, grad, loadNpy, saveNpy, scope, sum, type Tensor, tensor } from '#src/index.js';
import { seed } from '../support/check.js';
import { capturing } from '../support/public/capturing.js';
import { exportedFunctions, type PublicFunction, publicFunctions } from '../support/public-functions.js';
import { examine } from '../support/silent-zeros.js';

// biome-ignore lint/suspicious/noExplicitAny: functions of every kind
type Any = any;

const MODES = ['grad', 'jvp', 'compiled grad'];

const found = exportedFunctions();

test('the table has every public function', () => {
  const missing = [...found.keys()].filter((name) => !(name in publicFunctions));
  const gone = Object.keys(publicFunctions).filter((name) => !found.has(name));
  assert.equal([missing, gone], [[], []]);
});

test('what reads values is found: by a wrong derivative, and by who has read', () =>
  scope(() => {
    const x = tensor([0.3, 0.7]);
    const user = examine('user', (y) => tensor(y.toTypedArray()), x);
    assert.is(user.failures.filter((text) => /got 0, want/.test(text)).length, 2);
    assert.equal(user.refused, ['compiled grad']);
    const library = examine('library', (y) => loadNpy(saveNpy(y)), x);
    assert.is(library.failures.filter((text) => /got 0, want/.test(text)).length, 2);
    assert.is(library.failures.filter((text) => /reads values in core\/io\/npy\.js/.test(text)).length, 2);
    assert.equal(
      examine('right', (y) => sum(y), x),
      { failures: [], refused: [] },
    );
  }));

/** Calls an entry with one of its tensors replaced, or as it is. */
function callWith(name: string, entry: PublicFunction, at = -1, x?: Tensor): unknown {
  const { leaves, structure } = flatten(entry.args());
  const replaced = leaves.map((leaf, i) => (i === at ? (x as Tensor) : leaf));
  const { call = (f: Any, ...list: unknown[]) => f(...list) } = entry;
  return call(found.get(name), ...(unflatten(structure, replaced) as unknown[]));
}

for (const [name, entry] of Object.entries(publicFunctions)) {
  if (entry.constant !== undefined) continue;
  test(`${name}: the derivative, or an error where the table says so`, async () => {
    const { leaves } = flatten(entry.args());
    const tensors = leaves.flatMap((leaf, i) => (leaf.dtype === 'i32' ? [] : [i]));
    assert.ok(tensors.length > 0, `${name} has no float tensors: say so by 'constant'`);
    const result = callWith(name, entry);
    const isLater = typeof (result as PromiseLike<unknown> | undefined)?.then === 'function';
    await result;
    const failures: string[] = [];
    for (const at of tensors) {
      const what = `${name}, tensor ${at}`;
      const run = (x: Tensor) => callWith(name, entry, at, x);
      const refuses = entry.refuses === 'all' || entry.refuses?.includes(at) === true;
      if (isLater) failures.push(...(await refusesLater(what, run, leaves[at])));
      else
        scope(() => {
          const isStart = entry.starts === 'all' || entry.starts?.includes(at) === true;
          const finding = examine(what, run, leaves[at], entry.tolerance, isStart ? 0 : undefined);
          failures.push(...finding.failures);
          const wanted = refuses ? MODES : entry.eagerOnly ? ['compiled grad'] : [];
          if (finding.refused.join() !== wanted.join())
            failures.push(`${what}: refuses in [${finding.refused}], the table says [${wanted}]`);
        });
    }
    if (failures.length > 0) throw new Error(`${failures.join('\n')} [SEED=${seed}]`);
  });
}

/** What answers later cannot be differentiated: it has to say so. */
async function refusesLater(what: string, run: (x: Tensor) => unknown, x: Tensor): Promise<string[]> {
  let answer: Promise<unknown> = Promise.resolve();
  grad((y: Tensor) => {
    answer = Promise.resolve(run(y)).catch((error) => error);
    return sum(y);
  })(x);
  const error = await answer;
  return error instanceof CotangentError ? [] : [`${what}: an error is wanted, got ${String(error)}`];
}

for (const [name, run] of Object.entries(capturing)) {
  test(`${name}: in what a function captures, the derivative or an error`, () => {
    const { failures } = scope(() => examine(name, run, tensor([0.61, 0.73, 0.87])));
    if (failures.length > 0) throw new Error(`${failures.join('\n')} [SEED=${seed}]`);
  });
}

test.run();
