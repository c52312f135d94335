// symmetricFunction: values and derivatives of any order at equal, nearly equal and distinct eigenvalues, in both precisions, by identities
// that hold exactly (roots, inverses, expm), by 100 digits on diagonal matrices, and by differences; all transformations; what f captures.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  abs,
  add,
  astype,
  checkpoint,
  compile,
  cos,
  diag,
  div,
  exp,
  eye,
  grad,
  greater,
  hessian,
  hvp,
  jacfwd,
  jacrev,
  jvp,
  linalg,
  log,
  matmul,
  maximum,
  memory,
  mul,
  neg,
  ones,
  pow,
  random,
  reshape,
  scan,
  scope,
  sign,
  sin,
  slice,
  sqrt,
  square,
  stack,
  sub,
  sum,
  type Tensor,
  tensor,
  trace,
  transpose,
  vjp,
  where,
  zeros,
} from '#src/index.js';
import { near, numbers, property } from '../support/check.js';
import {
  type Decimal,
  decimal,
  decimalDifference,
  decimalExp,
  decimalLog,
  decimalSqrt,
  over,
} from '../support/decimal.js';
import { checkDerivatives } from '../support/derivatives.js';
import { withSpectrum } from '../support/spectrum.js';

type DType = 'f64' | 'f32';
const F = linalg.symmetricFunction;
const symmetric = (n: number, seed: number, dtype: DType = 'f64') => {
  const a = tensor(numbers(n * n, seed), { shape: [n, n], dtype });
  return mul(add(a, transpose(a)), 0.5);
};
const turned = (values: readonly number[], dtype: DType = 'f64') =>
  tensor(
    withSpectrum(values.length, (i) => values[i]),
    { shape: [values.length, values.length], dtype },
  );
const sizeOf = (x: Tensor) => Math.max(0, ...x.toTypedArray().map(Math.abs));

/** Positive eigenvalues of which some are equal, nearly equal, or apart. */
const spectra = fc
  .tuple(
    fc.constantFrom(1, 2, 3, 5, 8),
    fc.array(fc.oneof(fc.constant(-99), fc.double({ min: -16, max: 0, noNaN: true })), {
      minLength: 8,
      maxLength: 8,
    }),
    fc.double({ min: -3, max: 3, noNaN: true }),
    fc.constantFrom<DType>('f64', 'f32'),
    fc.nat(1e6),
  )
  .map(([n, gaps, scale, dtype, seed]) => {
    const values = [10 ** scale];
    for (let i = 1; i < n; i++) values.push(values[i - 1] * (1 + (gaps[i] === -99 ? 0 : 10 ** gaps[i])));
    return { values, dtype, seed };
  });

const EPS = { f64: 2 ** -52, f32: 2 ** -23 };

test('roots: Y Y = A, and the derivatives of it, Y L + L Y = E and Y M + M Y = -2 L²', () =>
  property(
    spectra,
    ({ values, dtype, seed }) =>
      scope(() => {
        const n = values.length;
        const [a, e] = [turned(values, dtype), symmetric(n, seed, dtype)];
        const f = (x: Tensor) => F(x, 'sqrt');
        const y = f(a);
        const unit = n * EPS[dtype];
        near(matmul(y, y).toTypedArray(), a.toTypedArray(), 60 * unit * sizeOf(a), 'root');
        const slope = (x: Tensor) => jvp(f, [x], [e]).tangent as Tensor;
        const l = slope(a);
        const twice = (x: Tensor) => add(matmul(y, x), matmul(x, y));
        const condition = values[n - 1] / values[0];
        near(twice(l).toTypedArray(), e.toTypedArray(), 100 * unit * condition * sizeOf(e), 'first');
        const second = jvp(slope, [a], [e]).tangent as Tensor;
        const square2 = mul(matmul(l, l), -2);
        near(
          twice(second).toTypedArray(),
          square2.toTypedArray(),
          2e3 * unit * condition ** 2 * Math.max(sizeOf(square2), sizeOf(y) * sizeOf(second)),
          'second',
        );
      }),
    120,
  ));

test('inverse roots and logarithms: Y A Y = I, and exp after log is nothing, to second order', () =>
  property(
    spectra,
    ({ values, dtype, seed }) =>
      scope(() => {
        const n = values.length;
        // Errors grow with the condition, which gaps make as large as 2^8.
        const narrow = values.map(
          (v, i) => values[0] * (1 + Math.min(3, v / values[0] - 1) * (i > 0 ? 1 : 0)),
        );
        const [a, e] = [turned(narrow, dtype), symmetric(n, seed, dtype)];
        const y = F(a, 'rsqrt');
        near(matmul(matmul(y, a), y).toTypedArray(), eye(n).toTypedArray(), 500 * n * EPS[dtype], 'rsqrt');
        const same = (x: Tensor) => F(F(x, 'log'), 'exp');
        near(same(a).toTypedArray(), a.toTypedArray(), 200 * n * EPS[dtype] * sizeOf(a), 'value');
        const slope = (x: Tensor) => jvp(same, [x], [e]).tangent as Tensor;
        near(slope(a).toTypedArray(), e.toTypedArray(), 2000 * n * EPS[dtype] * sizeOf(e), 'first');
        const size = sizeOf(e) ** 2 / narrow[0];
        near(
          (jvp(slope, [a], [e]).tangent as Tensor).toTypedArray(),
          new Float64Array(n * n),
          2e5 * n * EPS[dtype] * size,
          'second',
        );
      }),
    60,
  ));

