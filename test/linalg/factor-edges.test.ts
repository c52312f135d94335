// Factor objects at the edges: determinants out of range, singular matrices, what is disposed, a hard case of the estimator.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  DisposedError,
  eye,
  linalg,
  NotPositiveDefiniteError,
  SingularMatrixError,
  scope,
  tensor,
  zeros,
} from '#src/index.js';
import { EPSILON, near, rejects } from '../support/check.js';

type Kind = 'cholesky' | 'lu' | 'qr' | 'ldlt';
const KINDS: Kind[] = ['cholesky', 'lu', 'qr', 'ldlt'];
const VERBS = ['inverse', 'det', 'logAbsDet', 'signDet', 'rcond', 'reconstruct'] as const;

const diagonal = (entries: number[], dtype: 'f64' | 'f32') => {
  const n = entries.length;
  const data = new Float64Array(n * n);
  for (const [i, x] of entries.entries()) data[i * (n + 1)] = x;
  return tensor(data, { shape: [n, n], dtype });
};

for (const dtype of ['f64', 'f32'] as const) {
  const eps = EPSILON[dtype];
  test(`determinants in ${dtype} leave the range only where they have to`, () =>
    scope(() => {
      const [big, small] = dtype === 'f64' ? [1e200, 1e-200] : [1e30, 1e-30];
      const entries = [big, -big, big, small, small, small, 2, 3];
      const a = linalg.factor(diagonal(entries, dtype), { kind: 'lu' });
      near([a.det().item()], [-6], 200 * eps);
      near([a.logAbsDet().item()], [Math.log(6)], 2000 * eps);
      for (const kind of ['lu', 'qr', 'ldlt', 'cholesky'] as const) {
        for (const [x, log] of [
          [big, Math.log(big)],
          [small, Math.log(small)],
        ]) {
          using f = linalg.factor(diagonal([x, x, x, x], dtype), { kind });
          assert.is(f.det().item(), x > 1 ? Number.POSITIVE_INFINITY : 0, kind);
          assert.is(f.signDet().item(), 1);
          near([f.logAbsDet().item()], [4 * log], 8 * eps * Math.abs(4 * log), kind);
          near([f.rcond().item()], [1], 8 * eps);
        }
      }
      // A pivot of two rows.
      using two = linalg.factor(
        tensor(
          [
            [small, big],
            [big, -small],
          ],
          { dtype },
        ),
        { kind: 'ldlt' },
      );
      assert.is(two.signDet().item(), -1);
      near([two.logAbsDet().item()], [2 * Math.log(big)], 8 * eps * Math.log(big));
      a.dispose();
    }));
}

test('the hard cases of the estimator: a matrix on which the climb stops early', () =>
  scope(() => {
    // A⁻¹ = 1.01 ⊕ (I + θ C) with C e = Cᵀ e = 0 (after Higham, 1988, section 3): the climb from the vector of ones ends at 1.01.
    const theta = 1e3;
    const c = [1, -1, 0, 0, -1, 2, -1, 0, 0, -1, 2, -1, 0, 0, -1, 1];
    const entries = new Array<number>(25).fill(0);
    entries[0] = 1.01;
    for (let t = 0; t < 16; t++)
      entries[6 + 5 * Math.floor(t / 4) + (t % 4)] = theta * c[t] + Number(t % 5 === 0);
    const inverse = tensor(entries, { shape: [5, 5] });
    const a = linalg.inv(inverse);
    const exact = 1 / (linalg.norm(a, 1).item() * linalg.norm(inverse, 1).item());
    const got = linalg.rcond(a) as number;
    assert.ok(got > 0.99 * exact && got < 3 * exact, `${got} ${exact}`);
  }));

test('singular matrices: factored, counted, not solved; what an object cannot do is said', () =>
  scope(() => {
    const singular = tensor([
      [
        [1, 0],
        [0, 1],
      ],
      [
        [1, 1],
        [1, 1],
      ],
    ]);
    const b = tensor([1, 2]);
    for (const kind of ['lu', 'ldlt'] as const) {
      using f = linalg.factor(singular, { kind });
      rejects(() => f.solve(b), SingularMatrixError, /^solve: matrix \[1\] is singular: pivot 1 is 0/);
      rejects(() => f.inverse(), SingularMatrixError, /^inverse: matrix \[1\] is singular: pivot 1 is 0/);
      assert.equal(f.signDet().toArray(), [1, 0]);
      assert.equal(f.det().toArray(), [1, 0]);
      assert.equal(f.logAbsDet().toArray(), [0, Number.NEGATIVE_INFINITY]);
      assert.equal(f.rcond().toArray(), [1, 0]);
    }
    using zero = linalg.factor(zeros([3, 3]), { kind: 'qr' });
    const three = tensor([1, 2, 3]);
    rejects(() => zero.solveTranspose(three), SingularMatrixError, /^solveTranspose: .* pivot 0 is 0/);
    assert.is(zero.rcond().item(), 0);
    const [indefinite, two] = [
      tensor([
        [1, 2],
        [2, 1],
      ]),
      eye(2),
    ];
    rejects(
      () => linalg.factor(indefinite, { kind: 'cholesky' }),
      NotPositiveDefiniteError,
      /^factor: matrix is not positive definite: pivot 1/,
    );
    rejects(() => linalg.factor(two, { kind: 'svd' as Kind }), ArgumentError, /'qr' or 'ldlt', got "svd"/);
    rejects(() => linalg.factor(two, { kind: 'toString' as Kind }), ArgumentError, /kind must be/);
    for (const kind of KINDS) {
      const f = linalg.factor(two, { kind });
      f.dispose();
      f.dispose();
      for (const verb of VERBS) rejects(() => f[verb](), DisposedError, new RegExp(`^${verb}: .*disposed`));
    }
    assert.equal(linalg.factor(indefinite, { kind: 'ldlt' }).inertia(), {
      positive: 1,
      negative: 1,
      zero: 0,
    });
  }));

test('the factors are a copy: the matrix may change and go', () => {
  const a = tensor([
    [4, 1],
    [1, 3],
  ]);
  const factors = KINDS.map((kind) => linalg.factor(a, { kind }));
  a.data().fill(7);
  a.dispose();
  scope(() => {
    for (const f of factors) {
      near(f.det().data(), [11], 1e-14);
      near(f.reconstruct().data(), [4, 1, 1, 3], 1e-14);
      near(f.rcond().data(), [11 / 25], 1e-14);
    }
  });
  for (const f of factors) f.dispose();
});

test.run();
