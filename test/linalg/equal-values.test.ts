// Derivatives through eigh and svd where values are equal: right, or NaN where their cotangents or tangents do not say the derivative; never
// another number. What must be known is: functions of values, of spaces, and of singular vectors on both sides.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  add,
  astype,
  checkGradients,
  compile,
  diag,
  div,
  exp,
  eye,
  grad,
  hessian,
  hvp,
  jvp,
  linalg,
  log,
  matmul,
  mul,
  neg,
  ones,
  reshape,
  scope,
  slice,
  sqrt,
  square,
  stack,
  sub,
  sum,
  type Tensor,
  tensor,
  transpose,
  zeros,
} from '#src/index.js';
import { near, numbers, property } from '../support/check.js';
import { checkDerivatives } from '../support/derivatives.js';
import { withSingularValues, withSpectrum } from '../support/spectrum.js';

type Scalar = (x: Tensor) => Tensor;
const right = { transposeB: true };
const random2 = (m: number, n: number, seed: number) => tensor(numbers(m * n, seed), { shape: [m, n] });
const symmetric = (n: number, seed: number) => {
  const a = random2(n, n, seed);
  return mul(add(a, transpose(a)), 0.5);
};
const turned = (values: readonly number[]) =>
  tensor(
    withSpectrum(values.length, (i) => values[i]),
    { shape: [values.length, values.length] },
  );
const entry = (n: number, i: number, j: number) => {
  const w = zeros([n, n]);
  w.data()[i * n + j] = 1;
  return w;
};

const isKnown = (x: Tensor) => [...x.toTypedArray()].every(Number.isFinite);

/** Right, or NaN; returns whether there is a number. */
function honest(got: Tensor, want: Tensor, bound: number, what: string): boolean {
  const [x, y] = [got.toTypedArray(), want.toTypedArray()];
  x.forEach((value, i) => {
    if (!Number.isNaN(value)) near([value], [y[i]], bound, what);
  });
  return isKnown(got);
}

const spectra = [
  [1, 1, 1],
  [2, 2],
  [1, 1, 4],
  [0, 0, 1],
  [-1, -1, 2, 2],
  [1, 3, 3, 3, 7],
  [0, 0],
];

/** The matrices with a spectrum: diagonal, and turned. */
const matrices = (values: number[]) => [diag(tensor(values)), turned(values)];

const functions: Record<string, Scalar> = {
  sqrt: (x) => sqrt(add(x, 2)),
  'inverse root': (x) => div(1, sqrt(add(x, 2))),
  'log, 0 at 1': (x) => log(add(square(sub(x, 0.5)), 0.75)),
  square,
  'square without 1': (x) => sub(square(x), 1),
  exp,
  identity: (x) => mul(x, 1),
  constant: (x) => add(mul(x, 0), 1),
};

const byHand = (f: Scalar) => (a: Tensor) => {
  const { values, vectors } = linalg.eigh(a);
  const row = reshape(f(values), [...values.shape.slice(0, -1), 1, values.shape[values.ndim - 1]]);
  return matmul(mul(vectors, row), vectors, right);
};

for (const [name, f] of Object.entries(functions)) {
  test(`V f(Λ) Vᵀ by hand, ${name}: right or NaN, in both modes and orders`, () =>
    scope(() => {
      const direct = (a: Tensor) => linalg.symmetricFunction(a, f);
      for (const values of spectra) {
        const n = values.length;
        const weights = [
          entry(n, 0, 1),
          entry(n, 0, 0),
          symmetric(n, 3),
          eye(n),
          ones([n, n]),
          random2(n, n, 4),
        ];
        for (const a of matrices(values)) {
          for (const w of weights) {
            const loss = (g: (x: Tensor) => Tensor) => (x: Tensor) => sum(mul(w, g(x)));
            const want = grad(loss(direct))(a);
            honest(grad(loss(byHand(f)))(a), want, 1e-12, `${name} at ${values}`);
            honest(compile(grad(loss(byHand(f))))(a), want, 1e-12, `${name} at ${values}, compiled`);
            for (const e of [symmetric(n, 7), eye(n), diag(tensor(numbers(n, 3))), w]) {
              const along = (g: (x: Tensor) => Tensor) => jvp(g, [a], [e]).tangent as Tensor;
              honest(along(byHand(f)), along(direct), 1e-12, `${name} at ${values}, forward`);
              honest(
                hvp(loss(byHand(f)), a, e),
                hvp(loss(direct), a, e),
                1e-11,
                `${name} at ${values}, second`,
              );
            }
          }
        }
      }
    }));
}

