// totalVariation: against all patterns of jumps, optimality, segments, derivatives in x and lambda, batches, edges, errors.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  add,
  astype,
  compile,
  DTypeError,
  grad,
  hessian,
  jacfwd,
  jacrev,
  jvp,
  mul,
  nodes,
  optim,
  random,
  scope,
  stack,
  sum,
  type Tensor,
  tensor,
  valueAndGrad,
  vjp,
  zeros,
} from '#src/index.js';
import { near, numbers, property, rejects, seed } from '../support/check.js';
import { checkDerivatives } from '../support/derivatives.js';

const { totalVariation } = nodes;
const list = (x: Tensor) => Array.from(x.toTypedArray());
const solve = (x: readonly number[], lambda: number) => list(totalVariation(tensor(x), { lambda }));
const tv = (x: Tensor, lambda: Tensor) => totalVariation(x, { lambda });

const objective = (u: readonly number[], x: readonly number[], lambda: number) =>
  u.reduce((s, v, i) => s + (v - x[i]) ** 2 / 2 + (i > 0 ? lambda * Math.abs(v - u[i - 1]) : 0), 0);

/** The best of the candidates that all patterns of jumps (up, down, none) give: the solution is among them. */
function byPatterns(x: readonly number[], lambda: number): number[] {
  const n = x.length;
  let [best, least]: [number[], number] = [[], Number.POSITIVE_INFINITY];
  for (let code = 0; code < 3 ** (n - 1); code++) {
    const jumps = Array.from({ length: n - 1 }, (_, i) => (Math.floor(code / 3 ** i) % 3) - 1);
    const u: number[] = [];
    for (let first = 0; first < n; ) {
      let end = first + 1;
      while (end < n && jumps[end - 1] === 0) end++;
      const pull = (jumps[end - 1] ?? 0) - (jumps[first - 1] ?? 0);
      const mean = x.slice(first, end).reduce((s, v) => s + v, 0) / (end - first);
      const level = mean + (lambda * pull) / (end - first);
      for (; first < end; first++) u.push(level);
    }
    const value = objective(u, x, lambda);
    if (value < least) [best, least] = [u, value];
  }
  return best;
}

const signals = fc.record({
  n: fc.integer({ min: 1, max: 7 }),
  start: fc.nat(1e6),
  lambda: fc.constantFrom(0, 1e-3, 0.1, 0.25, 0.5, 1, 5),
  /** Steps of 1/2 make ties. */
  isCoarse: fc.boolean(),
});

test('the solution is the best of all patterns of jumps', () =>
  property(
    signals,
    ({ n, start, lambda, isCoarse }) =>
      scope(() => {
        const x = numbers(n, start).map((v) => (isCoarse ? Math.round(4 * v) / 2 : 2 * v));
        near(solve(x, lambda), byPatterns(x, lambda), 1e-13, `${x} ${lambda}`);
      }),
    60,
  ));

/** Largest violation of optimality: the sums of u - x are within lambda, and at it where u jumps. */
function violation(u: readonly number[], x: readonly number[], lambda: number): number {
  let [z, worst] = [0, 0];
  u.forEach((v, i) => {
    z += v - x[i];
    if (i === u.length - 1) worst = Math.max(worst, Math.abs(z));
    else if (u[i + 1] === v) worst = Math.max(worst, Math.abs(z) - lambda);
    else worst = Math.max(worst, Math.abs(z - lambda * Math.sign(u[i + 1] - v)));
  });
  return worst;
}

test('optimal for long signals of every kind', () =>
  scope(() => {
    const n = 2000;
    const walk: number[] = [];
    numbers(n, seed).forEach((v, i) => void walk.push((walk[i - 1] ?? 0) + v));
    const kinds: Record<string, number[]> = {
      noise: numbers(n, seed + 1),
      walk,
      ramp: Array.from({ length: n }, (_, i) => 0.37 * i),
      steps: numbers(n, seed + 2).map((v, i) => Math.floor(i / 100) * 3 + 0.2 * v),
      alternating: Array.from({ length: n }, (_, i) => (i % 2) * (1 + i / n)),
      offset: numbers(n, seed + 3).map((v) => 1e6 + v),
    };
    for (const [kind, x] of Object.entries(kinds)) {
      const size = Math.max(...x.map(Math.abs));
      for (const lambda of [1e-3, 0.3, 7, 1e3, 1e9])
        assert.ok(violation(solve(x, lambda), x, lambda) < 1e-12 * n * size, `${kind}, lambda ${lambda}`);
    }
  }));

