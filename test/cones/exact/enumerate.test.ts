// Exact enumerations against cddlib's rationals, and against an oracle that tries all sets of rows: small numbers, numbers at and beyond 64 bits, where bigints take
// over, and rows that almost coincide. Results are primitive, rays exactly orthogonal to the lineality space.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type ExactOptions, enumerateExact } from '#src/cones/exact/enumerate.js';
import { memory, RayLimitError } from '#src/index.js';
import { property, rejects } from '../../support/check.js';
import { dot, eliminated, gcd, nullSpace, oracle, primitive, type Rows } from '../../support/exact-cones.js';

const OPTIONS: ExactOptions = { order: 'lexmin', maxRays: 1e6, name: 'test' };
const ORDERS = ['lexmin', 'input', 'maxcutoff', 'fewest'] as const;

/** Enumerates, and checks what must hold of every result. */
function enumerated(A: Rows, E: Rows, d: number, options: Partial<ExactOptions> = {}) {
  const before = memory();
  const problem = { rows: A.map(primitive), equalities: E.map(primitive), dimension: d };
  const result = enumerateExact(problem, { ...OPTIONS, ...options });
  const after = memory();
  assert.equal([after.tensors, after.bytes], [before.tensors, before.bytes]);
  const { rays, lineality, incidence, peak } = result;
  for (const x of [...rays, ...lineality]) assert.is(x.reduce(gcd, 0n), 1n, 'primitive');
  for (const ray of rays) for (const line of lineality) assert.is(dot(ray, line), 0n, 'orthogonal');
  for (const line of lineality) for (const a of [...A, ...E]) assert.is(dot(line, a), 0n, 'a line');
  for (const ray of rays) for (const e of E) assert.is(dot(ray, e), 0n, 'on the equalities');
  assert.ok(peak >= rays.length);
  assert.equal([incidence.rays, incidence.rows], [rays.length, A.length]);
  rays.forEach((ray, k) => {
    A.forEach((a, i) => {
      const value = dot(a, ray);
      assert.ok(value <= 0n, 'in the cone');
      const bit = (incidence.bits[k * incidence.words + (i >> 5)] >>> (i & 31)) & 1;
      assert.is(bit === 1, value === 0n, `incidence of ray ${k} and row ${i}`);
    });
  });
  return result;
}

function agrees(A: Rows, E: Rows, d: number, options: Partial<ExactOptions> = {}): void {
  const want = oracle(A, E, d);
  const { rays, lineality } = enumerated(A, E, d, options);
  assert.equal(rays.map(String).sort(), want.rays, `rays of ${A.join(' | ')} and ${E.join(' | ')}`);
  assert.is(lineality.length, want.lineality.length);
  assert.is(eliminated([...lineality, ...want.lineality]).rows.length, lineality.length, 'lineality');
}

interface Golden {
  name: string;
  dimension: number;
  A: number[][];
  rays: string[][];
  lines: string[][];
}

const { cones } = JSON.parse(readFileSync('test/fixtures/cones-exact.json', 'utf8')) as { cones: Golden[] };

/** The integers of fractions, up to a positive factor. */
function integers(fractions: string[]): bigint[] {
  const parts = fractions.map((x) => x.split('/').map(BigInt));
  const scale = parts.reduce((all, [, q = 1n]) => all * q, 1n);
  return primitive(parts.map(([p, q = 1n]) => (p * scale) / q));
}

for (const { name, dimension: d, A: numbers, rays, lines } of cones)
  test(`cddlib's rays of ${name}`, () => {
    const A = numbers.map((row) => row.map(BigInt));
    const lineality = lines.map(integers);
    // Less their parts in the lineality space: of the complement of all lines, and on the same rows.
    const orthogonal = rays.map(integers).map((ray) => {
      const [x] = nullSpace([...lineality, ...nullSpace([...lineality, ray], d)], d);
      return (dot(x, ray) > 0n ? x : x.map((y) => -y)).join();
    });
    for (const order of ORDERS) {
      const got = enumerated(A, [], d, { order });
      assert.equal(got.rays.map(String).sort(), orthogonal.sort(), order);
      assert.is(got.lineality.length, lineality.length);
      assert.is(eliminated([...lineality, ...got.lineality]).rows.length, lineality.length);
    }
  });

