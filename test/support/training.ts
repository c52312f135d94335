// What tests of training share: a small problem, a small network, and a watch over memory.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ArgumentError, memory, nn, random, Tensor, tensor } from '#src/index.js';

export const free = (tree: unknown): void => {
  if (tree instanceof Tensor) tree.dispose();
  else if (typeof tree === 'object' && tree !== null) Object.values(tree).forEach(free);
};
export const numbers = (tree: unknown): number[] => {
  if (tree instanceof Tensor) return [...tree.data()];
  return typeof tree === 'object' && tree !== null ? Object.values(tree).flatMap(numbers) : [];
};

/** Points of two classes on either side of a curve. */
export function points(n: number, seed = 1) {
  const x = random(seed).normal([n, 2], { dtype: 'f32' });
  const data = x.data();
  const y = tensor(
    Int32Array.from({ length: n }, (_, i) => Number(data[2 * i + 1] > data[2 * i] ** 2 - 0.5)),
  );
  return { x, y };
}
export const network = () => nn.sequential([nn.dense(8), nn.activation('tanh'), nn.dense(2)]);
export const start = (model = network(), seed = 2) => model.init(random(seed), [2]);

/** Runs a test that must leave no tensor behind. */
export const leakless = (name: string, run: () => Promise<void>) =>
  test(name, async () => {
    const before = memory().tensors;
    await run();
    // What another test has forgotten may be collected meanwhile.
    assert.ok(memory().tensors <= before, `${memory().tensors - before} tensors left`);
  });

export async function refuses(
  run: Promise<unknown>,
  message: RegExp,
  kind: new (message: string) => Error = ArgumentError,
) {
  const error = await run.then(
    () => undefined,
    (reason) => reason,
  );
  assert.instance(error, kind, `want ${kind.name}, got ${error}`);
  assert.match((error as Error).message, message);
}