test('the truncated sum V_r Λ_r V_rᵀ is known although the rest of the spectrum is equal', () =>
  scope(() => {
    for (const a of [turned([0, 0, 0, 1, 2]), diag(tensor([-1, -1, -1, 3, 5]))]) {
      const low = (x: Tensor) => {
        const { values, vectors } = linalg.eigh(x);
        const v = slice(vectors, [0, 3], [5, 5]);
        return matmul(mul(v, slice(values, [3], [5])), v, right);
      };
      const w = symmetric(5, 2);
      const gradient = grad((x: Tensor) => sum(mul(w, low(x))));
      assert.ok(isKnown(gradient(a)));
      const e = symmetric(5, 3);
      const h = 1e-5;
      const slope = div(sub(sum(mul(w, low(add(a, mul(e, h))))), sum(mul(w, low(sub(a, mul(e, h)))))), 2 * h);
      near([sum(mul(gradient(a), e)).item()], [slope.item()], 1e-8);
      near([sum(mul(w, jvp(low, [a], [e]).tangent)).item()], [slope.item()], 1e-8, 'forward');
    }
  }));

test('functions of values: symmetric ones are known to second order, others are not', () =>
  scope(() => {
    for (const values of spectra) {
      for (const a of matrices(values)) {
        const smooth = (x: Tensor) => sum(exp(mul(linalg.eigvalsh(x), 0.3)));
        checkDerivatives(smooth, [a], { symmetric: true, order: 1 });
        const direct = (x: Tensor) => linalg.trace(linalg.symmetricFunction(x, (v) => exp(mul(v, 0.3))));
        near(grad(smooth)(a).toTypedArray(), grad(direct)(a).toTypedArray(), 1e-12, `${values}`);
        near(
          (hessian(smooth)(a) as Tensor).toTypedArray(),
          (hessian(direct)(a) as Tensor).toTypedArray(),
          1e-11,
          `${values}: Hessian`,
        );
        // A function that does not add up over the values.
        const coupled = (x: Tensor) => square(sum(square(linalg.eigvalsh(x))));
        const frobenius = (x: Tensor) => square(sum(square(mul(add(x, transpose(x)), 0.5))));
        near(
          hvp(coupled, a, symmetric(values.length, 5)).toTypedArray(),
          hvp(frobenius, a, symmetric(values.length, 5)).toTypedArray(),
          1e-9,
          `${values}`,
        );
        honest(
          grad((x: Tensor) => sum(grad(coupled)(x)))(a),
          grad((x: Tensor) => sum(grad(frobenius)(x)))(a),
          1e-9,
          `${values}: reverse over reverse`,
        );
        const n = values.length;
        const first = grad((x: Tensor) => sum(slice(linalg.eigvalsh(x), [n - 1], [n])))(a);
        const isTied = values[n - 1] === values[n - 2];
        assert.is(isKnown(first), !isTied, `the largest of ${values}`);
      }
    }
  }));

test('the changes of equal eigenvalues are the eigenvalues of their block', () =>
  property(
    fc.tuple(fc.constantFrom(...spectra), fc.nat(1e6)),
    ([values, seed]) =>
      scope(() => {
        const e = symmetric(values.length, seed);
        for (const a of matrices(values)) {
          for (const f of [linalg.eigvalsh, (x: Tensor) => linalg.eigh(x).values]) {
            const { tangent } = jvp(f, [a], [e]);
            const h = 1e-7;
            const moved = div(sub(linalg.eigvalsh(add(a, mul(e, h))), linalg.eigvalsh(a)), h);
            near(tangent.toTypedArray(), moved.toTypedArray(), 1e-5, `${values}`);
          }
        }
      }),
    60,
  ));

