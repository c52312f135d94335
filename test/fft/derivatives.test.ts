// Derivatives: <F x, y> = <x, Fᵀ y> of every transform at odd and even lengths, crops and zeros; Jacobians; second order in every mix; plans and traces.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  add,
  compile,
  fft,
  grad,
  hvp,
  jacfwd,
  jacrev,
  jvp,
  mul,
  random,
  scope,
  sin,
  square,
  sum,
  type Tensor,
  tensor,
  trace,
  vjp,
} from '#src/index.js';
import { near, seed } from '../support/check.js';
import { checkDerivatives, checkSingle, inner } from '../support/derivatives.js';

type Any = fft.Complex & Tensor;
const T = (shape: number[], from = 1) => random(seed + from).normal(shape);
const Z = (shape: number[], from = 1): fft.Complex => ({ re: T(shape, from), im: T(shape, from + 50) });
const leaves = (y: Tensor | fft.Complex): Tensor[] => ('re' in y ? [y.re, y.im] : [y as Tensor]);
/** The real and the imaginary part, so that both have a derivative of their own. */
const mixed = (y: Tensor | fft.Complex) => leaves(y).map((part, k) => (k === 0 ? sin(part) : square(part)));

/** [f, whether it takes real numbers] at a length n, or with axes. */
const CALLS: [name: string, f: (x: Any, n: number) => Tensor | fft.Complex, real: boolean][] = [
  ['fft', (z, n) => fft.fft(z, { n }), false],
  ['fft of real numbers', (x, n) => fft.fft(x, { n, norm: 'ortho' }), true],
  ['ifft', (z, n) => fft.ifft(z, { n }), false],
  ['ifft of real numbers', (x, n) => fft.ifft(x, { n, axis: 0 }), true],
  ['rfft', (x, n) => fft.rfft(x, { n }), true],
  ['rfft along the first axis', (x, n) => fft.rfft(x, { n, axis: 0, norm: 'forward' }), true],
  ['irfft', (z, n) => fft.irfft(z, { n }), false],
  ['irfft along the first axis', (z, n) => fft.irfft(z, { n, axis: 0, norm: 'ortho' }), false],
  ['fft2', (z, n) => fft.fft2(z, { s: [2, n] }), false],
  ['ifftn', (z, n) => fft.ifftn(z, { s: [n, 3], norm: 'ortho' }), false],
  ['rfft2', (x, n) => fft.rfft2(x, { s: [2, n] }), true],
  ['rfftn', (x, n) => fft.rfftn(x, { axes: [1, 0], s: [3, n] }), true],
  ['irfft2', (z, n) => fft.irfft2(z, { s: [5, n] }), false],
  ['irfftn', (z, n) => fft.irfftn(z, { axes: [1, 0], s: [4, n] }), false],
];

for (const [name, f, real] of CALLS) {
  test(`${name}: <F x, y> = <x, Fᵀ y>, and tangents are transforms`, () => {
    for (const shape of [[3, 8], [4, 7], [1, 5], [11, 2]]) // biome-ignore format: short
      for (const n of [1, 2, 5, 7, 8, 13, 16])
        scope(() => {
          const run = (x: Any) => f(x, n);
          const [x, v] = (real ? [T(shape), T(shape, 9)] : [Z(shape), Z(shape, 9)]) as Any[];
          const { value, pullback } = vjp(run, x);
          const u = leaves(value).map((part, k) => T([...part.shape], 20 + k));
          const [back] = pullback((u.length === 2 ? { re: u[0], im: u[1] } : u[0]) as Any);
          const there = inner(u, leaves(run(v)));
          const again = inner(leaves(back as Any), leaves(v));
          const where = `${shape} n = ${n} [SEED=${seed}]`;
          assert.ok(Math.abs(there.value - again.value) <= 1e-12 * (there.size + again.size), where);
          const { tangent } = jvp(run, [x], [v]);
          leaves(tangent as Any).forEach((part, k) => {
            near(part.data(), leaves(run(v))[k].data(), 0, `the tangent, ${where}`);
          });
        });
  });

  test(`${name}: against differences, to second order, eager, compiled, traced`, () => {
    for (const n of [4, 5])
      scope(() => {
        const x = (real ? T([2, 4]) : Z([2, 4])) as Any;
        const run = (y: Any) => mixed(f(y, n));
        checkDerivatives(run, [x]);
        const weigh = (y: Any) => mixed(f(y, n)).map((part, k) => sum(mul(part, T([...part.shape], 30 + k))));
        const loss = (y: Any) => weigh(y).reduce((a, b) => add(a, b));
        const [gradient, direction] = [grad(loss), (real ? T([2, 4], 3) : Z([2, 4], 3)) as Any];
        const second = (y: Any) => hvp(loss, y, direction);
        const [plan, curved] = [compile(gradient), compile(second)];
        const graph = trace(gradient, x);
        for (let round = 0; round < 2; round++) {
          const at = (real ? T([2, 4], 60 + round) : Z([2, 4], 60 + round)) as Any;
          const want = leaves(gradient(at) as Any);
          leaves(plan(at) as Any).forEach((part, k) => void near(part.data(), want[k].data(), 1e-13, 'plan'));
          leaves(graph.run(at) as Any).forEach(
            (part, k) => void near(part.data(), want[k].data(), 1e-13, 'trace'),
          );
          const bent = leaves(second(at) as Any);
          leaves(curved(at) as Any).forEach(
            (part, k) => void near(part.data(), bent[k].data(), 1e-13, 'hvp'),
          );
        }
        for (const made of [plan, curved, graph]) made.dispose();
      });
  });
}

