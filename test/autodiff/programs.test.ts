// Random programs: eager and compiled values, forward and reverse mode, differences, and no leak, on thousands of them.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { differences } from '#src/autodiff/differences.js';
import { compile, jvp, memory, scope, type Tensor, tensor, vjp } from '#src/index.js';
import { seed } from '../support/check.js';
import { inner } from '../support/derivatives.js';
import { Dice, KINDS, type RandomProgram, randomProgram } from '../support/random-programs.js';

const count = Number(process.env.PROGRAMS ?? 2000);

const tensorsLike = (like: readonly Tensor[], dice: Dice): Tensor[] =>
  like.map(({ shape, size }) =>
    tensor(
      Array.from({ length: size }, () => 2 * dice.next() - 1),
      { shape },
    ),
  );

function same(got: readonly Tensor[], want: readonly Tensor[], tolerance: number, what: string): void {
  assert.is(got.length, want.length, what);
  got.forEach((x, i) => {
    assert.equal(x.shape, want[i].shape, what);
    const [p, q] = [x.data(), want[i].data()];
    let largest = 1e-3;
    for (let k = 0; k < q.length; k++) largest = Math.max(largest, Math.abs(q[k]));
    for (let k = 0; k < p.length; k++)
      if (!(Math.abs(p[k] - q[k]) <= tolerance * largest))
        throw new Error(`${what}: result ${i} [${k}] is ${p[k]}, want ${q[k]}`);
  });
}

function check({ inputs, run }: RandomProgram, dice: Dice, index: number): void {
  const values = run(...inputs);
  {
    using plan = compile(run);
    same(plan(...inputs), values, 1e-12, 'compiled');
    same(plan(...inputs), values, 1e-12, 'compiled, again');
  }
  const [v, u] = [tensorsLike(inputs, dice), tensorsLike(values, dice)];
  const { value: forward, tangent } = jvp(run, inputs, v);
  same(forward, values, 0, 'the value of jvp');
  const { value: reverse, pullback } = vjp(run, ...inputs);
  same(reverse, values, 0, 'the value of vjp');
  const back = pullback(u);
  const [uJv, vJu] = [inner(u, tangent), inner(back, v)];
  if (!(Math.abs(uJv.value - vJu.value) <= 1e-9 * (1e-3 + uJv.size + vJu.size)))
    throw new Error(`<u, J v> is ${uJv.value}, <Jᵀu, v> is ${vJu.value}`);
  if (index % 4 === 0) {
    using plan = compile((xs: Tensor[], ct: Tensor[]) => vjp(run, ...xs).pullback(ct));
    same(plan(inputs, u), back, 1e-10, 'compiled gradient');
    using along = compile((xs: Tensor[], ts: Tensor[]) => jvp(run, xs, ts).tangent);
    same(along(inputs, v), tangent, 1e-10, 'compiled tangent');
  }
  if (index % 4 === 1) {
    const at = (t: number) =>
      scope(() => {
        const moved = inputs.map((x, i) =>
          tensor(
            x.toTypedArray().map((y, k) => y + t * v[i].data()[k]),
            { shape: x.shape },
          ),
        );
        return Float64Array.of(inner(u, run(...moved)).value);
      });
    const [numeric] = differences(at, 1, { step: 2 ** -9, count: 5 });
    if (!(Math.abs(numeric - uJv.value) <= 1e-6 * (1e-2 + uJv.size)))
      throw new Error(`differences give ${numeric}, <u, J v> is ${uJv.value}`);
  }
}

test(`${count} random programs`, () => {
  const met = new Set<string>();
  for (let i = 0; i < count; i++) {
    const program = randomProgram(seed + i);
    for (const kind of program.kinds) met.add(kind);
    const before = memory();
    try {
      scope(() => check(program, new Dice(-seed - i), seed + i));
      const { tensors, bytes } = memory();
      assert.equal([tensors, bytes], [before.tensors, before.bytes], 'nothing may be left behind');
    } catch (error) {
      (error as Error).message += `\n[SEED=${seed + i} PROGRAMS=1]\n${program.text}`;
      throw error;
    }
    for (const x of program.inputs) x.dispose();
  }
  if (count >= 2000)
    assert.equal(
      KINDS.map(([name]) => name).filter((name) => !met.has(name)),
      [],
      'every kind of step must be met',
    );
});

test.run();
