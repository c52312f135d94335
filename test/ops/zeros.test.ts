// What is not chosen gets a derivative of 0, whatever infinities and NaN stand on its way: by reverse mode as by forward mode, of both
// orders, eager and compiled. And what is chosen keeps its NaN.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as ct from '#src/index.js';
import { softsign } from '#src/ops/activations.js';
import { property } from '../support/check.js';

type Unary = (x: ct.Tensor) => ct.Tensor;
type Float = 'f64' | 'f32';

const FUNCTIONS: Record<string, Unary> = {
  sqrt: ct.sqrt,
  rsqrt: ct.rsqrt,
  log: ct.log,
  log1p: ct.log1p,
  exp: ct.exp,
  expm1: ct.expm1,
  asin: ct.asin,
  acos: ct.acos,
  atan: ct.atan,
  sin: ct.sin,
  cos: ct.cos,
  tan: ct.tan,
  sinh: ct.sinh,
  cosh: ct.cosh,
  tanh: ct.tanh,
  erf: ct.erf,
  square: ct.square,
  abs: ct.abs,
  sigmoid: ct.sigmoid,
  softplus: ct.softplus,
  relu: ct.relu,
  elu: ct.elu,
  silu: ct.silu,
  gelu: ct.gelu,
  softsign,
  reciprocal: (x) => ct.div(1, x),
  'x / x': (x) => ct.div(x, x),
  'x log x': (x) => ct.mul(x, ct.log(x)),
  'sqrt x · log x': (x) => ct.mul(ct.sqrt(x), ct.log(x)),
  'power 0.3': (x) => ct.pow(x, 0.3),
  'power -2': (x) => ct.pow(x, -2),
  'power of itself': (x) => ct.pow(x, x),
  'angle with itself': (x) => ct.atan2(x, ct.mul(x, 2)),
  maximum: (x) => ct.maximum(ct.sqrt(x), ct.log(x)),
  minimum: (x) => ct.minimum(ct.sqrt(x), ct.log(x)),
  clip: (x) => ct.clip(ct.log(x), -1, 1),
};

/** Where something of the above is infinite or NaN. */
const POINTS = [0, -0, -1, -2.5, 1, 1e30, -1e30, 800, -800, Infinity, -Infinity, Number.NaN];

/** Gradient, tangent, and gradients and tangents of both. */
function everyWay(f: Unary, x: ct.Tensor): [string, number[]][] {
  const ones = ct.ones(x.shape, { dtype: x.dtype as Float });
  const gradient = (g: Unary) => ct.grad((z: ct.Tensor) => ct.sum(g(z))) as Unary;
  const tangent = (g: Unary) => (z: ct.Tensor) => ct.jvp(g, [z], [ones]).tangent as ct.Tensor;
  const ways: Record<string, Unary> = {
    'first by grad': gradient(f),
    'first by jvp': tangent(f),
    'second by grad of grad': gradient(gradient(f)),
    'second by jvp of grad': tangent(gradient(f)),
    'second by grad of jvp': gradient(tangent(f)),
    'second by jvp of jvp': tangent(tangent(f)),
  };
  return Object.entries(ways).flatMap(([way, g]) => {
    const plan = ct.compile(g);
    const values: [string, number[]][] = [
      [way, Array.from(g(x).data())],
      [`${way}, compiled`, Array.from(plan(x).data())],
    ];
    plan.dispose();
    return values;
  });
}

const SELECTIONS: Record<string, (chosen: ct.Tensor, bad: ct.Tensor) => ct.Tensor> = {
  where: (chosen, bad) => ct.where(ct.zeros(bad.shape, { dtype: 'i32' }), bad, chosen),
  slice: (chosen, bad) => ct.slice(ct.concat([chosen, bad], 0), [0], [chosen.size]),
  take: (chosen, bad) => ct.take(ct.concat([chosen, bad], 0), [...Array(chosen.size).keys()], 0),
};

