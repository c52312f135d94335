// 'converged' is a statement about x: the residual of b - A x, computed here in f64 whatever the type, meets the tolerance; otherwise
// another status and a residual that is that of x.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  add,
  astype,
  eye,
  linalg,
  matmul,
  mul,
  neg,
  random,
  scope,
  sub,
  type Tensor,
  tensor,
  transpose,
} from '#src/index.js';
import { seed } from '../support/check.js';

type Float = 'f64' | 'f32';

const lengthOf = (x: ArrayLike<number>) => {
  const largest = Array.from(x).reduce((high, v) => Math.max(high, Math.abs(v)), 0);
  return largest === 0 ? 0 : largest * Math.hypot(...Array.from(x, (v) => v / largest));
};

/** The residual b - A x in f64. */
function residualOf(a: Tensor, x: Tensor, b: Tensor): Float64Array {
  const [wide, y, side] = [a, x, b].map((t) => astype(t, 'f64'));
  return sub(side, matmul(wide, y)).toTypedArray() as Float64Array;
}

/** A random orthogonal matrix. */
const orthogonal = (draw: ReturnType<typeof random>, n: number) => linalg.qr(draw.normal([n, n])).q;

/** Symmetric, eigenvalues in geometric sequence from 1 to 1 / condition, every `flip`th negative. */
function symmetric(draw: ReturnType<typeof random>, n: number, condition: number, flip: number): Tensor {
  const q = orthogonal(draw, n);
  const d = Array.from(
    { length: n },
    (_, i) => (flip && i % flip === 0 ? -1 : 1) * condition ** (-i / Math.max(1, n - 1)),
  );
  return matmul(mul(q, tensor(d)), q, { transposeB: true });
}

/** By how much a claim may exceed the tolerance: what is lost when the residual is computed in the type of b. */
const slack = (dtype: Float, a: Tensor, x: Tensor) =>
  (dtype === 'f64' ? 2 ** -52 : 2 ** -23) * 8 * Math.sqrt(x.size) * lengthOf(a.data()) * lengthOf(x.data());

const square = { cg: linalg.cg, minres: linalg.minres, gmres: linalg.gmres };

for (const [name, solve] of Object.entries(square)) {
  for (const dtype of ['f64', 'f32'] as const) {
    test(`${name} in ${dtype}: 'converged' holds for x, from starts of any size (seed ${seed})`, () => {
      const draw = random(seed % 2 ** 31);
      let [genuine, others] = [0, 0];
      for (const n of [1, 2, 5, 17, 50]) {
        for (const condition of dtype === 'f64' ? [1, 10, 1e3, 1e8] : [1, 10, 1e3]) {
          for (const size of dtype === 'f64' ? [0, 1, 1e6, 1e15, 1e100] : [0, 1, 1e2, 1e6, 1e14]) {
            for (const unit of dtype === 'f64' ? [1, 1e-120, 1e120] : [1, 1e-15, 1e12]) {
              scope(() => {
                const a = astype(symmetric(draw, n, condition, name === 'cg' ? 0 : 3), dtype);
                const b = astype(mul(draw.normal([n]), unit), dtype);
                const x0 = size > 0 ? astype(mul(draw.normal([n]), size * unit), dtype) : undefined;
                const { x, status, converged, residual } = solve(a, b, { x0, throws: false });
                const what = `${name} ${dtype} n = ${n}, condition ${condition}, start ${size}, unit ${unit}, SEED=${seed}: ${status}`;
                const r = lengthOf(residualOf(a, x, b));
                const tolerance = dtype === 'f64' ? 2 ** -26 : 2 ** -11.5;
                const lost = slack(dtype, a, x);
                assert.is(converged, status === 'converged');
                if (converged)
                  assert.ok(r <= tolerance * lengthOf(b.data()) + lost, `${what}, ${r / lengthOf(b.data())}`);
                if (status !== 'notFinite')
                  assert.ok(
                    Math.abs(r - residual * lengthOf(b.data())) <= 1e-3 * r + lost,
                    `${what}: ${residual} is not ${r}`,
                  );
                // Well within reach.
                if (condition <= 10 && size <= 1e6) assert.ok(converged, what);
                if (converged) genuine++;
                else others++;
              });
            }
          }
        }
      }
      assert.ok(genuine > others, `${genuine} of ${genuine + others}`);
    });
  }
}