test('exp: as expm, with two derivatives', () =>
  property(
    spectra,
    ({ values, seed }) =>
      scope(() => {
        const n = values.length;
        const a = turned(values.map((v) => v / values[n - 1] - 0.3));
        const [e, g] = [symmetric(n, seed), symmetric(n, seed + 1)];
        const along = (f: (x: Tensor) => Tensor) => (x: Tensor) => jvp(f, [x], [e]).tangent as Tensor;
        const second = (f: (x: Tensor) => Tensor) => jvp(along(f), [a], [g]).tangent as Tensor;
        const f = (x: Tensor) => F(x, exp);
        near(f(a).toTypedArray(), linalg.expm(a).toTypedArray(), 1e-13, 'value');
        near(along(f)(a).toTypedArray(), along(linalg.expm)(a).toTypedArray(), 1e-12, 'first');
        near(second(f).toTypedArray(), second(linalg.expm).toTypedArray(), 1e-11, 'second');
      }),
    60,
  ));

const exact: Record<string, (x: Decimal) => Decimal> = {
  sqrt: decimalSqrt,
  log: decimalLog,
  exp: decimalExp,
  rsqrt: (x) => over(decimal(1), decimalSqrt(x)),
};

for (const [name, oracle] of Object.entries(exact)) {
  test(`${name} of diagonal matrices: derivatives entry by entry against 100 digits`, () =>
    property(
      spectra,
      ({ values: drawn, seed }) =>
        scope(() => {
          const values = drawn.map((v) => v / drawn[0]).map((v) => Math.min(v, 200));
          const n = values.length;
          const e = symmetric(n, seed);
          const { tangent } = jvp((x: Tensor) => F(x, name as 'sqrt'), [diag(tensor(values))], [e]);
          const [got, moved] = [tangent.toTypedArray(), e.toTypedArray()];
          for (let i = 0; i < n; i++) {
            for (let j = 0; j < n; j++) {
              const want = decimalDifference(oracle, [values[i], values[j]]) * moved[i * n + j];
              const bound =
                1e-14 * Math.abs(want) + 1e-15 * Math.abs(decimalDifference(oracle, [values[0], values[0]]));
              near([got[i * n + j]], [want], bound, `${values[i]}, ${values[j]}`);
            }
          }
        }),
      25,
    ));
}

const pieces: [string, (x: Tensor) => Tensor, number[]][] = [
  ['sine', sin, [1, 1, 2, -1]],
  ['cube', (x) => mul(x, square(x)), [0, 0, 1]],
  ['power', (x) => pow(x, 0.3), [1, 1, 4]],
  ['quotient', (x) => div(x, add(1, square(x))), [-1, 1, 1, 1]],
  ['magnitude', abs, [-1, -1, 2]],
  ['positive part', (x) => maximum(x, 0), [-1, -2, 1, 1]],
  ['sign', sign, [-1, -1, 2, 2]],
  ['pieces', (x) => where(greater(x, 1.5), exp(neg(x)), square(x)), [1, 1, 2, 3]],
  ['constant', (x) => mul(x, 0), [1, 1]],
];

for (const [name, f, values] of pieces) {
  test(`${name}: both modes and orders against differences, at equal eigenvalues and zero`, () => {
    for (const a of [diag(tensor(values)), turned(values), mul(eye(3), values[0])])
      checkDerivatives((x: Tensor) => F(x, f), [a], { symmetric: true, tolerance: 1e-5 });
    checkDerivatives((x: Tensor) => F(x, f), [stack([turned(values), diag(tensor(values))], 0)], {
      symmetric: true,
      tolerance: 1e-5,
    });
  });
}

test('third derivatives at equal eigenvalues', () =>
  scope(() => {
    const w = symmetric(3, 4);
    const g = grad((x: Tensor) =>
      sum(
        mul(
          w,
          F(x, (v) => exp(sin(v))),
        ),
      ),
    );
    for (const a of [mul(eye(3), 0.7), turned([1, 1, 2])])
      checkDerivatives(g, [a], { symmetric: true, tolerance: 1e-5 });
  }));