const matrix = (entry: fc.Arbitrary<bigint>, rows: number, d: number) =>
  fc.array(fc.array(entry, { minLength: d, maxLength: d }), { maxLength: rows });

const small = fc.bigInt({ min: -3n, max: 3n });
/** Up to 2^62, most of them much smaller. */
const large = fc
  .tuple(fc.bigInt({ min: -(1n << 62n), max: 1n << 62n }), fc.constantFrom(0, 0, 20, 40, 55, 60))
  .map(([x, by]) => x >> BigInt(by));

const problems = (entry: fc.Arbitrary<bigint>, most: number) =>
  fc.integer({ min: 1, max: 5 }).chain((d) =>
    fc.record({
      d: fc.constant(d),
      A: matrix(entry, most, d),
      E: fc.oneof(fc.constant([] as Rows), matrix(entry, 2, d)),
      order: fc.constantFrom(...ORDERS),
    }),
  );

test('small numbers: all sets of rows', () =>
  property(problems(small, 7), ({ d, A, E, order }) => agrees(A, E, d, { order }), 400));

test('numbers up to 2^62: all sets of rows', () =>
  property(problems(large, 7), ({ d, A, E, order }) => agrees(A, E, d, { order }), 200));

/** Rows turned so that a point is inside. */
const around = (rows: Rows, point: bigint[]) => rows.map((a) => (dot(a, point) > 0n ? a.map((x) => -x) : a));

test('rows of growing numbers, so that bigints take over on the way', () => {
  const grown = fc.integer({ min: 3, max: 5 }).chain((d) =>
    fc.record({
      d: fc.constant(d),
      point: fc.array(fc.bigInt({ min: 1n, max: 5n }), { minLength: d, maxLength: d }),
      rows: fc.array(fc.array(large, { minLength: d, maxLength: d }), { minLength: 8, maxLength: 8 }),
      by: fc.constantFrom(4n, 7n),
    }),
  );
  property(
    grown,
    ({ d, point, rows, by }) => {
      const A = around(
        rows.map((row, k) => row.map((x) => x >> (by * BigInt(rows.length - k)))),
        point,
      );
      for (const order of ORDERS) agrees(A, [], d, { order });
    },
    60,
  );
});

test('rows like those of a Hilbert matrix', () => {
  const d = 6;
  const scale = 12252240n; // a multiple of 1 … 17
  const A = Array.from({ length: 11 }, (_, i) =>
    Array.from({ length: d }, (_, j) => (((i + j) % 3 === 0 ? -1n : 1n) * scale) / BigInt(i + j + 1)),
  );
  const point = [1n, -1n, 2n, 1n, -3n, 1n];
  agrees(around(A, point), [], d);
  // The same with numbers of 24 bits more, which leave 64 at once.
  agrees(
    around(A, point).map((row, i) => row.map((x) => (x << 24n) + BigInt(i))),
    [],
    d,
  );
});

test('rows that differ by 2^-50 are told apart', () => {
  const one = 1n << 50n;
  // x <= 0 and x >= 2^-50 y over y, z <= 0; the cone between has rays, where the rows for 0 leave a line.
  const near = [
    [one, 0n, 0n],
    [-one, 1n, 0n],
    [0n, 0n, 1n],
  ];
  agrees(near, [], 3);
  assert.is(enumerated(near, [], 3).lineality.length, 0);
  const same = [near[0], [-one, 0n, 0n], near[2]];
  agrees(same, [], 3);
  assert.is(enumerated(same, [], 3).lineality.length, 1);
});

