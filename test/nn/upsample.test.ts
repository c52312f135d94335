// Upsampling against the definition, one output at a time.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  compile,
  grad,
  mul,
  nn,
  random,
  ShapeError,
  scope,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '#src/index.js';
import { near, property, rejects } from '../support/check.js';
import { checkDerivatives } from '../support/derivatives.js';

type Kind = 'nearest' | 'linear' | 'cubic';

/** Keys's kernel as it is printed, piece by piece. */
const keys = (s: number, a: number) => {
  const t = Math.abs(s);
  if (t <= 1) return (a + 2) * t ** 3 - (a + 3) * t ** 2 + 1;
  return t < 2 ? a * t ** 3 - 5 * a * t ** 2 + 8 * a * t - 4 * a : 0;
};

/** The weight of input i for an output at position `at`. */
const weight = (kind: Kind, at: number, i: number, a: number) => {
  if (kind === 'nearest') return i === Math.floor(at + 0.5) ? 1 : 0;
  return kind === 'linear' ? Math.max(0, 1 - Math.abs(at - i)) : keys(at - i, a);
};

/** All inputs near each output, in as many axes as there are. */
function slow(x: Tensor, factors: number[], kind: Kind, periodic: boolean[], a = -0.75): number[] {
  const extents = x.shape.slice(2);
  const fine = extents.map((n, i) => n * factors[i]);
  const planes = x.shape[0] * x.shape[1];
  const [coarse, many] = [extents, fine].map((list) => list.reduce((s, n) => s * n, 1));
  const data = x.toTypedArray();
  const result: number[] = [];
  const inside = (i: number, n: number, wraps: boolean) =>
    wraps ? ((i % n) + n) % n : Math.min(n - 1, Math.max(0, i));
  for (let plane = 0; plane < planes; plane++) {
    for (let o = 0; o < many; o++) {
      let rest = o;
      const at = fine
        .map((n, i) => [n, factors[i]])
        .reverse()
        .map(([n, f]) => {
          const position = ((rest % n) + 0.5) / f - 0.5;
          rest = Math.floor(rest / n);
          return position;
        })
        .reverse();
      const value = (axis: number, offset: number): number => {
        if (axis === extents.length) return data[plane * coarse + offset];
        let total = 0;
        for (let i = Math.floor(at[axis]) - 3; i <= at[axis] + 3; i++) {
          const w = factors[axis] === 1 ? Number(i === at[axis]) : weight(kind, at[axis], i, a);
          if (w !== 0)
            total += w * value(axis + 1, offset * extents[axis] + inside(i, extents[axis], periodic[axis]));
        }
        return total;
      };
      result.push(value(0, 0));
    }
  }
  return result;
}

const axis = fc.record({
  extent: fc.integer({ min: 1, max: 5 }),
  factor: fc.integer({ min: 1, max: 4 }),
  periodic: fc.boolean(),
});

test('all kinds in one to three axes, edges and wraps, small extents included, against the definition', () => {
  const cases = fc.record({
    axes: fc.array(axis, { minLength: 1, maxLength: 3 }),
    kind: fc.constantFrom<Kind>('nearest', 'linear', 'cubic'),
    cubic: fc.constantFrom(-0.75, -0.5),
    seed: fc.nat(1000),
  });
  property(cases, ({ axes, kind, cubic, seed }) => {
    scope(() => {
      const x = random(seed).normal([2, 2, ...axes.map((a) => a.extent)]);
      const [factors, periodic] = [axes.map((a) => a.factor), axes.map((a) => a.periodic)];
      const layer = nn.upsample(factors, { kind, periodic, cubic });
      const y = layer.apply({}, x);
      assert.equal(y.shape, [2, ...layer.outputShape(x.shape.slice(1))]);
      near(y.data(), slow(x, factors, kind, periodic, cubic), 1e-12);
    });
  });
});

