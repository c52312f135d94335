// svd and svdvals: residuals over n·norm·eps as LAPACK's tests measure them, hard matrices, golden values.
// It defines the kernels gesdd_T and gesvj_T (divide and conquer; Jacobi).
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ArgumentError, DTypeError, ShapeError, scope, type Tensor, tensor } from '#src/index.js';
import { type SvdMethod, svd, svdvals } from '#src/linalg/dense/svd.js';
import { matmul } from '#src/ops/index.js';
import { EPSILON, near, numbers, rejects } from '../support/check.js';

type Float = 'f64' | 'f32';
type Entry = (i: number, j: number) => number;

const make = (m: number, n: number, entry: Entry, dtype: Float): Tensor =>
  tensor(
    Array.from({ length: m * n }, (_, at) => entry(Math.floor(at / n), at % n)),
    { shape: [m, n], dtype },
  );
function random(m: number, n: number, seed: number): Entry {
  const data = numbers(m * n, seed + 1);
  return (i, j) => data[i * n + j];
}

/** The largest |x_ij - [i = j]|, NaN if there is one. */
function fromIdentity(x: Tensor): number {
  const n = x.shape[1];
  let worst = 0;
  x.data().forEach((value, at) => {
    const error = Math.abs(value - (at % (n + 1) === 0 ? 1 : 0));
    if (!(error <= worst)) worst = error;
  });
  return worst;
}

/** The three ratios, and that the values descend and are not negative. */
function check(a: Tensor, full: boolean, what: string, method?: SvdMethod): void {
  scope(() => {
    const [m, n] = a.shape;
    const k = Math.min(m, n);
    const eps = EPSILON[a.dtype as Float];
    const { u, s, vt } = svd(a, { full, method });
    assert.equal(u.shape, [m, full ? m : k], what);
    assert.equal(s.shape, [k], what);
    assert.equal(vt.shape, [full ? n : k, n], what);
    const values = s.toTypedArray();
    for (let i = 0; i < k; i++) assert.ok(values[i] >= 0 && !(values[i] > values[i - 1]), `${what}: s[${i}]`);
    // Compared at the scale 1, where the test's own products neither overflow nor underflow.
    const norm = values[0] > 0 ? values[0] : 1;
    const sv = make(
      full ? m : k,
      n,
      (i, j) => (i < k ? (values[i] / norm) * vt.data()[i * n + j] : 0),
      a.dtype as Float,
    );
    const product = matmul(u, sv).data();
    let worst = 0;
    a.data().forEach((value, i) => {
      const error = Math.abs(value / norm - product[i]);
      if (!(error <= worst)) worst = error;
    });
    const ratios = {
      residual: worst / (Math.max(m, n, 1) * eps),
      u: fromIdentity(matmul(u, u, { transposeA: true })) / (Math.max(m, 1) * eps),
      v: fromIdentity(matmul(vt, vt, { transposeB: true })) / (Math.max(n, 1) * eps),
    };
    for (const [name, ratio] of Object.entries(ratios))
      assert.ok(ratio < 30, `${what}: ${name} ratio ${ratio}`);
    near(svdvals(a, { method }).data(), values, 30 * Math.max(m, n) * eps * norm, `${what}: svdvals`);
  });
}

/** The same for a matrix given by its entries. */
function checkEntries(
  m: number,
  n: number,
  entry: Entry,
  dtype: Float,
  full: boolean,
  what: string,
  method?: SvdMethod,
): void {
  using a = make(m, n, entry, dtype);
  check(a, full, what, method);
}