test('vectors of equal eigenvalues have no derivative; others do', () =>
  scope(() => {
    const a = turned([1, 1, 3, 5]);
    const w = random2(4, 4, 3);
    assert.not(isKnown(grad((x: Tensor) => sum(mul(linalg.eigh(x).vectors, w)))(a)));
    assert.not(isKnown(grad((x: Tensor) => sum(mul(linalg.eigh(x).vectors, w)))(eye(4))));
    const { tangent } = jvp((x: Tensor) => linalg.eigh(x).vectors, [a], [symmetric(4, 2)]);
    assert.not(isKnown(slice(tangent, [0, 0], [4, 1])));
    assert.not(isKnown(slice(tangent, [0, 1], [4, 2])));
    assert.ok(isKnown(slice(tangent, [0, 2], [4, 4])));
    const last = (x: Tensor) => slice(linalg.eigh(x).vectors, [0, 2], [4, 4]);
    checkDerivatives((x: Tensor) => square(last(x)), [a], { symmetric: true, order: 1 });
    // Along what keeps the spaces, nothing turns.
    near(
      jvp((x: Tensor) => linalg.eigh(x).vectors, [eye(3)], [diag(tensor([1, 2, 3]))]).tangent.data(),
      new Float64Array(9),
      0,
    );
  }));

test('projections onto spaces are known in reverse mode', () =>
  scope(() => {
    const a = turned([1, 1, 1, 3]);
    const onto = (from: number, to: number) => (x: Tensor) => {
      const v = slice(linalg.eigh(x).vectors, [0, from], [4, to]);
      return matmul(v, v, right);
    };
    const w = symmetric(4, 1);
    const top = grad((x: Tensor) => sum(mul(w, onto(3, 4)(x))))(a);
    const rest = grad((x: Tensor) => sum(mul(w, onto(0, 3)(x))))(a);
    assert.ok(isKnown(top));
    near(rest.toTypedArray(), neg(top).toTypedArray(), 1e-12);
    near(grad((x: Tensor) => sum(mul(w, onto(0, 4)(x))))(a).toTypedArray(), new Float64Array(16), 1e-12);
    // A cut through a space.
    assert.not(isKnown(grad((x: Tensor) => sum(mul(w, onto(1, 4)(x))))(a)));
  }));

const rectangles: [number, number, number[]][] = [
  [2, 2, [1, 1]],
  [3, 3, [2, 2, 2]],
  [3, 3, [3, 1, 1]],
  [3, 3, [1, 1, 0]],
  [3, 3, [1, 0, 0]],
  [3, 3, [0, 0, 0]],
  [4, 3, [2, 2, 1]],
  [3, 5, [2, 1, 1]],
  [4, 3, [1, 1, 0]],
  [3, 4, [1, 0, 0]],
  [4, 2, [0, 0]],
];

const withValues = (m: number, n: number, s: number[]) => {
  const flat = zeros([m, n]);
  for (let i = 0; i < s.length; i++) flat.data()[i * (n + 1)] = s[i];
  return [
    flat,
    tensor(
      withSingularValues(m, n, (i) => s[i]),
      { shape: [m, n] },
    ),
  ];
};

test('U S Vᵀ by hand is A: right or NaN, whatever is equal or 0', () =>
  scope(() => {
    const product = (x: Tensor) => {
      const { u, s, vt } = linalg.svd(x);
      return matmul(mul(u, s), vt);
    };
    for (const [m, n, s] of rectangles) {
      for (const a of withValues(m, n, s)) {
        for (const w of [random2(m, n, 2), ones([m, n])]) {
          honest(grad((x: Tensor) => sum(mul(w, product(x))))(a), w, 1e-12, `${m} x ${n}, ${s}`);
          honest(jvp(product, [a], [w]).tangent as Tensor, w, 1e-12, `${m} x ${n}, ${s}, forward`);
        }
      }
    }
  }));

test('the polar factor is known where singular values are equal and not 0', () =>
  scope(() => {
    const polar = (x: Tensor) => {
      const { u, vt } = linalg.svd(x);
      return matmul(u, vt);
    };
    for (const [m, n, s] of rectangles) {
      for (const a of withValues(m, n, s)) {
        const w = random2(m, n, 3);
        const loss = (x: Tensor) => sum(mul(w, polar(x)));
        const gradient = grad(loss)(a);
        if (Math.min(...s) === 0) {
          if (s.filter((v) => v === 0).length > 1 || m !== n)
            assert.not(isKnown(gradient), `${m} x ${n}, ${s}`);
          continue;
        }
        checkGradients(loss, [a], { order: 1, modes: ['vjp'], tolerance: 1e-6 });
      }
    }
    // At I: the antisymmetric part of w over 2.
    const w = tensor([
      [1, 2],
      [3, 4],
    ]);
    near(grad((x: Tensor) => sum(mul(w, polar(x))))(eye(2)).data(), [0, -0.5, 0.5, 0], 1e-15);
  }));

