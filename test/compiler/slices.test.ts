// Slices in programs: views where they can be, and sums of their transposes without zeros; every bit as without a plan.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  add,
  compile,
  grad,
  matmul,
  mul,
  neg,
  type Plan,
  reshape,
  scope,
  slice,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  valueAndGrad,
} from '#src/index.js';
import { numbers, property } from '../support/check.js';

/** Whether two lists of results hold the same bits (zeros have signs). */
function same(got: readonly Tensor[], want: readonly Tensor[]): void {
  assert.is(got.length, want.length);
  got.forEach((x, i) => {
    assert.equal(x.shape, want[i].shape);
    const [a, b] = [x.data(), want[i].data()];
    for (let k = 0; k < a.length; k++) assert.ok(Object.is(a[k], b[k]), `${i}[${k}]: ${a[k]}, ${b[k]}`);
  });
}

/** The lines of a program that begin with a word. */
const lines = (plan: Plan, word: string) =>
  plan
    .toString()
    .split('\n')
    .filter((line) => line.startsWith(word));
/** How often an operation runs. */
const runs = (plan: Plan, name: string) =>
  plan.toString().match(new RegExp(`^(\\d+:|    ) .*= ${name} `, 'gm'))?.length ?? 0;

const SHAPES = [[12], [3, 4], [2, 3, 2], [12]];
const part = fc.record({
  from: fc.nat(11),
  count: fc.integer({ min: 1, max: 12 }),
  flat: fc.boolean(),
  back: fc.nat(9),
});
const step = fc.record({ rule: fc.nat(7), a: part, b: part });

/** The part of a value: of its first axis, or of all its elements in a row. */
function partOf(
  pool: readonly Tensor[],
  { from, count, flat, back }: { from: number; count: number; flat: boolean; back: number },
) {
  const x = pool[Math.max(0, pool.length - 1 - back)];
  const whole = flat ? reshape(x, [-1]) : x;
  return whole.ndim === 0 ? whole : slice(whole, [Math.min(from, whole.shape[0] - 1)], [from + count]);
}

function runSteps(
  steps: readonly { rule: number; a: Parameters<typeof partOf>[1]; b: Parameters<typeof partOf>[1] }[],
  args: readonly Tensor[],
) {
  const pool = [...args];
  for (const { rule, a, b } of steps) {
    const x = partOf(pool, a);
    if (rule < 2) pool.push(x);
    else if (rule === 2) pool.push(neg(x));
    else if (rule === 3) pool.push(mul(x, x));
    else {
      const y = partOf(pool, b);
      const [v, w] = [reshape(x, [-1]), reshape(y, [-1])];
      const n = Math.min(v.size, w.size);
      const [p, q] = [slice(v, [v.size - n]), slice(w, [0], [n])];
      pool.push(
        rule === 4
          ? add(p, q)
          : rule === 5
            ? sub(q, p)
            : rule === 6
              ? mul(p, q)
              : matmul(reshape(p, [n, 1]), reshape(q, [1, n])),
      );
    }
    if (pool[pool.length - 1].size > 144) pool.pop();
  }
  return pool;
}

/** Numbers with zeros of both signs among them. */
const args = (dtype: 'f64' | 'f32') =>
  SHAPES.map((shape, i) =>
    tensor(
      numbers(12, i + 1).map((v, k) => (k % 5 === i ? -0 : k % 7 === i ? 0 : v)),
      { shape, dtype },
    ),
  );

