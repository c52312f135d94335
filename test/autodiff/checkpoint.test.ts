// checkpoint, checkpointSequence: the same derivatives, and less memory, measured.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  add,
  argmax,
  astype,
  checkpoint,
  checkpointSequence,
  compile,
  div,
  grad,
  greater,
  jvp,
  matmul,
  memory,
  mul,
  ones,
  random,
  type SequenceOptions,
  scope,
  sum,
  type Tensor,
  tensor,
  valueAndGrad,
  vjp,
  where,
} from '#src/index.js';
import { near, rejects } from '../support/check.js';
import { checkDerivatives } from '../support/derivatives.js';
import { heapUse } from '../support/heap.js';

const square = (x: Tensor): Tensor => mul(x, x);
const block = (x: Tensor): Tensor => div(add(x, mul(x, square(x))), add(1, square(x)));

test('derivatives of any order are those without it', () => {
  scope(() => {
    const x = random(1).normal([4]);
    for (const f of [
      checkpoint(block),
      (y: Tensor) => checkpoint(block)(checkpoint(block)(y)),
      checkpoint((y: Tensor) => mul(checkpoint(block)(y), checkpoint(block)(y))),
    ])
      checkDerivatives(f, [x]);
    const third = (f: (y: Tensor) => Tensor) => grad(grad(grad(f)))(tensor(0.7)).item();
    near([third(checkpoint(block))], [third(block)], 1e-12);
  });
});

test('closures: variables, constants, and numbers from around it', () => {
  scope(() => {
    const c = random(1).normal([3, 3]);
    const f = (w: Tensor, x: Tensor) => {
      const v = mul(w, 2);
      return checkpoint((y: Tensor) => add(matmul(c, mul(v, y)), mul(w, 3)))(square(x));
    };
    checkDerivatives(f, [random(2).normal([3]), random(3).normal([3])]);
    // No argument at all, and a result that is an outer variable.
    const g = grad((w: Tensor) => sum(add(checkpoint(() => square(w))(), checkpoint(() => w)())))(
      tensor([1, 2]),
    );
    assert.equal(g.toArray(), [3, 5]);
  });
});

test('a constant that is disposed of inside, or after it', () => {
  scope(() => {
    const f = (x: Tensor) => {
      const y = checkpoint((z: Tensor) => {
        const two = tensor([2, 2]);
        const w = mul(z, two);
        two.dispose();
        return mul(w, w);
      })(x);
      return sum(y);
    };
    assert.equal(grad(f)(tensor([1, 2])).toArray(), [8, 16]);
  });
});

test('trees, results that are arguments or constants, the same result twice', () => {
  scope(() => {
    const f = checkpoint((p: { a: Tensor; b: Tensor }) => {
      const y = mul(p.a, p.b);
      return { y, again: [y, p.a], constant: tensor([5, 6]), n: 3 };
    });
    const whole = (p: { a: Tensor; b: Tensor }) => {
      const r = f(p);
      assert.is(r.n, 3);
      return sum(add(add(r.y, mul(r.again[0], r.again[1])), r.constant));
    };
    const g = grad(whole)({ a: tensor([1, 2]), b: tensor([3, 4]) });
    assert.equal(
      [g.a.toArray(), g.b.toArray()],
      [
        [3 + 6, 4 + 16],
        [2, 6],
      ],
    );
    checkDerivatives(f, [{ a: tensor([1, 2]), b: tensor([3, 4]) }]);
  });
});

test('outside a recording, and in forward mode, it is the function', () => {
  scope(() => {
    let calls = 0;
    const f = checkpoint((x: Tensor) => {
      calls++;
      return square(x);
    });
    f(tensor(2));
    jvp(f, [tensor(2)], [tensor(1)]);
    assert.is(calls, 2);
    grad(f)(tensor(2));
    assert.is(calls, 4);
    const { pullback } = vjp(f, tensor(2));
    assert.equal([pullback(tensor(1))[0].item(), pullback(tensor(2))[0].item()], [4, 8]);
    assert.is(calls, 7, 'every walk back runs it again');
  });
});

test('a block of many steps keeps only its arguments', () => {
  const x = random(1).normal([1000]);
  const deep = (y: Tensor) => {
    let z = y;
    for (let i = 0; i < 20; i++) z = block(z);
    return z;
  };
  const measure = (f: (y: Tensor) => Tensor) =>
    heapUse(() => {
      const result = vjp((y: Tensor) => {
        let z = y;
        for (let i = 0; i < 5; i++) z = f(z);
        return z;
      }, x);
      return result;
    }).kept;
  const [plain, spared] = [measure(deep), measure(checkpoint(deep))];
  assert.ok(spared <= 6 * 8 * 1000 + 4096 && plain > 50 * 8 * 1000, `${plain} and ${spared} bytes`);
  x.dispose();
});