for (const dtype of ['f64', 'f32'] as const) {
  test(`lsmr in ${dtype}: one of its two conditions holds for x, damped or not, from any start (seed ${seed})`, () => {
    const draw = random(seed % 2 ** 31);
    let [genuine, others] = [0, 0];
    for (const [m, n] of [
      [1, 1],
      [6, 3],
      [3, 6],
      [40, 15],
      [30, 30],
    ]) {
      for (const condition of [1, 10, 1e3]) {
        for (const size of dtype === 'f64' ? [0, 1, 1e6, 1e14] : [0, 1, 1e2, 1e6]) {
          for (const damping of [0, 0.1, 2]) {
            for (const isConsistent of [true, false]) {
              scope(() => {
                const k = Math.min(m, n);
                const d = tensor(Array.from({ length: k }, (_, i) => condition ** (-i / Math.max(1, k - 1))));
                const [u, v] = [orthogonal(draw, m), orthogonal(draw, n)];
                const left = matmul(u, eye(m, k));
                const a = astype(matmul(mul(left, d), matmul(v, eye(n, k)), { transposeB: true }), dtype);
                const truth = draw.normal([n]);
                const b = isConsistent ? matmul(a, astype(truth, dtype)) : astype(draw.normal([m]), dtype);
                const x0 = size > 0 ? astype(mul(draw.normal([n]), size), dtype) : undefined;
                const { x, status, converged } = linalg.lsmr(a, b, { x0, damping, throws: false });
                const what = `lsmr ${dtype} ${m} x ${n}, condition ${condition}, start ${size}, damping ${damping}, SEED=${seed}: ${status}`;
                const r = residualOf(a, x, b);
                const normal = sub(
                  matmul(astype(a, 'f64'), tensor(r), { transposeA: true }),
                  mul(astype(x, 'f64'), damping ** 2),
                );
                const [length, norm] = [
                  Math.hypot(lengthOf(r), damping * lengthOf(x.data())),
                  Math.hypot(lengthOf(a.data()), damping),
                ];
                const tolerance = dtype === 'f64' ? 2 ** -26 : 2 ** -11.5;
                const lost = slack(dtype, a, x);
                if (converged) {
                  const isSolution =
                    length <= tolerance * (lengthOf(b.data()) + norm * lengthOf(x.data())) + lost;
                  const isLeast = lengthOf(normal.data()) <= tolerance * norm * length + 4 * norm * lost;
                  assert.ok(
                    isSolution || isLeast,
                    `${what}: ${length}, ${lengthOf(normal.data()) / (norm * length)}`,
                  );
                  genuine++;
                } else others++;
                if (condition <= 10 && size <= 1) assert.ok(converged, what);
              });
            }
          }
        }
      }
    }
    assert.ok(genuine > 3 * others, `${genuine} of ${genuine + others}`);
  });
}

test(`a preconditioner of any scale does not change what 'converged' says (seed ${seed})`, () => {
  const draw = random(seed % 2 ** 31);
  for (const [name, solve] of Object.entries(square)) {
    for (const dtype of ['f64', 'f32'] as const) {
      let claims = 0;
      for (let round = 0; round < 30; round++) {
        scope(() => {
          const n = 1 + (round % 12);
          const a = astype(symmetric(draw, n, 100, name === 'cg' ? 0 : 3), dtype);
          const b = astype(draw.normal([n]), dtype);
          // Over six decades, in f32 over three.
          const values = Array.from(
            draw.uniform([n], { low: -3, high: 3 }).data(),
            (e) => 10 ** (dtype === 'f64' ? e : e / 2),
          );
          const preconditioner = (r: Tensor) => mul(r, tensor(values, { dtype }));
          const x0 = round % 2 ? astype(mul(draw.normal([n]), 1e3), dtype) : undefined;
          const { x, converged } = solve(a, b, { x0, preconditioner, throws: false });
          const r = lengthOf(residualOf(a, x, b));
          const tolerance = dtype === 'f64' ? 2 ** -26 : 2 ** -11.5;
          if (!converged) return;
          claims++;
          assert.ok(
            r <= tolerance * lengthOf(b.data()) + slack(dtype, a, x),
            `${name} ${dtype}, SEED=${seed}: ${r / lengthOf(b.data())}`,
          );
        });
      }
      assert.ok(claims > 20, `${name} ${dtype}: ${claims}`);
    }
  }
});

