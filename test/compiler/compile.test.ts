// compile: the same bits as without, programs by signature, results that belong to the plan, errors.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  add,
  compile,
  constant,
  DisposedError,
  full,
  grad,
  hvp,
  jvp,
  linalg,
  matmul,
  mean,
  memory,
  mul,
  NotPositiveDefiniteError,
  random,
  reshape,
  ShapeError,
  scope,
  square,
  sub,
  sum,
  type Tensor,
  take,
  tanh,
  tensor,
  valueAndGrad,
} from '#src/index.js';
import { bitsOf, near, numbers, property, rejects } from '../support/check.js';
import { programs, runProgram, SHAPES } from './programs.js';

/** The bits of numbers, so that -0 and NaN are told apart. */
const bits = (x: Tensor) => [...bitsOf(x)];

const argument = (shape: readonly number[], seed: number) =>
  tensor(
    numbers(
      shape.reduce((a, b) => a * b, 1),
      seed,
    ),
    { shape: [...shape] },
  );

/** Runs `body` in a scope and frees the plans it makes; nothing may stay. */
function clean(body: (own: <P extends { dispose(): void }>(plan: P) => P) => void): void {
  const before = memory();
  const plans: { dispose(): void }[] = [];
  try {
    scope(() => {
      body((plan) => {
        plans.push(plan);
        return plan;
      });
    });
  } finally {
    for (const plan of plans) plan.dispose();
  }
  const after = memory();
  assert.equal([after.tensors, after.bytes], [before.tensors, before.bytes]);
}

test('random programs give the bits that they give without, call after call', () => {
  property(
    programs,
    (program) =>
      clean((own) => {
        const plan = own(compile((...args: Tensor[]) => runProgram(program, args)));
        for (const seed of [1, 2]) {
          const args = SHAPES.map((shape, i) => argument(shape, 10 * seed + i));
          const want = runProgram(program, args).map(bits);
          assert.equal(plan(...args).map(bits), want);
        }
      }),
    400,
  );
});

test('random gradients are those of the function, to rounding', () => {
  property(
    programs,
    (program) =>
      clean((own) => {
        const loss = (args: Tensor[]) =>
          runProgram(program, args).reduce((s: Tensor, y) => add(s, mean(tanh(y))), tensor(0));
        const args = SHAPES.map((shape, i) => argument(shape, i));
        const plan = own(compile(valueAndGrad(loss)));
        const [got, want] = [plan(args), valueAndGrad(loss)(args)];
        near(got.value.data(), want.value.data(), 1e-13);
        got.grad.forEach(
          (g: Tensor, i: number) => void near(g.data(), want.grad[i].data(), 1e-9, `argument ${i}`),
        );
      }),
    150,
  );
});

test('a training step of a small network is the one without, for ten steps', () =>
  clean((own) => {
    const generator = random(3);
    const [x, y] = [generator.normal([32, 8]), generator.normal([32, 3])];
    const start = {
      w: [generator.normal([8, 16], { std: 0.3 }), generator.normal([16, 3], { std: 0.3 })],
      b: [generator.normal([16]), generator.normal([3])],
    };
    type Parameters = typeof start;
    const loss = ({ w, b }: Parameters) =>
      mean(square(sub(add(matmul(tanh(add(matmul(x, w[0]), b[0])), w[1]), b[1]), y)));
    const step = (p: Parameters) => {
      const { value, grad: g } = valueAndGrad(loss)(p);
      const next = (k: 'w' | 'b') => p[k].map((t, i) => sub(t, mul(0.1, g[k][i])));
      return { value, p: { w: next('w'), b: next('b') } };
    };
    const plan = own(compile(step));
    let [p, q] = [start, start];
    const values: number[] = [];
    for (let i = 0; i < 10; i++) {
      // The plan is given its own results: they are copied before it writes over them.
      const [got, want] = [plan(p), step(q)];
      [p, q] = [got.p, want.p];
      near(got.value.data(), want.value.data(), 1e-13);
      values.push(want.value.item());
    }
    assert.ok(values[9] < values[0]);
    for (const key of ['w', 'b'] as const)
      p[key].forEach((t, i) => void near(t.data(), q[key][i].data(), 1e-12));
  }));