for (const dtype of ['f64', 'f32'] as const) {
  const eps = EPSILON[dtype];

  test(`svd in ${dtype}: shapes 0 to 40`, () => {
    for (let m = 0; m <= 40; m++) {
      const others = [0, 1, 2, m - 1, m, m + 1, Math.round(m * 1.6), 2 * m, (m * 7) % 41];
      for (const n of others.filter((n) => n >= 0 && n <= 41))
        checkEntries(m, n, random(m, n, m * 50 + n), dtype, (m + n) % 2 === 0, `${m} x ${n}`);
    }
  });

  test(`svd in ${dtype}: larger shapes`, () => {
    const shapes = [
      [64, 64],
      [65, 65],
      [100, 100],
      [128, 128],
      [130, 130],
      [255, 255],
      [257, 257],
      [257, 100],
      [100, 257],
      [130, 100],
    ];
    for (const [m, n] of shapes) {
      checkEntries(m, n, random(m, n, m), dtype, false, `${m} x ${n}`);
      if (m !== n) checkEntries(m, n, random(m, n, n), dtype, true, `${m} x ${n} full`);
    }
  });

  const tiny = dtype === 'f64' ? 1e-160 : 1e-16;
  const huge = dtype === 'f64' ? 1e150 : 1e15;
  const lowest = dtype === 'f64' ? 1e-300 : 1e-35;
  const matrices: Record<string, (n: number) => Entry> = {
    identity: () => (i, j) => (i === j ? 1 : 0),
    zero: () => () => 0,
    diagonal: () => (i, j) => (i === j ? (i % 2 ? -i : i) : 0),
    permutation: (n) => (i, j) => ((i * 7 + 3) % n === j ? 1 : 0),
    reflection: (n) => (i, j) => (i === j ? 1 : 0) - 2 / n,
    ones: () => () => 1,
    'one column': (n) => (_, j) => (j === n - 1 ? 1 : 0),
    'lower triangle of ones': () => (i, j) => (j <= i ? 1 : 0),
    bidiagonal: () => (i, j) => (j === i || j === i + 1 ? 1 : 0),
    nilpotent: () => (i, j) => (j === i + 1 ? 1 : 0),
    'graded down': (n) => {
      const entry = random(n, n, 3);
      return (i, j) => entry(i, j) * 10 ** ((-10 * (i + j)) / n);
    },
    'graded up': (n) => {
      const entry = random(n, n, 4);
      return (i, j) => entry(i, j) * 10 ** ((-10 * (2 * n - i - j)) / n);
    },
    'diagonal over the whole range': (n) => (i, j) => (i === j ? lowest ** (i / n) : 0),
    'bidiagonal, clustered': () => (i, j) => (i === j ? 1 : j === i + 1 ? 1e-9 * (i % 3) : 0),
    'bidiagonal of few values': (n) => {
      const entry = random(n, n, 11);
      const values = [0, 1, -1, 1e-8, 1 + 4e-16];
      return (i, j) => (j === i || j === i + 1 ? values[Math.floor((entry(i, j) + 1) * 2.5)] : 0);
    },
    'bidiagonal over many scales': (n) => {
      const entry = random(n, n, 12);
      return (i, j) => (j === i || j === i + 1 ? entry(i, j) * 10 ** Math.round(-8 + 8 * entry(j, i)) : 0);
    },
    'glued Wilkinson': () => (i, j) => {
      if (i === j) return Math.abs(10 - (i % 21));
      return Math.abs(i - j) === 1 ? (Math.max(i, j) % 21 === 0 ? 1e-8 : 1) : 0;
    },
    'rank 3': (n) => {
      const [x, y] = [random(n, 3, 5), random(n, 3, 6)];
      return (i, j) => x(i, 0) * y(j, 0) + x(i, 1) * y(j, 1) + x(i, 2) * y(j, 2);
    },
    Hilbert: () => (i, j) => 1 / (i + j + 1),
    Kahan: () => (i, j) => (j < i ? 0 : (i === j ? 1 : -0.3) * 0.95 ** i),
    tiny: (n) => {
      const entry = random(n, n, 7);
      return (i, j) => tiny * entry(i, j);
    },
    huge: (n) => {
      const entry = random(n, n, 8);
      return (i, j) => huge * entry(i, j);
    },
    'huge above tiny': (n) => {
      const entry = random(n, n, 9);
      return (i, j) => (i < n / 2 ? huge : tiny) * entry(i, j);
    },
  };
  for (const [name, of] of Object.entries(matrices)) {
    test(`svd in ${dtype}: ${name}`, () => {
      for (const n of [7, 26, 60, 130]) checkEntries(n, n, of(n), dtype, false, `${name} ${n}`);
      checkEntries(30, 30, of(30), dtype, false, `${name}, Jacobi`, 'jacobi');
    });
  }

  test(`svd in ${dtype}: Jacobi, shapes 0 to 20, and digits of small values`, () => {
    for (let m = 0; m <= 20; m++)
      for (const n of [0, 1, m, (m * 7) % 21, 20])
        checkEntries(m, n, random(m, n, m), dtype, n % 2 === 0, `${m} x ${n}`, 'jacobi');
    // Columns of very different scales: the values of the matrix with columns scaled by powers of two, which rounds nothing.
    scope(() => {
      const q = make(12, 12, (i, j) => (i === j ? 1 : 0) - 1 / 6, 'f64');
      const step = dtype === 'f64' ? 40 : 6;
      const a = make(12, 12, (i, j) => q.data()[i * 12 + j] * 2 ** (-step * j), dtype);
      const want = Array.from({ length: 12 }, (_, j) => 2 ** (-step * j));
      near(svd(a, { method: 'jacobi' }).s.data(), want, (i) => 40 * eps * want[i]);
    });
  });

  test(`svd in ${dtype}: the largest numbers, and subnormal ones`, () => {
    const [top, bottom] = dtype === 'f64' ? [1.7e308, 5e-324] : [3.4e38, 1e-45];
    const entry = random(9, 6, 10);
    scope(() => {
      const { u, s, vt } = svd(make(9, 6, (i, j) => (top / 16) * entry(i, j), dtype));
      assert.ok([u, s, vt].every((x) => x.data().every(Number.isFinite)));
      assert.equal(
        svd(make(2, 2, (i, j) => (i === j ? bottom : 0), dtype)).s.toArray(),
        svdvals(make(2, 2, (i, j) => (i === j ? bottom : 0), dtype)).toArray(),
      );
    });
  });

  test(`svd in ${dtype}: small values of a diagonal matrix keep their digits`, () =>
    scope(() => {
      const want = Array.from({ length: 20 }, (_, i) => lowest ** (i / 20));
      near(
        svd(make(20, 20, (i, j) => (i === 19 - j ? want[i] : 0), dtype)).s.data(),
        want,
        (i) => 8 * eps * want[i],
      );
    }));
}