for (const dtype of ['f64', 'f32'] as const) {
  test(`in ${dtype}: no function, and no function of a function, reaches what was not chosen`, () =>
    property(
      fc.record({
        outer: fc.constantFrom(...Object.keys(FUNCTIONS)),
        inner: fc.constantFrom(undefined, ...Object.keys(FUNCTIONS)),
        selection: fc.constantFrom(...Object.keys(SELECTIONS)),
        from: fc.nat(POINTS.length - 1),
      }),
      ({ outer, inner, selection, from }) =>
        ct.scope(() => {
          const points = [...POINTS.slice(from), ...POINTS.slice(0, from)];
          const x = ct.tensor(points, { dtype });
          const f: Unary = (z) => {
            const bad = FUNCTIONS[outer](inner === undefined ? z : FUNCTIONS[inner](z));
            return SELECTIONS[selection](ct.mul(z, 3), bad);
          };
          for (const [way, got] of everyWay(f, x)) {
            const want = points.map(() => (way.startsWith('first') ? 3 : 0));
            assert.equal(got, want, `${outer} of ${inner}, ${selection}: ${way}`);
          }
        }),
      150,
    ));
}

test('functions of whole rows: a row that is not used gets 0', () =>
  ct.scope(() => {
    const rows = [
      [1, 2, 0.5],
      [-Infinity, -Infinity, -Infinity],
      [Number.NaN, 1, 2],
      [Infinity, 1, Infinity],
    ];
    const along: Record<string, (x: ct.Tensor) => ct.Tensor> = {
      logsumexp: (x) => ct.logsumexp(x, { axis: 1 }),
      norm: (x) => ct.norm(x, { axis: 1 }),
      prod: (x) => ct.prod(x, { axis: 1 }),
      max: (x) => ct.max(x, { axis: 1 }),
      min: (x) => ct.min(x, { axis: 1 }),
      variance: (x) => ct.variance(x, { axis: 1 }),
      softmax: (x) => ct.slice(ct.softmax(x), [0, 0], [4, 1]),
      logSoftmax: (x) => ct.slice(ct.logSoftmax(x), [0, 0], [4, 1]),
    };
    for (const dtype of ['f64', 'f32'] as const) {
      const x = ct.tensor(rows, { dtype });
      for (const [name, f] of Object.entries(along)) {
        const g = (z: ct.Tensor) => {
          const y = ct.reshape(f(z), [4]);
          return ct.sum(ct.where(ct.tensor([1, 0, 0, 0], { dtype: 'i32' }), y, 0));
        };
        const gradient = ct.grad(g)(x) as ct.Tensor;
        const second = ct.grad((z: ct.Tensor) => ct.sum(ct.square(ct.grad(g)(z) as ct.Tensor)))(
          x,
        ) as ct.Tensor;
        for (const values of [gradient, second]) {
          const got = values.toArray() as number[][];
          assert.ok(got[0].every(Number.isFinite), `${name}: ${got}`);
          assert.equal(got.slice(1).flat().map(Math.abs), new Array(9).fill(0), `${name}: ${got}`);
        }
      }
    }
  }));

test('what is chosen keeps its NaN and its infinity', () =>
  ct.scope(() => {
    const slope = (f: Unary, x: number) =>
      (ct.grad((z: ct.Tensor) => ct.sum(f(z)))(ct.tensor([x])) as ct.Tensor).item();
    assert.ok(Number.isNaN(slope(ct.sqrt, -1)));
    assert.is(slope(ct.sqrt, 0), Infinity);
    assert.ok(Number.isNaN(slope((x) => ct.mul(x, Number.NaN), 1)));
    // Infinity times a derivative that happens to be 0 is not known; a selection's 0 is.
    assert.ok(Number.isNaN(slope((x) => ct.sqrt(ct.square(x)), 0)));
    assert.is(
      slope((x) => ct.sqrt(ct.maximum(x, 0)), -1),
      0,
    );
    assert.is(
      slope((x) => ct.sqrt(ct.relu(x)), -1),
      0,
    );
    assert.is(
      slope((x) => ct.sqrt(ct.clip(x, 0, 1)), -1),
      0,
    );
    assert.ok(Number.isNaN(slope((x) => ct.where(ct.greater(x, 0), ct.mul(x, Number.NaN), x), 1)));
  }));

test('a tangent of 0 moves nothing, whatever the slope', () =>
  ct.scope(() => {
    const x = ct.tensor([0, 4]);
    const { tangent } = ct.jvp(ct.sqrt, [x], [ct.tensor([0, 1])]);
    assert.equal((tangent as ct.Tensor).toArray(), [0, 0.25]);
  }));

test.run();