test('one program per signature: structure, shapes, dtypes, and what is no tensor', () =>
  clean((own) => {
    let traces = 0;
    const f = (x: Tensor, options: { k: number; name?: string }) => {
      traces++;
      return mul(x, options.k);
    };
    const plan = own(compile(f));
    assert.equal([plan.kernels, plan.bytes, plan.graph], [0, 0, undefined]);
    const count = (x: Tensor, options: { k: number; name?: string }) => {
      const [before, y] = [traces, plan(x, options)];
      assert.equal(y.toArray(), mul(x, options.k).toArray());
      return traces - before;
    };
    const x = tensor([1, 2]);
    assert.is(count(x, { k: 2 }), 1);
    assert.is(count(tensor([3, 4]), { k: 2 }), 0);
    assert.is(count(x, { k: 3 }), 1);
    assert.is(count(tensor([[1, 2]]), { k: 2 }), 1);
    assert.is(count(tensor([1, 2], { dtype: 'f32' }), { k: 2 }), 1);
    assert.is(count(tensor([1, 2], { dtype: 'i32' }), { k: 2 }), 1);
    assert.is(count(x, { k: 2, name: 'a' }), 1);
    assert.is(count(x, { k: 2, name: 'b' }), 1);
    assert.is(count(x, { k: -0 }) + count(x, { k: 0 }), 2);
    assert.is(count(x, { k: 2 }), 0);
    // The 17th signature takes the place of the one that was not used for longest.
    for (let n = 3; n < 19; n++) count(full([n], 1), { k: 1 });
    assert.is(count(full([3], 1), { k: 1 }), 0);
    assert.is(count(x, { k: 2 }), 1);
  }));

test('results are the same tensors every time, and free of what is done to them', () =>
  clean((own) => {
    const plan = own(
      compile((x: Tensor) => ({ y: add(x, 1), n: 'text', same: x, view: reshape(add(x, 1), [2, 1]) })),
    );
    const [a, b] = [tensor([1, 2]), tensor([5, 6])];
    const first = plan(a);
    assert.equal(
      [first.y.toArray(), first.n, first.same.toArray(), first.view.toArray()],
      [[2, 3], 'text', [1, 2], [[2], [3]]],
    );
    first.y.dispose();
    const second = plan(b);
    assert.ok(second === first && second.y === first.y);
    assert.equal(
      [first.y.toArray(), first.same.toArray()],
      [
        [6, 7],
        [5, 6],
      ],
    );
    // An argument is copied, so that writing to the result leaves it alone.
    second.same.data()[0] = 9;
    assert.is(b.data()[0], 5);
    assert.equal(mul(second.y, 2).toArray(), [12, 14]);
    assert.equal(scope(() => reshape(second.y, [1, 2])).toArray(), [[6, 7]]);
  }));

test('a plan that is given its own results reads them as they were', () =>
  clean((own) => {
    const plan = own(compile((a: Tensor, b: Tensor) => [add(a, b), a]));
    let state = [tensor([1, 2]), tensor([1, 1])];
    const fibonacci: number[] = [];
    for (let i = 0; i < 6; i++) {
      state = plan(state[0], state[1]) as Tensor[];
      fibonacci.push(state[0].data()[0]);
    }
    assert.equal(fibonacci, [2, 3, 5, 8, 13, 21]);
  }));

test('inside another transformation a plan is its function', () =>
  clean((own) => {
    const f = (x: Tensor) => sum(mul(x, mul(x, x)));
    const plan = own(compile(f));
    const x = tensor([1, 2]);
    plan(x);
    assert.equal(grad(plan)(x).toArray(), [3, 12]);
    assert.equal(hvp(plan, x, tensor([1, 0])).toArray(), [6, 0]);
    assert.equal(jvp(plan, [x], [tensor([1, 1])]).tangent.item(), 15);
    const outer = own(compile((z: Tensor) => mul(plan(z), 2)));
    assert.is(outer(x).item(), 18);
    // A tensor of the transformation may also come in from the side.
    const side = (w: Tensor) => {
      const inner = own(compile((z: Tensor) => sum(mul(z, w))));
      return inner(x);
    };
    assert.equal(grad(side)(tensor([3, 4])).toArray(), [1, 2]);
  }));

test('tensors around the function are read at every run; results of plans, too', () =>
  clean((own) => {
    const other = own(compile((z: Tensor) => add(z, 1)));
    const one = tensor([1, 2]);
    const result = other(one);
    const plan = own(compile((x: Tensor) => add(x, result)));
    assert.equal(plan(one).toArray(), [3, 5]);
    other(tensor([5, 5]));
    assert.equal(plan(one).toArray(), [7, 8]);
  }));

test('constants of one value keep its sign and their shape', () =>
  clean((own) => {
    const [zeros, negative, mixed] = [
      [0, 0, 0],
      [-0, -0, -0],
      [0, -0, 0],
    ].map((values) => tensor(values));
    const unit = tensor([[1]]);
    const f = (x: Tensor) => [
      add(x, constant(zeros)),
      add(x, constant(negative)),
      add(x, constant(mixed)),
      mul(x, constant(unit)),
      matmul(x, constant(zeros)),
      constant(negative),
    ];
    const x = tensor([-0, -0, 1]);
    const plan = own(compile(f));
    assert.equal(plan(x).map(bits), f(x).map(bits));
    assert.equal(
      plan(x).map((t: Tensor) => t.shape),
      [[3], [3], [3], [1, 3], [], [3]],
    );
  }));