for (const dtype of ['f64', 'f32'] as const) {
  test(`${dtype}: random programs of slices give the same bits compiled, again and on other arguments`, () =>
    property(
      fc.record({
        steps: fc.array(step, { minLength: 1, maxLength: 14 }),
        results: fc.array(fc.nat(13), { minLength: 1, maxLength: 4 }),
      }),
      ({ steps, results }) =>
        scope(() => {
          const f = (...xs: Tensor[]) => {
            const pool = runSteps(steps, xs);
            return results.map((back) => pool[Math.max(0, pool.length - 1 - back)]);
          };
          const plan = compile(f);
          const xs = args(dtype);
          const others = xs.map((x) => neg(x));
          for (const list of [xs, others, xs]) same(plan(...list), f(...list));
          plan.dispose();
        }),
      300,
    ));

  test(`${dtype}: gradients of random programs of slices give the same bits compiled`, () =>
    property(
      fc.array(step, { minLength: 1, maxLength: 12 }),
      (steps) =>
        scope(() => {
          const f = (...xs: Tensor[]) =>
            runSteps(steps, xs)
              .slice(-4)
              .map((x) => sum(mul(x, x)))
              .reduce((a, b) => add(a, b));
          const derivative = grad(f, [0, 1, 2, 3]) as (...xs: Tensor[]) => Tensor[];
          const plan = compile(derivative);
          const xs = args(dtype);
          for (const list of [xs, xs.map((x) => neg(x))]) same(plan(...list), derivative(...list));
          plan.dispose();
        }),
      200,
    ));
}

const vector = (seed = 1, n = 40) => tensor(numbers(n, seed));

test('slices of arguments and of slices do not run, and follow the argument from call to call', () =>
  scope(() => {
    const f = (x: Tensor) => {
      const tail = slice(x, [3]);
      return [
        add(slice(tail, [2], [20]), slice(x, [0], [18])),
        sum(slice(reshape(x, [10, 4]), [4, 1], [5, 3])),
      ];
    };
    const plan = compile(f);
    for (const x of [vector(1), vector(2), slice(vector(3, 43), [3])]) same(plan(x), f(x));
    assert.is(runs(plan, 'slice'), 0);
    assert.is(lines(plan, 'view').filter((line) => line.includes('slice')).length, 4);
    plan.dispose();
  }));

test('slices that are apart in memory run', () =>
  scope(() => {
    const f = (x: Tensor) =>
      [1, 2, 3].map((k) => {
        const y = reshape(x, [2, 5, 4]);
        if (k === 1) return square(slice(y, [0, 0, 1], [1, 2, 3]));
        return square(k === 2 ? slice(x, [null], [null], [-1]) : slice(y, [0, 1], [2, 2]));
      });
    const plan = compile(f);
    same(plan(vector()), f(vector()));
    assert.is(runs(plan, 'slice'), 3);
    plan.dispose();
  }));

test('a result that is a slice of an argument or of a constant is a copy of its own', () =>
  scope(() => {
    const constant = vector(7);
    const f = (x: Tensor) => [slice(x, [5], [9]), slice(slice(constant, [1]), [5], [9]), slice(x, [0], [0])];
    const plan = compile(f);
    const x = vector();
    const want = f(x);
    const got = plan(x);
    same(got, want);
    for (const y of got) y.data().fill(1e9);
    same([x, constant], [vector(), vector(7)]);
    same(plan(x), want);
    plan.dispose();
  }));

test('a result that is a slice of another result does not share its memory', () =>
  scope(() => {
    const plan = compile((x: Tensor) => {
      const y = square(x);
      return [y, slice(y, [1], [39]), reshape(slice(y, [0], [39]), [3, 13])];
    });
    const x = vector();
    const [y, a, b] = plan(x);
    const want = a.toTypedArray();
    y.data().fill(0);
    b.data().fill(0);
    assert.equal(a.data(), want);
    plan.dispose();
  }));

test('what a slice is still read from is not written over', () =>
  scope(() => {
    const f = (x: Tensor, w: Tensor) => {
      const y = square(x);
      const [head, tail] = [slice(y, [0], [39]), slice(y, [1], [40])];
      // The product keeps these from being one group; y has the size of what is written while its slices are still read.
      const z = matmul(reshape(neg(y), [10, 4]), w);
      return [add(sum(z), mul(head, tail)), sub(reshape(z, [40]), y), sub(tail, head)];
    };
    const plan = compile(f);
    const [x, w] = [vector(), tensor(numbers(16, 5), { shape: [4, 4] })];
    for (let k = 0; k < 3; k++) same(plan(x, w), f(x, w));
    plan.dispose();
  }));

