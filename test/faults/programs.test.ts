// Random programs with their k-th allocation failing, for every k: eager, compiled, their gradients, and those compiled.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  add,
  compile,
  grad,
  mul,
  OutOfMemoryError,
  type Plan,
  scope,
  type Tensor,
  tensor,
  zeros,
} from '#src/index.js';
import { programs, runProgram, SHAPES } from '../compiler/programs.js';
import { numbers, seed } from '../support/check.js';
import { failEvery, firstCall, none } from '../support/faults.js';
import { randomProgram } from '../support/random-programs.js';
import { disposeAll } from '../support/results.js';
import { weighted } from '../support/silent-zeros.js';

const found = async (run: () => unknown) => {
  const failures: string[] = [];
  await failEvery('f', { run }, failures);
  return failures.join('\n');
};

test('what a fault leaves behind is found', async () => {
  assert.is(await found(() => zeros([3])), '');
  const leaking = () => {
    const x = zeros([3]);
    const y = zeros([4]);
    x.dispose();
    return y;
  };
  assert.match(await found(leaking), /allocation 2 of 2: leaves 1,24,64, at most 0,0,0/);
  let kept: Tensor | undefined;
  const caching = () => {
    kept ??= zeros([3]);
    return zeros([4]);
  };
  assert.is(await found(caching), '');
  kept?.dispose();
});

test('errors of another kind, wrong numbers and a wrong next call are found', async () => {
  const other = () => {
    try {
      return zeros([3]);
    } catch {
      throw new ArgumentError('f: other');
    }
  };
  assert.match(await found(other), /allocation 1 of 1: not an OutOfMemoryError: ArgumentError: f: other/);
  const silent = () => {
    try {
      return zeros([1]);
    } catch (error) {
      assert.instance(error, OutOfMemoryError);
      return 1;
    }
  };
  assert.match(await found(silent), /allocation 1 of 1: got 1, want 0/);
  let broken = 0;
  const breaking = () => {
    try {
      return tensor([broken]);
    } catch (error) {
      broken = 1;
      throw error;
    }
  };
  assert.match(await found(breaking), /the next call: got 1, want 0/);
});

/** All ways of a program. */
async function everyWay(
  name: string,
  f: (...xs: Tensor[]) => Tensor[],
  inputs: Tensor[],
  failures: string[],
): Promise<void> {
  await failEvery(`${name}, compiled`, firstCall(f, inputs), failures);
  const plan = compile(f) as Plan<(...xs: Tensor[]) => Tensor[]>;
  await failEvery(`${name}, plan`, { run: () => plan(...inputs), keepsResults: true }, failures);
  plan.dispose();
  const at = [...inputs.keys()];
  const g = (...xs: Tensor[]) => grad((...ys: Tensor[]) => weighted(f(...ys)), at)(...xs);
  await failEvery(`${name}, gradient`, { run: () => g(...inputs) }, failures);
  await failEvery(`${name}, compiled gradient`, firstCall(g, inputs), failures);
}

for (let i = 0; i < 6; i++)
  test(`random program ${i}`, async () => {
    const failures: string[] = [];
    const { inputs, run, text } = randomProgram(seed + i);
    await failEvery('eager', { run: () => scope(() => run(...inputs)) }, failures);
    await everyWay('random program', run, inputs, failures);
    disposeAll(inputs);
    none(failures.length > 0 ? [...failures, text] : failures, seed);
  });

test('random programs of broadcasts', async () => {
  const failures: string[] = [];
  const inputs = SHAPES.map(
    (shape, i) =>
    tensor(numbers(shape.reduce((p, q) => p * q, 1), i + 1), { shape: [...shape] }), // biome-ignore format: short
  );
  for (const program of fc.sample(programs, { seed, numRuns: 12 })) {
    const count = failures.length;
    // Sums of what it returns: an argument may be among that, and belongs to us.
    const f = (...xs: Tensor[]) => runProgram(program, xs).map((y) => add(mul(y, 1), 0));
    await everyWay('program', f, inputs, failures);
    if (failures.length > count) failures.push(JSON.stringify(program));
  }
  disposeAll(inputs);
  none(failures, seed);
});

test.run();
