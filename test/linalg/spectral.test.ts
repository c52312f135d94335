// What eigh and svd have in common: large and hard matrices by LAPACK's test ratios, known spectra, and their workspace.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { astype, linalg, matmul, scope, sub, type Tensor, tensor } from '#src/index.js';
import * as kernels from '#src/kernels.js';
import { EPSILON, near, numbers } from '../support/check.js';
import { type Float, withRaw } from '../support/raw.js';
import { dense, norm1 } from '../support/residuals.js';
import { withSingularValues, withSpectrum } from '../support/spectrum.js';

const DTYPES = ['f64', 'f32'] as const;
const norm = (a: Tensor): number => norm1(dense(a.shape[0], a.shape[1], a.data()));

/** ||A - B|| / (n ||A|| eps) in f64, by the library's own product, which has tests of its own. */
const ratio = (a: Tensor, b: Tensor, eps: number): number =>
  norm(sub(a, b)) / (Math.max(...a.shape) * norm(a) * eps);

/** ||QᵀQ - I|| / (n eps) of a tall matrix. */
function orthogonality(q: Tensor, eps: number): number {
  const gram = matmul(q, q, { transposeA: true });
  const [n] = gram.shape;
  for (let i = 0; i < n; i++) gram.data()[i * (n + 1)] -= 1;
  return norm(gram) / (q.shape[0] * eps);
}

/** X diag(d) Y in f64. */
function between(x: Tensor, d: Tensor, y: Tensor, transposeB: boolean): Tensor {
  const scaled = tensor(x.toTypedArray(), { shape: [...x.shape] });
  const [n, values, data] = [x.shape[1], d.data(), scaled.data()];
  for (let i = 0; i < data.length; i++) data[i] *= values[i % n];
  return matmul(scaled, y, { transposeB });
}

/** Both ratios of eigh below 30; returns the values. */
function checkEigh(what: string, n: number, data: ArrayLike<number>, dtype: Float): number[] {
  return scope(() => {
    const a = tensor(Float64Array.from(data), { shape: [n, n] });
    const given = astype(a, dtype);
    const { values, vectors } = linalg.eigh(given);
    const [v, d, eps] = [astype(vectors, 'f64'), astype(values, 'f64'), EPSILON[dtype]];
    const ratios = [ratio(astype(given, 'f64'), between(v, d, v, true), eps), orthogonality(v, eps)];
    assert.ok(
      ratios.every((x) => x < 30),
      `eigh, ${what}, n = ${n}: ${ratios}`,
    );
    near(linalg.eigvalsh(given).data(), d.data(), 30 * n * eps * Math.max(...d.data().map(Math.abs)), what);
    return Array.from(d.data());
  });
}

/** The three ratios of svd below 30; returns the values. */
function checkSvd(
  what: string,
  m: number,
  n: number,
  data: ArrayLike<number>,
  dtype: Float,
  full = false,
): number[] {
  return scope(() => {
    const a = tensor(Float64Array.from(data), { shape: [m, n] });
    const given = astype(a, dtype);
    const { u, s, vt } = linalg.svd(given, { full });
    const k = Math.min(m, n);
    const [left, d, right] = [u, s, vt].map((x) => astype(x, 'f64'));
    const thin = (x: Tensor, rows: number, columns: number): Tensor =>
      tensor(
        x.toTypedArray().filter((_, at) => at % x.shape[1] < columns && at < rows * x.shape[1]),
        { shape: [rows, columns] },
      );
    const eps = EPSILON[dtype];
    const product = between(thin(left, m, k), d, thin(right, k, n), false);
    const v = tensor(right.toTypedArray(), { shape: [...right.shape] });
    const gram = matmul(v, v, { transposeB: true });
    for (let i = 0; i < gram.shape[0]; i++) gram.data()[i * (gram.shape[0] + 1)] -= 1;
    const ratios = [
      ratio(astype(given, 'f64'), product, eps),
      orthogonality(left, eps),
      norm(gram) / (n * eps),
    ];
    assert.ok(
      ratios.every((x) => x < 30),
      `svd, ${what}, ${m} x ${n}: ${ratios}`,
    );
    near(linalg.svdvals(given).data(), d.data(), 30 * Math.max(m, n) * eps * d.data()[0], what);
    return Array.from(d.data());
  });
}

/** Spectra that find eigensolvers out. */
const spectra: Record<string, (n: number) => (i: number) => number> = {
  'three values': () => (i) => 1 + (i % 3),
  'two clusters': (n) => (i) => (i < n / 2 ? 1 + 1e-13 * i : 1e-3 * (1 + 1e-10 * i)),
  'condition 1e14': (n) => (i) => 10 ** ((-14 * i) / (n - 1)),
  'one large': () => (i) => (i === 0 ? 1 : 1e-14),
};

for (const [dtype, n, name] of [
  ['f64', 500, 'random'],
  ['f64', 500, 'two clusters'],
  ['f64', 1000, 'random'],
  ['f64', 1000, 'two clusters'],
  ['f32', 500, 'random'],
] as const) {
  test(`eigh and svd in ${dtype} of order ${n}, ${name}: ratios below 30`, () => {
    const data = name === 'random' ? numbers(n * n, n) : withSpectrum(n, spectra[name](n));
    checkSvd(name, n, n, data, dtype);
    // eigh reads the lower triangle; the product is compared with its mirror image.
    const lower = data.map((x, at) =>
      at % n <= Math.floor(at / n) ? x : data[(at % n) * n + Math.floor(at / n)],
    );
    checkEigh(name, n, lower, dtype);
  });
}