test('no rows, rows of zeros, equal rows, {0}, lines and points', () => {
  for (const d of [1, 2, 4]) {
    const zero = new Array<bigint>(d).fill(0n);
    const unit = (k: number, x: bigint) => zero.map((_, j) => (j === k ? x : 0n));
    const all = zero.map((_, k) => k);
    agrees([], [], d);
    agrees([zero, zero], [zero], d);
    agrees(
      [],
      all.map((k) => unit(k, 2n)),
      d,
    );
    agrees([...all.map((k) => unit(k, 1n)), ...all.map((k) => unit(k, -1n))], [], d);
    agrees(
      all.map((k) => unit(k, 1n)),
      [],
      d,
    );
    agrees([zero, unit(0, 1n), unit(0, 3n), unit(0, 1n), zero], [], d);
    agrees([unit(0, 1n), unit(0, -1n)], [], d);
    agrees([all.map(() => 1n)], [unit(0, 1n)], d);
    agrees([all.map(() => -1n), ...all.map((k) => unit(k, 1n))], [], d);
  }
});

test('more rows than a word of bits', () => {
  // A polygon with 2 · 70 sides: tangents at rational points of a circle.
  const A = Array.from({ length: 70 }, (_, k) => {
    const [p, q] = [BigInt(k), 70n];
    return [2n * p * q, q * q - p * p, -(p * p + q * q)];
  }).flatMap(([x, y, z]) => [
    [x, y, z],
    [-x, -y, z],
  ]);
  const got = enumerated(A, [], 3);
  assert.is(got.rays.length, 140);
  for (const order of ORDERS) agrees(A.slice(0, 70), [], 3, { order });
});

/** 24 rows in 7 dimensions whose cone has many rays. */
const manyRays = (scale: bigint): Rows =>
  Array.from({ length: 24 }, (_, s) => {
    const row = Array.from({ length: 6 }, (_, i) => BigInt((s * s * 31 + s * 7919 * (i + 1) + i) % 23) - 11n);
    return [...row.map((x) => x * scale), -9n * scale - BigInt(s % 5)];
  });

test('more rays than allowed: how many, of what, in either arithmetic', () => {
  for (const scale of [5n, 1n << 61n, 1n << 80n]) {
    const A = manyRays(scale).map(primitive);
    const total = enumerated(A, [], 7).rays.length;
    assert.ok(total > 30);
    for (const order of ORDERS)
      for (const maxRays of [3, 20]) {
        const run = () =>
          enumerateExact({ rows: A, equalities: [], dimension: 7 }, { ...OPTIONS, order, maxRays });
        rejects(run, RayLimitError, /^test: \d+ rays are held after \d+ of 24 rows/);
        try {
          run();
        } catch (error) {
          const { rays, limit, rows, of } = error as RayLimitError;
          assert.ok(rays > maxRays && limit === maxRays && rows >= 1 && rows <= 24 && of === 24);
        }
      }
  }
});

test('progress ends with all rows, inserted or not', () => {
  const last = (A: Rows, E: Rows, d: number) => {
    const seen: number[][] = [];
    enumerated(A, E, d, { onProgress: ({ rows, of, rays }) => void seen.push([rows, of, rays]) });
    return seen[seen.length - 1];
  };
  const [x, y] = [
    [1n, 0n],
    [0n, 1n],
  ];
  assert.equal(last([], [], 2), [0, 0, 0]);
  assert.equal(last([x, y], [], 2), [2, 2, 2]);
  assert.equal(last([x, x, x, [0n, 0n]], [], 2), [4, 4, 1]);
  assert.equal(last([x, [-1n, 0n], y, y], [], 2), [4, 4, 1]);
  assert.equal(last([x, y, [-1n, -1n], [-1n, 1n]], [], 2), [4, 4, 0]);
});

test('progress counts all rows; what it throws leaves no memory', () => {
  for (const scale of [5n, 1n << 61n]) {
    const A = manyRays(scale).map(primitive);
    const seen: number[] = [];
    enumerated(A, [], 7, {
      onProgress({ rows, of, rays }) {
        seen.push(rows);
        assert.ok(of === 24 && rays > 0);
      },
    });
    assert.equal(
      seen,
      Array.from({ length: 17 }, (_, k) => k + 8),
    );
    const before = memory();
    const stop = () => {
      throw new Error('enough');
    };
    assert.throws(() => enumerated(A, [], 7, { onProgress: stop }), /enough/);
    assert.equal([memory().tensors, memory().bytes], [before.tensors, before.bytes]);
  }
});

test.run();