test('across a kink or a jump: quotients', () =>
  scope(() => {
    const e = tensor([
      [0, 1],
      [1, 0],
    ]);
    for (const gap of [1e-12, 1e-3, 1]) {
      const a = diag(tensor([-gap, 2 * gap]));
      near(jvp((x: Tensor) => F(x, abs), [a], [e]).tangent.data(), [0, 1 / 3, 1 / 3, 0], 1e-15);
      near(
        jvp((x: Tensor) => F(x, sign), [a], [e]).tangent.data(),
        [0, 2 / (3 * gap), 2 / (3 * gap), 0],
        1e-15 / gap,
      );
    }
  }));

test('outside of the domain: what the operations give', () =>
  scope(() => {
    const a = diag(tensor([0, 1]));
    near(F(a, 'sqrt').data(), [0, 0, 0, 1], 0);
    assert.ok([...F(a, 'log').data()].some((v) => !Number.isFinite(v)));
    assert.ok([...F(neg(eye(2)), 'sqrt').data()].every(Number.isNaN));
    assert.ok([...grad((x: Tensor) => sum(F(x, 'sqrt')))(a).data()].some((v) => !Number.isFinite(v)));
    const clipped = F(diag(tensor([-1e-17, 1])), (x) => sqrt(maximum(x, 0)));
    near(clipped.data(), [0, 0, 0, 1], 0);
  }));

test('of any size: homogeneous functions scale', () =>
  scope(() => {
    const [a, w] = [turned([1, 1, 1 + 1e-9, 4]), symmetric(4, 5)];
    const along = (size: number) => {
      const scaled = mul(a, size);
      const slope = (x: Tensor) => jvp((y: Tensor) => F(y, 'sqrt'), [x], [mul(w, size)]).tangent as Tensor;
      return [F(scaled, 'sqrt'), slope(scaled), jvp(slope, [scaled], [mul(w, size)]).tangent as Tensor];
    };
    const want = along(1);
    for (const power of [-996, -500, 500, 996])
      along(2 ** power).forEach((y, i) => {
        // f'' itself leaves the range.
        if (i === 2 && Math.abs(power) > 600) return;
        near(
          mul(y, 2 ** (-power / 2)).toTypedArray(),
          want[i].toTypedArray(),
          1e-10,
          `order ${i}, 2^${power}`,
        );
      });
    // Below the normal range.
    const small = diag(tensor([1e-310, 1e-310, 4e-310]));
    near(
      mul(jvp((y: Tensor) => F(y, 'sqrt'), [small], [mul(ones([3, 3]), 1e-310)]).tangent, 1e155).data(),
      [1 / 2, 1 / 2, 1 / 3, 1 / 2, 1 / 2, 1 / 3, 1 / 3, 1 / 3, 1 / 4],
      1e-12,
    );
  }));

test('only the lower triangle counts; the gradient is symmetric', () =>
  scope(() => {
    const a = tensor([
      [2, 99],
      [1, 2],
    ]);
    const full = tensor([
      [2, 1],
      [1, 2],
    ]);
    near(F(a, 'sqrt').data(), F(full, 'sqrt').data(), 0);
    const w = tensor([
      [0, 1],
      [0, 0],
    ]);
    const g = grad((x: Tensor) => sum(mul(w, F(x, 'log'))))(eye(2));
    near(g.data(), [0, 0.5, 0.5, 0], 1e-15);
  }));

test('compiled, traced, in loops and checkpoints: the same bits; Jacobians and Hessians agree', () =>
  scope(() => {
    const a = stack([turned([1, 1, 3]), eye(3)], 0);
    const f = (x: Tensor) => F(x, 'sqrt');
    const w = symmetric(3, 8);
    const loss = (x: Tensor) => sum(mul(w, f(x)));
    const gradient = grad(loss);
    const product = (x: Tensor) => hvp(loss, x, mul(a, x));
    for (const g of [f, gradient, product]) {
      near(compile(g)(a).toTypedArray(), g(a).toTypedArray(), 1e-14, 'compile');
      const graph = trace(g, a);
      near((graph.run(a) as Tensor).toTypedArray(), g(a).toTypedArray(), 1e-14, 'trace');
    }
    near(
      grad((x: Tensor) => checkpoint(loss)(x))(a).toTypedArray(),
      gradient(a).toTypedArray(),
      0,
      'checkpoint',
    );
    const looped = (x: Tensor) =>
      sum(scan((s: Tensor) => ({ carry: F(add(s, eye(3)), 'sqrt') }), x, undefined, { length: 3 }).carry);
    const plain = (x: Tensor) => {
      let s = x;
      for (let i = 0; i < 3; i++) s = F(add(s, eye(3)), 'sqrt');
      return sum(s);
    };
    near(grad(looped)(a).toTypedArray(), grad(plain)(a).toTypedArray(), 1e-14, 'scan');
    near(compile(grad(looped))(a).toTypedArray(), grad(plain)(a).toTypedArray(), 1e-14, 'compiled scan');
    const one = turned([1, 1, 3]);
    near(jacfwd(f)(one).toTypedArray(), jacrev(f)(one).toTypedArray(), 1e-13, 'Jacobians');
    const h = hessian(loss)(one) as Tensor;
    const e = symmetric(3, 9);
    near(
      matmul(reshape(h, [9, 9]), reshape(e, [9])).toTypedArray(),
      hvp(loss, one, e).toTypedArray(),
      1e-12,
      'Hessian',
    );
    near(jacrev(gradient)(one).toTypedArray(), h.toTypedArray(), 1e-12, 'reverse over reverse');
  }));