test('graded bidiagonal matrices: small values keep their digits, whichever end they lie at', () => {
  for (const n of [12, 20]) {
    for (const [step, coupling] of [
      [1 / 2, 4],
      [1 / 4, 1],
      [1 / 32, 1 / 2],
    ]) {
      for (const up of [false, true]) {
        const d = (i: number) => step ** (up ? n - 1 - i : i);
        const entry: Entry = (i, j) => (i === j ? d(i) : j === i + 1 ? coupling * d(up ? j : i) : 0);
        scope(() => {
          const a = make(n, n, entry, 'f64');
          // Scaled rows are no trouble to one-sided Jacobi as columns.
          const turned = make(n, n, up ? entry : (i, j) => entry(j, i), 'f64');
          const want = svd(turned, { method: 'jacobi' }).s.data();
          near(svd(a).s.data(), want, (i) => 2e-14 * want[i]);
          near(svdvals(a).data(), want, (i) => 2e-14 * want[i]);
        });
      }
    }
  }
});

test('stacks, empty matrices and shapes', () =>
  scope(() => {
    const data = numbers(2 * 3 * 5 * 4, 1);
    const a = tensor(data, { shape: [2, 3, 5, 4] });
    const { u, s, vt } = svd(a);
    assert.equal(
      [u.shape, s.shape, vt.shape],
      [
        [2, 3, 5, 4],
        [2, 3, 4],
        [2, 3, 4, 4],
      ],
    );
    for (const method of ['divideAndConquer', 'jacobi'] as const) {
      for (const full of [false, true]) {
        const [stack, third] = [a, tensor(data.slice(40, 60), { shape: [5, 4] })].map((x) =>
          svd(x, { full, method }),
        );
        for (const part of ['u', 's', 'vt'] as const) {
          const { size } = third[part];
          const own = stack[part].toTypedArray().slice(2 * size, 3 * size);
          assert.equal(own, third[part].toTypedArray(), `${part}, ${method}, full: ${full}`);
        }
      }
    }
    const empty = tensor([], { shape: [0, 3] });
    assert.equal(svd(empty, { full: true }).vt.toArray(), [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]);
    assert.equal(svdvals(empty).shape, [0]);
    assert.equal(svd(tensor([], { shape: [0, 4, 2] })).u.shape, [0, 4, 2]);
    assert.equal(svd(tensor([[-3]])).s.toArray(), [3]);
    assert.ok(Object.is(svdvals(tensor([[-0]])).data()[0], 0), 'never -0');
  }));

test('golden values', () => {
  interface Golden {
    name: string;
    A: { shape: number[]; data: number[] };
    m: number;
    n: number;
    singular_values: number[];
  }
  const url = new URL('../../../test/fixtures/linalg.json', import.meta.url);
  const { matrices } = JSON.parse(readFileSync(url, 'utf8')) as { matrices: Golden[] };
  assert.ok(matrices.length > 15);
  for (const { name, A, m, singular_values } of matrices) {
    scope(() => {
      const a = tensor(A.data, { shape: A.shape });
      const bound = (m >= 130 ? 1e-12 : 1e-13) * singular_values[0];
      near(svd(a).s.data(), singular_values, bound, `${name}: svd`);
      near(svdvals(a).data(), singular_values, bound, `${name}: svdvals`);
      check(a, true, name);
    });
  }
});

test('what is not finite or does not fit is said, and nothing is left behind', () => {
  for (const dtype of ['f64', 'f32'] as const) {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      for (const at of [0, 17, 59 * 61]) {
        const entry = random(60, 60, 1);
        using a = make(60, 60, (i, j) => (i * 60 + j === at % 3600 ? bad : entry(i, j)), dtype);
        rejects(() => svd(a), ArgumentError, /svd: a must be finite/);
        rejects(() => svdvals(a), ArgumentError, /svdvals: a must be finite/);
      }
    }
  }
  using stack = tensor([[[1]], [[Number.NaN]]]);
  rejects(() => svd(stack), ArgumentError, /svd: a \[1\] must be finite/);
  rejects(() => svd(stack, { method: 'jacobi' }), ArgumentError, /svd: a \[1\] must be finite/);
  rejects(() => svd(stack, { method: 'qr' as 'jacobi' }), ArgumentError, /method must be/);
  using vector = tensor([1, 2]);
  rejects(() => svd(vector), ShapeError, /svd: a must be a matrix/);
  using integers = tensor([[1]], { dtype: 'i32' });
  rejects(() => svd(integers), DTypeError, /got i32/);
});

test.run();