test('optimal where ties abound: values and lambda on a grid that has no exact numbers', () =>
  property(
    fc.record({
      n: fc.integer({ min: 1, max: 60 }),
      start: fc.nat(1e6),
      step: fc.constantFrom(1, 0.5, 0.1, 1e-3),
      lambda: fc.constantFrom(0.1, 0.3, 1, 2, 7, 1e-9),
      isWalk: fc.boolean(),
    }),
    ({ n, start, step, lambda, isWalk }) =>
      scope(() => {
        let at = 0;
        const x = numbers(n, start).map((v) => {
          const rounded = Math.round((2 * v) / step) * step;
          at += rounded;
          return isWalk ? at : rounded;
        });
        assert.ok(violation(solve(x, lambda), x, lambda) < 1e-12, `${x}, lambda ${lambda}`);
      }),
    1000,
  ));

test('an entry far from the others costs them no digits', () =>
  scope(() => {
    near(solve([1e16, 1, 2, 4], 0.25), [1e16, 1.5, 2, 3.75], 1e-15);
    near(solve([3, 1, 2, 1e16], 0.25).slice(0, 3), [2.75, 1.5, 2], 1e-15);
  }));

test('the same as a quadratic program says', () =>
  scope(() => {
    // The dual: min 1/2 |Dᵀz - x|², |z| <= lambda, with u = x - Dᵀz.
    const [n, lambda] = [12, 0.4];
    const x = numbers(n, seed);
    const D = Array.from({ length: n - 1 }, (_, i) =>
      Array.from({ length: n }, (_, j): number => (j === i + 1 ? 1 : j === i ? -1 : 0)),
    );
    const P = D.map((r) => D.map((s) => r.reduce((t, v, k) => t + v * s[k], 0)));
    const q = D.map((r) => -r.reduce((t, v, k) => t + v * x[k], 0));
    const box = D.flatMap((_, i) => [1, -1].map((s) => D.map((__, j) => (i === j ? s : 0))));
    const program = optim.quadraticProgram({
      P: tensor(P),
      q: tensor(q),
      G: tensor(box),
      h: tensor(box.map(() => lambda)),
    });
    const z = list(program.x);
    near(
      solve(x, lambda),
      x.map((v, k) => v - D.reduce((s, r, i) => s + r[k] * z[i], 0)),
      1e-6,
    );
  }));

test('time is linear on a monotone ramp', () =>
  scope(() => {
    const n = 300_000;
    const ramp = tensor(Float64Array.from({ length: n }, (_, i) => i));
    const start = performance.now();
    const u = totalVariation(ramp, { lambda: 1e5 });
    const took = performance.now() - start;
    assert.ok(took < 5000, `${took} ms; quadratic time would be minutes`);
    // Cut at both ends where Σ (level - x_i) = lambda.
    const k = Math.floor((1 + Math.sqrt(1 + 8e5)) / 2);
    near([u.data()[0]], [(k - 1) / 2 + 1e5 / k], 1e-6);
  }));

test('the Jacobian averages over the segments, in both modes', () =>
  property(
    fc.record({
      n: fc.integer({ min: 1, max: 12 }),
      start: fc.nat(1e6),
      lambda: fc.constantFrom(0.05, 0.3, 1, 9),
    }),
    ({ n, start, lambda }) =>
      scope(() => {
        const x = tensor(numbers(n, start), { shape: [n] });
        const u = list(totalVariation(x, { lambda }));
        const want = u.flatMap((v, i) => {
          let [first, end] = [i, i + 1];
          while (u[first - 1] === v) first--;
          while (u[end] === v) end++;
          return u.map((_, j) => (j >= first && j < end ? 1 / (end - first) : 0));
        });
        const f = (y: Tensor) => totalVariation(y, { lambda });
        near(list(jacrev(f)(x) as Tensor), want, 1e-15);
        near(list(jacfwd(f)(x) as Tensor), want, 1e-15);
      }),
    25,
  ));