/** The gradient of |J v|² for f after itself `count` times, with or without checkpoints, and bytes at the highest point. */
function reverseOverForward(f: (y: Tensor) => Tensor, count: number): { peak: number; got: number[] } {
  const [x, v] = [random(1).normal([1000]), random(2).normal([1000])];
  let got: number[] = [];
  const chain = (y: Tensor) => {
    let z = y;
    for (let i = 0; i < count; i++) z = f(z);
    return z;
  };
  const g = grad((y: Tensor) => sum(square(jvp(chain, [y], [v]).tangent)));
  const { peak } = heapUse(() =>
    scope(() => {
      got = [...g(x).data()];
    }),
  );
  for (const y of [x, v]) y.dispose();
  return { peak, got };
}

test('in reverse over forward mode the tangents are computed again as well', () => {
  const deep = (y: Tensor) => {
    let z = y;
    for (let i = 0; i < 16; i++) z = add(mul(z, 0.9), mul(0.1, square(square(div(z, add(1, square(z)))))));
    return z;
  };
  const before = memory();
  const [plain, spared, longer] = [
    reverseOverForward(deep, 10),
    reverseOverForward(checkpoint(deep), 10),
    reverseOverForward(checkpoint(deep), 20),
  ];
  near(spared.got, plain.got, (i) => 1e-12 * Math.abs(plain.got[i]) + 1e-300);
  assert.ok(spared.peak < plain.peak / 5, `${plain.peak} and ${spared.peak} bytes`);
  // A value and a tangent for each more, with a product or two on top.
  assert.ok(longer.peak - spared.peak <= 10 * 4 * 8192, `${longer.peak - spared.peak} bytes for ten more`);
  assert.equal([memory().tensors, memory().bytes], [before.tensors, before.bytes]);
});

test('in reverse over forward mode: what is around it, two forward passes, trees and compiled programs', () => {
  const v = tensor([1, -0.5, 0.25]);
  const w = tensor([0.3, 0.7, -0.2]);
  /** As written, with `part` a checkpoint or not. */
  const programs: ((part: typeof checkpoint) => (y: Tensor) => Tensor)[] = [
    // A constant that is made inside the forward pass, and one that is freed in it.
    (part) => (y) => {
      const c = mul(w, 2);
      return scope(() => part((z: Tensor) => mul(square(z), c))(mul(y, c)));
    },
    // A tensor of the forward pass that is no argument: then every step is kept.
    (part) => (y) => {
      const c = square(y);
      return part((z: Tensor) => mul(z, mul(z, c)))(y);
    },
    // The same, where only its value matters.
    (part) => (y) => part((z: Tensor) => where(greater(y, 0), square(z), mul(z, 3)))(mul(y, y)),
    (part) => (y) => {
      const { a, k } = part(({ b }: { b: Tensor }, n: number) => ({ a: mul(square(b), n), k: argmax(b) }))(
        { b: y },
        3,
      );
      return mul(a, add(1, astype(k, 'f64')));
    },
    (part) => (y) => part((z: Tensor) => mul(part(block)(z), part(block)(y)))(square(y)),
    // A forward pass in a forward pass.
    (part) => (y) => jvp((z) => part((u: Tensor) => mul(block(u), y))(mul(z, z)), [y], [w]).tangent,
    (part) => (y) => jvp((z) => part(block)(mul(z, z)), [y], [mul(y, w)]).tangent,
  ];
  const before = memory();
  for (const [i, program] of programs.entries()) {
    const of = (part: typeof checkpoint) =>
      grad((y: Tensor) => sum(square(jvp(program(part), [y], [v]).tangent)));
    const [want, got] = scope(() => [of((f) => f)(w), of(checkpoint)(w)].map((y) => [...y.data()]));
    near(got, want, (k) => 1e-12 * Math.abs(want[k]), `${i}`);
    const plan = compile(of(checkpoint));
    near(plan(w).data(), want, (k) => 1e-12 * Math.abs(want[k]), `compiled ${i}`);
    plan.dispose();
  }
  assert.equal([memory().tensors, memory().bytes], [before.tensors, before.bytes]);
  for (const x of [v, w]) x.dispose();
});

const SIZE = 1000;
const BYTES = 8 * SIZE;