test('a value is not written over while a row of it is repeated', () =>
  scope(() => {
    const f = (x: Tensor) => {
      const y = matmul(x, x);
      return mul(y, slice(y, [0], [1]));
    };
    const plan = compile(f);
    const x = tensor([1, 2, 3, 4], { shape: [2, 2] });
    same([plan(x)], [f(x)]);
    plan.dispose();
  }));

test('results fed back, whole or in part', () =>
  scope(() => {
    const f = (x: Tensor) => sub(slice(x, [1]), slice(x, [0], [-1]));
    const g = (x: Tensor) => add(x, reshape(slice(reshape(x, [8, 5]), [7], [8]), [5]).size);
    const [plan, again] = [compile(f), compile(g)];
    let [a, b] = [plan(vector()), f(vector())];
    for (let k = 0; k < 3; k++) {
      same([a], [b]);
      [a, b] = [plan(a), f(b)];
    }
    let [c, d] = [again(vector()), g(vector())];
    for (let k = 0; k < 3; k++) {
      same([c], [d]);
      [c, d] = [again(c), g(d)];
    }
    plan.dispose();
    again.dispose();
  }));

test('a small slice does not keep what it is cut from alive', () =>
  scope(() => {
    const n = 4096;
    const plan = compile((x: Tensor) => {
      let y = x;
      const parts: Tensor[] = [];
      for (let k = 0; k < 20; k++) {
        y = matmul(reshape(y, [64, 64]), reshape(x, [64, 64]));
        parts.push(slice(reshape(y, [n]), [k], [k + 8]));
      }
      return parts.reduce((a, b) => add(b, a));
    });
    plan(vector(1, n));
    assert.ok(plan.bytes < 6 * 8 * n, `${plan.bytes / 8 / n}`);
    plan.dispose();
  }));

test('the gradient of differences of neighbours is written without zeros', () =>
  scope(() => {
    const f = valueAndGrad((x: Tensor) => sum(square(sub(slice(x, [1]), square(slice(x, [0], [-1]))))));
    const plan = compile(f);
    for (const seed of [1, 2]) {
      const [got, want] = [plan(vector(seed)), f(vector(seed))];
      same([got.value, got.grad] as Tensor[], [want.value, want.grad] as Tensor[]);
    }
    assert.is(runs(plan, 'unslice'), 0);
    assert.is(runs(plan, 'overlap'), 1);
    plan.dispose();
  }));

test('transposed slices that overlap, touch, or lie apart: zeros keep their signs', () =>
  scope(() => {
    const ct = tensor(numbers(24, 3).map((v, k) => (k % 2 === 0 ? -0 : v)));
    for (const [a, b] of [
      [
        [0, 8],
        [4, 12],
      ],
      [
        [4, 12],
        [0, 8],
      ],
      [
        [0, 4],
        [4, 8],
      ],
      [
        [1, 3],
        [7, 9],
      ],
      [
        [7, 9],
        [1, 3],
      ],
      [
        [0, 12],
        [3, 5],
      ],
      [
        [3, 5],
        [3, 5],
      ],
    ]) {
      const f = grad((x: Tensor) => {
        const [p, q] = [a, b].map(([from, to], k) =>
          sum(mul(slice(x, [from], [to]), slice(ct, [12 * k], [12 * k + to - from]))),
        );
        return add(p, q);
      }) as (x: Tensor) => Tensor;
      const plan = compile(f);
      same([plan(vector(1, 12))], [f(vector(1, 12))]);
      plan.dispose();
    }
  }));

test.run();