test('integers are arguments, empty tensors and functions without tensors work', () =>
  clean((own) => {
    const pick = own(compile((x: Tensor, i: Tensor) => take(x, i)));
    const x = tensor([10, 20, 30]);
    assert.equal(pick(x, tensor([2, 0], { dtype: 'i32' })).toArray(), [30, 10]);
    assert.equal(pick(x, tensor([1, 1], { dtype: 'i32' })).toArray(), [20, 20]);
    const empty = own(compile((z: Tensor) => [mul(z, 2), sum(z, { axis: 0 }), sum(z)]));
    assert.equal(
      empty(tensor([], { shape: [0, 3] })).map((t: Tensor) => t.toArray()),
      [[], [0, 0, 0], 0],
    );
    const constant = own(compile(() => add(tensor([1]), 2)));
    assert.equal([constant().toArray(), constant().toArray()], [[3], [3]]);
  }));

test('an operation that throws leaves the plan usable', () =>
  clean((own) => {
    const plan = own(compile((a: Tensor) => linalg.cholesky(a)));
    const good = tensor([
      [4, 2],
      [2, 5],
    ]);
    const bad = tensor([
      [1, 2],
      [2, 1],
    ]);
    assert.equal(plan(good).toArray(), [
      [2, 0],
      [1, 2],
    ]);
    rejects(() => plan(bad), NotPositiveDefiniteError, /^cholesky: /);
    assert.equal(plan(good).toArray(), [
      [2, 0],
      [1, 2],
    ]);
    const indexed = own(compile((x: Tensor, i: Tensor) => mul(take(x, i), 2)));
    const [ok, out] = [tensor([1], { dtype: 'i32' }), tensor([7], { dtype: 'i32' })];
    indexed(good, ok);
    rejects(() => indexed(good, out), ArgumentError, /^take: /);
    assert.equal(indexed(good, ok).toArray(), [[4, 10]]);
  }));

test('a plan prints its steps, what is fused, and where values lie', () =>
  clean((own) => {
    const plan = own(
      compile((x: Tensor) => {
        const y = matmul(x, x);
        return { y: tanh(add(y, 1)), x, z: reshape(x, [-1]) };
      }),
    );
    assert.is(String(plan), 'plan, not called yet');
    plan(tensor(numbers(400, 1), { shape: [20, 20] }));
    assert.match(
      String(plan),
      /^plan of 2 steps: [\d.]+ \w+ planned \([\d.]+ \w+ live at most\), 8 B of constants\n {2}%0 = input : f64\[20, 20\]\n/,
    );
    assert.match(String(plan), /\n0: %1 = matmul %0 %0 : f64\[20, 20\] {2}@\d+/);
    assert.match(
      String(plan),
      /\n1: 2 fused over \[400\] {2}scratch \d+ B @\d+\n {5}%3 = add %1 %2 : f64\[20, 20\]\n/,
    );
    assert.match(String(plan), /\n {5}%4 = tanh %3 : f64\[20, 20\] {2}@(\d+) in place of %1\n/);
    assert.match(
      String(plan),
      /\nreturn %0 : f64\[20, 20\] {2}copied to @\d+\nreturn %5 : f64\[400\] {2}copied to @\d+$/,
    );
    assert.equal([plan.kernels, plan.device], [2, 'cpu']);
  }));

test('the arguments may be results of the program that has to go', () =>
  clean((own) => {
    const plan = own(compile((x: Tensor, k: number) => add(x, k)));
    const first = plan(tensor([1, 2]), 0);
    for (let k = 1; k < 16; k++) plan(tensor([1, 2]), k);
    assert.equal(plan(first, 16).toArray(), [17, 18]);
    assert.ok(first.isDisposed);
  }));

test('errors name compile, or the operation, and leave nothing behind', () => {
  const x = tensor([1, 2]);
  const gone = tensor([1, 2]);
  gone.dispose();
  rejects(() => compile(5 as never), ArgumentError, /^compile: f must be a function, got 5/);
  rejects(
    () => compile((z: Tensor) => mul(z, z.data()[0]))(x),
    ArgumentError,
    /^compile: data\(\) reads values/,
  );
  rejects(() => compile((z: Tensor) => (sum(z).item() > 0 ? z : x))(x), ArgumentError, /^compile: item\(\)/);
  rejects(() => compile((z: Tensor) => reshape(z, [3]))(x), ShapeError, /^reshape: /);
  rejects(
    () => compile((z: Tensor) => add(z, 1))(gone),
    DisposedError,
    /^compile: tensor 0 in the arguments/,
  );
  const plan = compile((z: Tensor) => add(z, 1));
  const y = plan(x);
  rejects(() => plan(gone), DisposedError, /^compile: tensor 0 in the arguments/);
  plan.dispose();
  plan.dispose();
  rejects(() => plan(x), DisposedError, /^compile: the plan has been disposed/);
  rejects(() => y.data(), DisposedError, /^compile: the plan that the tensor of shape \[2\] belongs to/);
  assert.ok(y.isDisposed);
  x.dispose();
});

test.run();