test('derivatives in x and lambda against differences, to second order', () =>
  scope(() => {
    for (const n of [1, 2, 9])
      checkDerivatives(tv, [random(seed % 1000).normal([n]), tensor(0.31)], { tolerance: 1e-4 });
    checkDerivatives(tv, [random(7).normal([3, 8]), tensor([0.1, 0.4, 2])], { tolerance: 1e-4 });
    const second = hessian((x: Tensor) => sum(mul(tensor(numbers(6, 1)), tv(x, tensor(0.2)))));
    near(list(second(tensor(numbers(6, 2))) as Tensor), Array(36).fill(0), 0);
  }));

test('lambda = 0: x, the identity, and the derivative in lambda from the right', () =>
  scope(() => {
    const x = tensor([1, 1, 3, 2, 2, 2, 5]);
    const v = tensor([1, 2, 3, 4, 5, 6, 7]);
    const { value, pullback } = vjp(tv, x, tensor(0));
    assert.equal(list(value as Tensor), list(x));
    const [dx, dl] = pullback(v) as Tensor[];
    assert.equal(list(dx), list(v));
    const rates = jvp((l: Tensor) => tv(x, l), [tensor(0)], [tensor(1)]).tangent as Tensor;
    const slope = solve(list(x), 1e-4).map((u, i) => (u - x.data()[i]) / 1e-4);
    near(list(rates), slope, 1e-9);
    near([dl.item()], [list(v).reduce((s, c, i) => s + c * slope[i], 0)], 1e-8);
    // With lambda above 0 neighbours that are equal are one segment.
    near(
      list(vjp((y: Tensor) => totalVariation(y, { lambda: 1e-9 }), x).pullback(v)[0] as Tensor),
      [1.5, 1.5, 3, 5, 5, 5, 7],
      1e-15,
    );
  }));

test('a segment has one number bit by bit, and an untouched entry keeps its bits', () =>
  scope(() => {
    assert.equal(solve([0.1, 0.7, 0.2, 0.9], 10), Array(4).fill(solve([0.1, 0.7, 0.2, 0.9], 10)[0]));
    assert.equal(solve([0.1, 0.3, 0.7, 0.7], 1e-3).slice(1, 2), [0.3]);
    assert.equal(solve([5, 5, 5], 2), [5, 5, 5]);
    assert.equal(solve([0, 1, 5, 6], 1), [1, 1, 5, 5]);
    assert.equal(solve([4], 3), [4]);
    assert.equal(solve([1e300, -1e300], 1e300), [0, 0]);
    assert.equal(solve([1, 1e16, 1], 1e-3).length, 3);
    // Beyond the lambda from which on u is constant, its digits stay.
    for (const lambda of [1e3, 1e20, 1e300]) near(solve([1, 2, 4, 8], lambda), [3.75, 3.75, 3.75, 3.75], 0);
    for (const scale of [1e-300, 1e300])
      near(
        solve(
          [1, 2, 0.5, 4].map((v) => v * scale),
          0.3 * scale,
        ),
        solve([1, 2, 0.5, 4], 0.3).map((v) => v * scale),
        1e-14 * scale,
      );
  }));

test('passThrough is the identity in x, and exact in lambda', () =>
  scope(() => {
    const f = (x: Tensor, lambda: Tensor) => totalVariation(x, { lambda, backward: 'passThrough' });
    const args = [tensor(numbers(9, 1)), tensor(0.4)] as const;
    const v = tensor(numbers(9, 2));
    const [dx, dl] = vjp(f, ...args).pullback(v) as Tensor[];
    assert.equal(list(dx), list(v));
    assert.is(dl.item(), (vjp(tv, ...args).pullback(v)[1] as Tensor).item());
    const moved = jvp(f, args, [v, tensor(0)]).tangent as Tensor;
    near(list(moved), list(v), 0);
    assert.equal(list(f(...args)), list(tv(...args)));
  }));

