// Random programs with half of their arguments captured: a plan is its function called now.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compile, grad, memory, scope, sum, type Tensor } from '#src/index.js';
import { near, seed } from '../support/check.js';
import { Dice, randomProgram } from '../support/random-programs.js';

const count = Number(process.env.PROGRAMS ?? 400);

const numbersOf = (results: readonly Tensor[]) => results.flatMap((y) => Array.from(y.data()));

function same(got: readonly Tensor[], want: readonly Tensor[], what: string): void {
  const numbers = numbersOf(want);
  near(numbersOf(got), numbers, 1e-9 * numbers.reduce((m, v) => Math.max(m, Math.abs(v)), 1e-3), what);
}

test(`plans of ${count} random programs follow what they capture (seed ${seed})`, () => {
  for (let i = 0; i < count; i++) {
    const before = memory();
    scope(() => {
      const dice = new Dice(seed + i);
      const { inputs, run, text } = randomProgram(seed + i);
      const isCaptured = inputs.map(() => dice.int(2) === 0);
      const at = (xs: readonly Tensor[]) => {
        let next = 0;
        return inputs.map((x, k) => (isCaptured[k] ? x : xs[next++]));
      };
      const given = inputs.filter((_, k) => !isCaptured[k]);
      const f = (...xs: Tensor[]) => run(...at(xs));
      const derivative = (...xs: Tensor[]) =>
        xs.length === 0
          ? []
          : grad(
              (...ys: Tensor[]) =>
                f(...ys).reduce<Tensor | undefined>((s, y) => s ?? sum(y), undefined) ?? sum(ys[0]),
              xs.map((_, k) => k),
            )(...xs);
      try {
        for (const [what, g] of [
          ['values', f],
          ['gradient', derivative],
        ] as const) {
          using plan = compile(g);
          same(plan(...given) as Tensor[], g(...given) as Tensor[], `${what} at first`);
          // A little, so that programs stay where they are smooth.
          for (const x of inputs) {
            const data = x.data();
            for (let k = 0; k < data.length; k++) data[k] *= 1 + 1e-4 * dice.next();
          }
          same(plan(...given) as Tensor[], g(...given) as Tensor[], `${what} after a change`);
        }
      } catch (error) {
        (error as Error).message += `\nSEED=${seed + i} PROGRAMS=1, captured ${isCaptured}\n${text}`;
        throw error;
      }
    });
    const after = memory();
    assert.equal(
      [after.tensors, after.bytes],
      [before.tensors, before.bytes],
      `SEED=${seed + i} left something`,
    );
  }
});

test.run();