/** Steps that were run, and the peak of a gradient through n of them. */
function cost(
  n: number,
  options: SequenceOptions | undefined,
): { calls: number; states: number; grad: number[] } {
  const x = random(1).normal([SIZE]);
  let calls = 0;
  const step = (y: Tensor, i: number) => {
    calls++;
    return add(y, mul(0.01 * (1 + (i % 3)), mul(y, y)));
  };
  const loss = (y: Tensor) => {
    if (options !== undefined) return sum(checkpointSequence(step, y, n, options));
    let z = y;
    for (let i = 0; i < n; i++) z = step(z, i);
    return sum(z);
  };
  let result: number[] = [];
  const { peak } = heapUse(() =>
    scope(() => {
      result = Array.from(grad(loss)(mul(x, 0.01)).data());
    }),
  );
  x.dispose();
  return { calls, states: peak / BYTES, grad: result };
}

test('checkpointSequence: memory grows as sqrt(n) or log(n), measured by the heap, and gradients agree', () => {
  const plain = cost(256, undefined);
  for (const [schedule, states, calls] of [
    ['sqrt', 2 * 16 + 12, 4],
    ['binomial', 2 * 9 + 12, 6],
    ['log', 2 * 8 + 12, 12],
  ] as const) {
    const spared = cost(256, { schedule });
    near(spared.grad, plain.grad, 1e-14, schedule);
    assert.ok(spared.states < states, `${schedule}: ${spared.states} states, plain ${plain.states}`);
    assert.ok(spared.calls <= calls * 256, `${schedule}: ${spared.calls} steps`);
  }
  assert.ok(plain.states > 500, `${plain.states}`);
  const growth = (schedule: 'sqrt' | 'binomial' | 'log') =>
    cost(1024, { schedule }).states / cost(64, { schedule }).states;
  assert.ok(growth('sqrt') < 4.2, `sqrt: ${growth('sqrt')}`);
  for (const schedule of ['binomial', 'log'] as const)
    assert.ok(growth(schedule) < 2, `${schedule}: ${growth(schedule)}`);
});

test('binomial: fewer snapshots take more steps, and never more than the bound of Griewank', () => {
  for (const [n, snapshots] of [
    [10, 3],
    [30, 2],
    [56, 3],
    [7, 1],
    [100, 5],
  ]) {
    const { calls } = cost(n, { schedule: 'binomial', snapshots });
    // The smallest r with C(s + r, s) >= n: every step runs at most r + 1 times on the way, and once to be walked back.
    let r = 0;
    const covers = (s: number, k: number): number => {
      let c = 1;
      for (let i = 1; i <= s; i++) c = (c * (k + i)) / i;
      return c;
    };
    while (covers(snapshots, r) < n) r++;
    assert.ok(calls <= (r + 2) * n, `n ${n}, ${snapshots} snapshots: ${calls} steps, r = ${r}`);
  }
});

test('sequences of trees, with outer variables, of no steps, and second derivatives', () => {
  scope(() => {
    const x = { p: tensor([1, 2]), v: tensor([0.5, -1]) };
    for (const schedule of ['sqrt', 'binomial', 'log'] as const) {
      const run = (w: Tensor, s: typeof x) =>
        checkpointSequence(
          ({ p, v }, i) => ({ p: add(p, mul(0.1, v)), v: add(v, mul(-0.1 * i, mul(w, p))) }),
          s,
          7,
          { schedule },
        );
      checkDerivatives(run, [tensor([1.5, 0.7]), x]);
      assert.is(
        checkpointSequence(() => x, x, 0, { schedule }),
        x,
      );
    }
  });
});

test('a training loop with checkpoints leaves nothing behind', () => {
  const x = ones([10]);
  const before = memory();
  for (let i = 0; i < 20; i++) {
    const { value, grad: g } = valueAndGrad((y: Tensor) => sum(checkpointSequence((z) => block(z), y, 20)))(
      x,
    );
    value.dispose();
    g.dispose();
  }
  assert.equal([memory().tensors, memory().bytes], [before.tensors, before.bytes]);
  x.dispose();
});

test('errors, on the way there and on the way back', () => {
  const x = ones([2]);
  const step = (y: Tensor) => y;
  rejects(
    () => checkpointSequence(step, x, -1),
    ArgumentError,
    /^checkpointSequence: n must be a count of steps, got -1/,
  );
  rejects(
    () => checkpointSequence(step, x, 3, { snapshots: 0 }),
    ArgumentError,
    /snapshots must be a positive integer/,
  );
  rejects(() => checkpointSequence(step, x, 3, { schedule: 'x' as never }), ArgumentError, /got "x"/);
  let fails = 1;
  const failing = checkpoint((y: Tensor) => {
    const z = square(square(y));
    if (--fails < 0) throw new ArgumentError('mine');
    return z;
  });
  rejects(() => grad((y: Tensor) => sum(failing(y)))(x), ArgumentError, /^mine/);
  fails = 0;
  rejects(() => grad((y: Tensor) => sum(failing(y)))(x), ArgumentError, /^mine/);
  x.dispose();
});

test.run();