test('a batch is a loop, with other segments in each problem; lambda of the batch or shared', () =>
  scope(() => {
    const x = random(3).normal([2, 3, 8]);
    const lambda = tensor([0.05, 0.5, 3]);
    const { value, pullback } = vjp(tv, x, lambda);
    const v = random(4).normal([2, 3, 8]);
    const [dx, dl] = (pullback(v) as Tensor[]).map(list);
    const sums = [0, 0, 0];
    for (let i = 0; i < 6; i++) {
      const part = (t: Tensor) => tensor(list(t).slice(8 * i, 8 * i + 8));
      const one = vjp(tv, part(x), tensor(lambda.data()[i % 3]));
      assert.equal(list(one.value as Tensor), list(part(value as Tensor)));
      const [gx, gl] = one.pullback(part(v)) as Tensor[];
      assert.equal(list(gx), dx.slice(8 * i, 8 * i + 8));
      sums[i % 3] += gl.item();
    }
    near(dl, sums, 1e-13);
    const many = tv(tensor(numbers(5, 1)), lambda);
    assert.equal(many.shape, [3, 5]);
    const each = stack(
      [0.05, 0.5, 3].map((l) => tv(tensor(numbers(5, 1)), tensor(l))),
      0,
    );
    assert.equal(list(many), list(each));
    assert.equal(tv(zeros([0, 4]), tensor(1)).shape, [0, 4]);
    assert.equal(tv(zeros([2, 0]), tensor(1)).shape, [2, 0]);
  }));

test('compiled, f32, reports', () =>
  scope(() => {
    const seen: nodes.SolveReport[] = [];
    const v = tensor(numbers(9, 5));
    const loss = (x: Tensor, lambda: Tensor) =>
      sum(mul(v, totalVariation(x, { lambda, onSolve: (r) => void seen.push(r) })));
    const f = valueAndGrad(loss, [0, 1]);
    const plan = compile(f);
    for (let run = 0; run < 3; run++) {
      const args = [tensor(numbers(9, run)), tensor(0.1 + 0.2 * run)] as const;
      const want = f(...args) as unknown as { value: Tensor; grad: Tensor[] };
      seen.length = 0;
      const got = plan(...args) as unknown as { value: Tensor; grad: Tensor[] };
      assert.is(seen.length, 1);
      assert.equal([got.value, ...got.grad].map(list), [want.value, ...want.grad].map(list));
    }
    plan.dispose();
    const { residuals, ...rest } = seen[0];
    assert.equal(rest, { node: 'totalVariation', problems: 1, iterations: 0, converged: true });
    assert.equal(Object.keys(residuals).sort(), ['complementarity', 'dual', 'stationarity']);
    for (const value of Object.values(residuals)) assert.ok(value < 1e-14, String(value));

    const x = random(seed).normal([30]);
    const single = vjp((y: Tensor) => totalVariation(y, { lambda: 0.3 }), astype(x, 'f32'));
    assert.is((single.value as Tensor).dtype, 'f32');
    near(list(single.value as Tensor), list(totalVariation(x, { lambda: 0.3 })), 1e-6);
    const ones = add(zeros([30], { dtype: 'f32' }), 1);
    assert.is((single.pullback(ones)[0] as Tensor).dtype, 'f32');
  }));

test('what is wrong is refused, and leaves no memory', () =>
  scope(() => {
    const x = tensor([1, 2, 3]);
    const [hole, minus, single, lambdas] = [
      tensor([1, Number.NaN, 2]),
      tensor(-1),
      tensor(1, { dtype: 'f32' }),
      tensor([1, 2, -3]),
    ];
    rejects(() => totalVariation(x, { lambda: -1 }), ArgumentError, /totalVariation: lambda.*-1/);
    rejects(() => tv(x, minus), ArgumentError, /lambda/);
    rejects(() => tv(x, lambdas), ArgumentError, /lambda.*problem 2 of 3/);
    rejects(() => totalVariation(x, { lambda: Number.NaN }), ArgumentError, /lambda/);
    rejects(() => totalVariation(x, { lambda: Number.POSITIVE_INFINITY }), ArgumentError, /lambda/);
    rejects(() => totalVariation(x, {} as never), ArgumentError, /lambda/);
    rejects(() => totalVariation(hole, { lambda: 1 }), ArgumentError, /x must be finite.*\[1\]/);
    rejects(() => grad((y: Tensor) => sum(totalVariation(y, { lambda: -1 })))(x), ArgumentError, /lambda/);
    rejects(() => tv(x, single), DTypeError, /lambda/);
    rejects(() => totalVariation(x, { lambda: 1, backward: 'no' as never }), ArgumentError, /backward.*no/);
    rejects(() => totalVariation(x, { lambda: 1, lamda: 1 } as never), ArgumentError, /lambda/);
  }));

test.run();