test('long axes, read neighbour by neighbour, are the same: both sides of the limit, f64 and f32', () => {
  scope(() => {
    for (const extent of [63, 64, 127, 128]) {
      for (const kind of ['linear', 'cubic'] as const) {
        for (const periodic of [true, false]) {
          const x = random(1).normal([1, 2, extent, 2]);
          const want = slow(x, [2, 3], kind, [periodic, periodic]);
          near(nn.upsample([2, 3], { kind, periodic }).apply({}, x).data(), want, 1e-12);
          const single = tensor(x.toTypedArray(), { shape: [...x.shape], dtype: 'f32' });
          near(nn.upsample([2, 3], { kind, periodic }).apply({}, single).data(), want, 1e-5);
        }
      }
    }
  });
});

test("published values: PyTorch's documentation of bilinear, ONNX's example of cubic with -0.75", () => {
  scope(() => {
    const bilinear = nn.upsample(2, { kind: 'linear' }).apply(
      {},
      tensor([
        [
          [
            [1, 2],
            [3, 4],
          ],
        ],
      ]),
    );
    const rows = [1, 1.5, 2.5, 3].map((v) => [v, v + 0.25, v + 0.75, v + 1]);
    assert.equal(bilinear.toArray(), [[rows]]);
    const data = Float64Array.from({ length: 16 }, (_, i) => i + 1);
    const cubic = nn.upsample(2, { kind: 'cubic' }).apply({}, tensor(data, { shape: [1, 1, 4, 4] }));
    const first = [0.47265625, 0.76953125, 1.24609375, 1.875, 2.28125, 2.91015625, 3.38671875, 3.68359375];
    near(cubic.data().slice(0, 8), first, 1e-14);
  });
});

test('constants stay; with cubic -0.5 straight lines stay inside', () => {
  scope(() => {
    for (const kind of ['nearest', 'linear', 'cubic'] as const) {
      const y = nn
        .upsample(3, { kind })
        .apply({}, tensor(new Float64Array(15).fill(7), { shape: [1, 1, 3, 5] }));
      near(y.data(), new Float64Array(135).fill(7), 1e-13);
    }
    const line = tensor([0, 1, 2, 3, 4, 5, 6, 7], { shape: [1, 1, 8] });
    const y = nn.upsample(2, { kind: 'cubic', cubic: -0.5 }).apply({}, line).data();
    for (let o = 4; o < 12; o++) near([y[o]], [(o + 0.5) / 2 - 0.5], 1e-13);
  });
});

test('derivatives of both orders; in a compiled plan', () => {
  scope(() => {
    const x = random(3).normal([1, 2, 3, 2]);
    for (const kind of ['nearest', 'linear', 'cubic'] as const)
      checkDerivatives(
        (v: Tensor) => {
          const y = nn.upsample([2, 3], { kind, periodic: [true, false] }).apply({}, v);
          return mul(y, y);
        },
        [x],
      );
    const long = random(4).normal([1, 1, 200]);
    const layer = nn.upsample(2, { kind: 'cubic' });
    const weights = random(5).normal([1, 1, 400]);
    const f = (v: Tensor) => sum(mul(layer.apply({}, v), weights));
    const plan = compile(grad(f));
    near(plan(long).data(), grad(f)(long).data(), 1e-14);
    near([sum(mul(plan(long), long)).item()], [f(long).item()], 1e-11);
    plan.dispose();
  });
});

test('empty batches, and errors', () => {
  scope(() => {
    assert.equal(nn.upsample(2, { kind: 'cubic' }).apply({}, zeros([0, 2, 3])).shape, [0, 2, 6]);
    assert.equal(nn.upsample(2).apply({}, zeros([1, 2, 0, 3])).shape, [1, 2, 0, 6]);
    rejects(() => nn.upsample(0), ArgumentError, /upsample: factor must be a positive integer/);
    rejects(() => nn.upsample(1.5), ArgumentError, /got 1.5/);
    rejects(() => nn.upsample(2, { kind: 'square' as never }), ArgumentError, /kind must be 'nearest'/);
    const [line, flat, image] = [zeros([1, 1, 4]), zeros([1, 4]), zeros([1, 1, 4, 4])];
    rejects(() => nn.upsample([2, 2]).apply({}, line), ArgumentError, /factor must have 1 entries/);
    rejects(() => nn.upsample(2).apply({}, flat), ShapeError, /one to three axes/);
    const layer = nn.upsample(2, { periodic: [true] });
    rejects(() => layer.apply({}, image), ArgumentError, /periodic must have 2 entries/);
  });
});

test.run();