test('functions of singular values, the nuclear norm, projections onto ranges', () =>
  scope(() => {
    for (const [m, n, s] of rectangles) {
      for (const a of withValues(m, n, s)) {
        const squares = (x: Tensor) => sum(square(linalg.svdvals(x)));
        near(grad(squares)(a).toTypedArray(), mul(a, 2).toTypedArray(), 1e-12, `${s}`);
        honest(hvp(squares, a, random2(m, n, 8)), mul(random2(m, n, 8), 2), 1e-11, `${s}: second`);
        if (Math.min(...s) > 0) {
          const e = random2(m, n, 6);
          const rate = (x: Tensor) => jvp((y: Tensor) => linalg.svdvals(y), [x], [e]).tangent as Tensor;
          const moved = div(sub(linalg.svdvals(add(a, mul(e, 1e-7))), linalg.svdvals(a)), 1e-7);
          near(rate(a).toTypedArray(), moved.toTypedArray(), 1e-5, `${s}: changes`);
          checkDerivatives((x: Tensor) => linalg.norm(x, 'nuc'), [a], { order: 1 });
        }
        // One element of the subdifferential where it is not differentiable.
        assert.ok(isKnown(grad((x: Tensor) => linalg.norm(x, 'nuc'))(a)), `nuclear norm, ${s}`);
        const g = grad((x: Tensor) => linalg.norm(x, 2))(a);
        near([sum(mul(g, a)).item()], [s[0]], 1e-12, `spectral norm, ${s}`);
        near([linalg.norm(g, 'nuc').item()], [1], 1e-12, `spectral norm, ${s}`);
      }
    }
    const a = tensor(
      withSingularValues(4, 4, (i) => [2, 2, 0, 0][i]),
      { shape: [4, 4] },
    );
    const range = (x: Tensor) => {
      const u = slice(linalg.svd(x).u, [0, 0], [4, 2]);
      return matmul(u, u, right);
    };
    const loss = (x: Tensor) => sum(mul(symmetric(4, 2), range(x)));
    const [g, e] = [grad(loss)(a), random2(4, 4, 5)];
    const slope = (loss(add(a, mul(e, 1e-6))).item() - loss(sub(a, mul(e, 1e-6))).item()) / 2e-6;
    near([sum(mul(g, e)).item()], [slope], 1e-7);
  }));

test('nearly equal: NaN within rounding of a value, else as good as the gap allows', () =>
  property(fc.tuple(fc.double({ min: -16, max: -1, noNaN: true }), fc.nat(1e6)), ([digits, seed]) =>
    scope(() => {
      const gap = 10 ** digits;
      const a = turned([1, 1 + gap, 3]);
      const w = symmetric(3, seed);
      const want = grad((x: Tensor) => sum(mul(w, linalg.symmetricFunction(x, 'sqrt'))))(a);
      honest(grad((x: Tensor) => sum(mul(w, byHand(sqrt)(x))))(a), want, 1e-12 + 2e-14 / gap, `${gap}`);
    }),
  ));

test('f32, and stacks in which one matrix has equal values', () =>
  scope(() => {
    const w = symmetric(3, 4);
    for (const dtype of ['f64', 'f32'] as const) {
      const a = stack(
        [eye(3), diag(tensor([1, 2, 4]))].map((x) => astype(x, dtype)),
        0,
      );
      const weights = astype(w, dtype);
      const got = grad((x: Tensor) => sum(mul(weights, byHand(sqrt)(x))))(a).toTypedArray();
      const want = grad((x: Tensor) => sum(mul(weights, linalg.symmetricFunction(x, 'sqrt'))))(
        a,
      ).toTypedArray();
      assert.ok(got.subarray(0, 9).every(Number.isNaN));
      near(got.subarray(9), want.subarray(9), dtype === 'f64' ? 1e-14 : 1e-5);
      const polar = grad((x: Tensor) => {
        const { u, vt } = linalg.svd(x);
        return sum(mul(weights, matmul(u, vt)));
      })(astype(mul(eye(3), 2), dtype));
      near(polar.toTypedArray(), new Float64Array(9), 1e-6);
      const values = grad((x: Tensor) => sum(exp(linalg.eigvalsh(x))))(astype(eye(3), dtype));
      near(values.toTypedArray(), mul(eye(3), Math.E).toTypedArray(), 1e-6);
    }
  }));

test.run();