test('Jacobians by both modes are the matrices that stand in the definition', () =>
  scope(() => {
    for (const n of [1, 4, 5, 6]) {
      const x = T([n]);
      const cos = (k: number, j: number) => Math.cos((2 * Math.PI * ((k * j) % n)) / n);
      const want = Array.from({ length: Math.floor(n / 2) + 1 }, (_, k) => Array.from({ length: n }, (_, j) => cos(k, j))); // biome-ignore format: short
      const re = (y: Tensor) => fft.rfft(y).re;
      near(jacrev(re)(x).data(), want.flat(), 1e-15 * 4);
      near(jacfwd(re)(x).data(), want.flat(), 1e-15 * 4);
      // The transpose of the inverse counts twice what stands for two.
      const inverse = (y: Tensor) => fft.irfft({ re: y, im: mul(y, 0) }, { n, norm: 'forward' });
      const half = want.map((row, k) => row.map((v) => (k === 0 || 2 * k === n ? v : 2 * v)));
      const turned = Array.from({ length: n }, (_, j) => half.map((row) => row[j]));
      near(jacrev(inverse)(T([half.length])).data(), turned.flat(), 1e-15 * 8);
    }
  }));

test('the cotangent of a complex number is (∂L/∂re, ∂L/∂im); what irfft ignores has the derivative 0', () =>
  scope(() => {
    // L = Σ |z|²: its gradient is 2 z, not the conjugate.
    const z = Z([5]);
    const energy = (w: fft.Complex) => {
      const { re, im } = fft.fft(w, { norm: 'ortho' });
      return sum(add(square(re), square(im)));
    };
    const g = grad(energy)(z) as fft.Complex;
    near(g.re.data(), Array.from(z.re.data(), (v) => 2 * v), 1e-14); // biome-ignore format: short
    near(g.im.data(), Array.from(z.im.data(), (v) => 2 * v), 1e-14); // biome-ignore format: short
    for (const n of [8, 7, 4]) {
      const w = grad((y: fft.Complex) => sum(mul(fft.irfft(y, { n }), T([n], 3))))(Z([5])) as fft.Complex;
      const [re, im] = [[...w.re.data()], [...w.im.data()]];
      assert.is(im[0], 0);
      if (n === 8) assert.is(im[4], 0);
      else assert.equal([re[4], im[4]], [0, 0]);
    }
  }));

test('one part that nothing depends on; f32', () =>
  scope(() => {
    const z = Z([6]);
    const g = grad((w: fft.Complex) => sum(sin(fft.fft(w).im)))(z) as fft.Complex;
    const both = grad((w: fft.Complex) => add(sum(sin(fft.fft(w).im)), mul(0, sum(fft.fft(w).re))))(z);
    near(g.re.data(), (both as fft.Complex).re.data(), 0);
    near(g.im.data(), (both as fft.Complex).im.data(), 0);
    const x = random(seed).normal([8, 5]);
    checkSingle((y: Tensor) => sum(sin(fft.rfft2(y).re)), [x], 1e-5);
    const single = tensor(x.toTypedArray(), { shape: [8, 5], dtype: 'f32' });
    assert.is(grad((y: Tensor) => sum(fft.rfft(y).im))(single).dtype, 'f32');
  }));

test.run();
