// Conjugate gradients with many right sides: blocks of columns give what single columns give, and the figures of the worst.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { add, eye, linalg, matmul, mul, random, scope, tensor } from '#src/index.js';
import { near } from '../support/check.js';

test('cg: with more right sides than a block has, each solution is that of its column alone', () =>
  scope(() => {
    const [n, k] = [70, 150];
    const draw = random(3);
    const root = draw.normal([n, n]);
    const a = add(matmul(root, root, { transposeB: true }), mul(eye(n), 40));
    const [b, x0] = [draw.normal([n, k]), draw.normal([n, k])];
    // Columns of very different size, one of zeros, one that is solved already.
    const [sides, start] = [b.data(), x0.data()];
    for (let i = 0; i < n; i++) {
      sides[i * k + 3] = 0;
      sides[i * k + 100] *= 1e-150;
      sides[i * k + 149] = Number(i === 0);
      start[i * k + 149] = 0;
    }
    const preconditioner = tensor(
      Float64Array.from({ length: n * n }, (_, t) => (t % (n + 1) === 0 ? 1 / a.data()[t] : 0)),
      { shape: [n, n] },
    );
    for (const options of [{}, { x0 }, { preconditioner }]) {
      const all = linalg.cg(a, b, { tolerance: 1e-12, ...options });
      // A function sees all columns at once.
      const whole = linalg.cg((x) => matmul(a, x), b, { tolerance: 1e-12, ...options });
      assert.equal([all.converged, all.iterations], [true, whole.iterations]);
      near(all.x.data(), whole.x.data(), (i) => 1e-11 * (i % k === 100 ? 1e-150 : 1));
      near([all.residual], [whole.residual], 1e-13);
      for (const c of [0, 3, 63, 64, 149]) {
        const column = tensor(Float64Array.from({ length: n }, (_, i) => b.data()[i * k + c]));
        const { x } = linalg.cg(a, column, { tolerance: 1e-12 });
        near(
          Array.from({ length: n }, (_, i) => all.x.data()[i * k + c]),
          x.data(),
          1e-11,
          `column ${c}`,
        );
      }
    }
  }));

test('cg: one right side in the last block that does not converge is the result of all', () =>
  scope(() => {
    const k = 130;
    const a = tensor([
      [1, 2],
      [2, 1],
    ]);
    const b = tensor(
      Float64Array.from({ length: 2 * k }, (_, t) => (t === 2 * k - 1 ? -1 : 1)),
      { shape: [2, k] },
    );
    const { converged, status } = linalg.cg(a, b, { throws: false });
    assert.equal([converged, status], [false, 'indefinite']);
  }));

test.run();