test('damping is of x, not of the step from the start', () =>
  scope(() => {
    const draw = random(4);
    const [a, b] = [draw.normal([8, 5]), draw.normal([8])];
    const options = { damping: 0.7, tolerance: 1e-13 };
    const fromZero = linalg.lsmr(a, b, options).x.toTypedArray();
    const elsewhere = linalg.lsmr(a, b, { ...options, x0: mul(draw.normal([5]), 100) }).x.toTypedArray();
    fromZero.forEach((x, i) => {
      assert.ok(Math.abs(x - elsewhere[i]) < 1e-10, `${x} and ${elsewhere[i]}`);
    });
  }));

test('a genuine solve costs one product more (lsmr: two), a start at the solution none', () =>
  scope(() => {
    const draw = random(5);
    const a = add(symmetric(draw, 30, 10, 0), eye(30));
    const b = draw.normal([30]);
    for (const [name, solve] of Object.entries(square)) {
      let products = 0;
      const counted = (x: Tensor) => {
        products++;
        return matmul(a, x);
      };
      const { x, iterations } = solve(counted, b, { tolerance: 1e-10 });
      assert.is(products, iterations + 1, name);
      products = 0;
      solve(counted, b, { x0: x, tolerance: 1e-9 });
      assert.is(products, 1, name);
    }
    let products = 0;
    const operator = {
      apply(x: Tensor) {
        products++;
        return matmul(a, x);
      },
      applyTranspose(y: Tensor) {
        products++;
        return matmul(transpose(a), y);
      },
    };
    const { iterations } = linalg.lsmr(operator, b, { tolerance: 1e-10 });
    // One to learn n, one to begin.
    assert.is(products, 2 * iterations + 4);
  }));

test('where the residual cannot fall to the tolerance the status says so, and x is the best', () =>
  scope(() => {
    const draw = random(6);
    for (const dtype of ['f64', 'f32'] as const) {
      const eps = dtype === 'f64' ? 2 ** -52 : 2 ** -23;
      const a = astype(symmetric(draw, 40, dtype === 'f64' ? 1e10 : 1e4, 0), dtype);
      const b = astype(draw.normal([40]), dtype);
      for (const solve of [linalg.cg, linalg.minres]) {
        const { x, status, residual } = solve(a, b, {
          tolerance: eps / 8,
          maxIterations: 5000,
          throws: false,
        });
        assert.is.not(status, 'converged');
        const r = lengthOf(residualOf(a, x, b));
        assert.ok(
          Math.abs(r - residual * lengthOf(b.data())) <= 0.01 * r + slack(dtype, a, x),
          `${status} ${residual}`,
        );
      }
      // Negative definite is not positive definite, before and after.
      assert.is(linalg.cg(neg(a), b, { throws: false }).status, 'indefinite');
    }
    // The columns of a block are judged one by one.
    const a = symmetric(draw, 20, 100, 0);
    const b = draw.normal([20, 3]);
    const x0 = draw.normal([20, 3]);
    for (let i = 0; i < 20; i++) x0.data()[3 * i + 1] *= 1e12;
    const { x, status } = linalg.cg(a, b, { x0, tolerance: 1e-10 });
    assert.is(status, 'converged');
    const r = residualOf(a, x, b);
    for (const c of [0, 1, 2]) {
      const column = (y: ArrayLike<number>) => lengthOf(Array.from(y).filter((_, i) => i % 3 === c));
      assert.ok(column(r) <= 1.001e-10 * column(b.data()), `column ${c}`);
    }
  }));

test.run();