test('f32 stays f32 and is as good', () =>
  scope(() => {
    const a = turned([1, 1, 1.0001, 2, 2]);
    const w = symmetric(5, 3);
    const loss = (x: Tensor) => sum(mul(astype(w, x.dtype as 'f64'), F(x, 'log')));
    const [g, h] = [grad(loss)(astype(a, 'f32')), hvp(loss, astype(a, 'f32'), astype(w, 'f32'))];
    assert.is(g.dtype, 'f32');
    near(g.toTypedArray(), grad(loss)(a).toTypedArray(), 1e-5);
    near(h.toTypedArray(), hvp(loss, a, w).toTypedArray(), 1e-4);
  }));

test('nothing, and stacks of nothing', () =>
  scope(() => {
    for (const shape of [
      [0, 0],
      [0, 3, 3],
      [2, 0, 0],
    ]) {
      const x = zeros(shape);
      assert.equal(F(x, 'sqrt').shape, shape);
      assert.equal(vjp((y: Tensor) => F(y, 'sqrt'), x).pullback(x)[0].shape, shape);
    }
    near(F(tensor([[4]]), 'sqrt').data(), [2], 0);
  }));

test('what f captures is differentiated, in every mix and order, also compiled', () =>
  scope(() => {
    const w = symmetric(3, 2);
    const a = turned([1, 1, 4]);
    const power = (x: Tensor, p: Tensor) =>
      sum(
        mul(
          w,
          F(x, (v) => pow(v, p)),
        ),
      );
    checkDerivatives(power, [a, tensor(0.5)], { symmetric: [0], tolerance: 1e-5 });
    const series = (x: Tensor, c: Tensor) =>
      F(x, (v) => {
        const at = (i: number) => reshape(slice(c, [i], [i + 1]), []);
        return add(mul(at(0), cos(v)), mul(at(1), log(v)));
      });
    checkDerivatives(series, [a, tensor([0.3, -2])], { symmetric: [0], tolerance: 1e-5 });
    const both = grad(power, [0, 1]);
    const [x, p] = both(a, tensor(0.5));
    const [cx, cp] = compile(both)(a, tensor(0.5));
    near(cx.toTypedArray(), x.toTypedArray(), 1e-14);
    near(cp.toTypedArray(), p.toTypedArray(), 1e-14);
    // A captured tensor of a plan is read anew.
    const rate = tensor(0.5);
    const plan = compile((y: Tensor) => F(y, (v) => pow(v, rate)));
    near(plan(a).toTypedArray(), F(a, 'sqrt').toTypedArray(), 1e-14);
    rate.data()[0] = 2;
    near(plan(a).toTypedArray(), matmul(a, a).toTypedArray(), 1e-13);
  }));

test('functions of matrices that the same formula with eigh does not know: the same where eigenvalues are apart', () =>
  scope(() => {
    const a = turned([0.5, 1, 2, 4]);
    const w = symmetric(4, 6);
    const byHand = (x: Tensor) => {
      const { values, vectors } = linalg.eigh(x);
      return sum(mul(w, matmul(mul(vectors, sqrt(values)), vectors, { transposeB: true })));
    };
    const direct = (x: Tensor) => sum(mul(w, F(x, 'sqrt')));
    near(grad(byHand)(a).toTypedArray(), grad(direct)(a).toTypedArray(), 1e-13);
    near(hvp(byHand, a, w).toTypedArray(), hvp(direct, a, w).toTypedArray(), 1e-11);
  }));

test('nothing is left behind', () => {
  const run = () =>
    scope(() => {
      const p = random(1).uniform([]);
      const loss = (x: Tensor) => sum(F(x, (v) => pow(v, p)));
      grad((x: Tensor) => sum(mul(grad(loss)(x), x)))(eye(3));
      const plan = compile(grad(loss));
      plan(eye(3));
      plan.dispose();
      sub(hvp(loss, eye(3), eye(3)), 1);
    });
  run();
  const before = memory();
  for (let i = 0; i < 3; i++) run();
  assert.equal([memory().tensors, memory().bytes], [before.tensors, before.bytes]);
});

test.run();