for (const dtype of DTYPES) {
  const eps = EPSILON[dtype];

  test(`known spectra in ${dtype}: eigh and svd find them within 30 n eps`, () => {
    for (const [name, of] of Object.entries(spectra)) {
      for (const n of [33, 150]) {
        const value = of(n);
        const want = Array.from({ length: n }, (_, i) => value(i)).sort((x, y) => x - y);
        const bound = 30 * n * eps * want[n - 1];
        near(checkEigh(name, n, withSpectrum(n, value), dtype), want, bound, name);
        want.reverse();
        for (const [m, columns] of [
          [n, n],
          [n + 20, n],
          [n, 2 * n],
        ]) {
          const data = withSingularValues(m, columns, value);
          near(checkSvd(name, m, columns, data, dtype, m !== n), want, bound, `${name}, ${m} x ${columns}`);
        }
      }
    }
  });

  test(`glued Wilkinson matrices in ${dtype}: singular values are absolute eigenvalues`, () => {
    for (const glue of [1e-4, 1e-8, 1e-14]) {
      const n = 231;
      const data = Array.from({ length: n * n }, (_, at) => {
        const [i, j] = [Math.floor(at / n), at % n];
        if (i === j) return Math.abs((i % 21) - 10);
        return Math.abs(i - j) === 1 ? (Math.max(i, j) % 21 === 0 ? glue : 1) : 0;
      });
      const eigenvalues = checkEigh(`glue ${glue}`, n, data, dtype);
      const want = eigenvalues.map(Math.abs).sort((x, y) => y - x);
      near(checkSvd(`glue ${glue}`, n, n, data, dtype), want, 30 * n * eps * want[0], `glue ${glue}`);
    }
  });

  test(`workspace in ${dtype}: at most 3 n², or 3 m n, elements from 128 on`, () => {
    const width = dtype === 'f64' ? 8 : 4;
    for (const n of [128, 129, 135, 160, 192, 255, 256, 257, 512, 1000, 1024, 3000]) {
      const bound = 3 * n * n * width;
      const asked = {
        eigh: kernels[`syevd_${dtype}_work`](1, n),
        eigvalsh: kernels[`syevd_${dtype}_work`](0, n),
        jacobi: kernels[`syevj_${dtype}_work`](n),
      };
      for (const [name, bytes] of Object.entries(asked))
        assert.ok(bytes > 0 && bytes <= bound, `${name}, n = ${n}: ${bytes} > ${bound}`);
      for (const m of [n, n + 1, 1.2 * n, 1.59 * n, 1.61 * n, 1.8 * n, 2 * n, 3 * n, 5 * n, 20 * n].map(
        Math.ceil,
      )) {
        for (const [rows, columns] of [
          [m, n],
          [n, m],
        ]) {
          const most = 3 * rows * columns * width;
          const works = [0, 1, 2].map((job) => kernels[`gesdd_${dtype}_work`](job, rows, columns) >>> 0);
          works.push(kernels[`gesvj_${dtype}_work`](rows, columns) >>> 0);
          for (const bytes of works)
            assert.ok(bytes > 0 && bytes <= most, `svd ${rows} x ${columns}: ${works} > ${most}`);
        }
      }
    }
  });

  test(`workspace in ${dtype}: nothing is written outside of what is asked for`, () => {
    const width = dtype === 'f64' ? 8 : 4;
    const room = (bytes: number) => new Float64Array(bytes / width);
    const rules: ((m: number, n: number) => ArrayLike<number>)[] = [
      (m, n) => numbers(m * n, m + n),
      (m, n) => withSingularValues(m, n, (i) => 1 + (i % 5)),
      // Next to nothing is deflated here: the merges need all their room.
      (m, n) =>
        Array.from({ length: m * n }, (_, at) => Number([0, 1].includes(Math.floor(at / n) - (at % n)))),
    ];
    for (const rule of rules) {
      for (const n of [1, 2, 23, 25, 26, 40, 65, 128, 129, 150, 300]) {
        withRaw(dtype, (place) => {
          const [a, w, z] = [place(rule(n, n)), place(room(n * width)), place(room(n * n * width))];
          const work = place(room(kernels[`syevd_${dtype}_work`](1, n)));
          assert.is(kernels[`syevd_${dtype}`](1, n, a.address, n, w.address, z.address, n, work.address), 0);
          const less = place(room(kernels[`syevd_${dtype}_work`](0, n)));
          assert.is(kernels[`syevd_${dtype}`](0, n, a.address, n, w.address, 0, n, less.address), 0);
          const turns = place(room(kernels[`syevj_${dtype}_work`](n)));
          if (n < 70)
            assert.is(kernels[`syevj_${dtype}`](n, a.address, n, w.address, z.address, n, turns.address), 0);
        });
      }
      for (const [m, n] of [
        [1, 1],
        [5, 1],
        [26, 26],
        [40, 3],
        [64, 40],
        [128, 128],
        [200, 129],
        [130, 204],
        [330, 128],
        [128, 600],
        [300, 300],
      ]) {
        const k = Math.min(m, n);
        for (const job of [0, 1, 2]) {
          withRaw(dtype, (place) => {
            const [a, s] = [place(rule(m, n)), place(room(k * width))];
            const [u, vt] = job === 1 ? [m * k, k * n] : job === 2 ? [m * m, n * n] : [1, 1];
            const [pu, pv] = [place(room(u * width)), place(room(vt * width))];
            const work = place(room(kernels[`gesdd_${dtype}_work`](job, m, n)));
            const to = [pu.address, s.address, pv.address] as const;
            assert.is(kernels[`gesdd_${dtype}`](1, job, m, n, a.address, ...to, work.address), 0);
            const turns = place(room(kernels[`gesvj_${dtype}_work`](m, n)));
            if (k < 50)
              assert.is(kernels[`gesvj_${dtype}`](1, job, m, n, a.address, ...to, turns.address), 0);
          });
        }
      }
    }
  });
}

test.run();
