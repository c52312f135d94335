// The kernels of enumerations against BigInt and plain lists: values and combinations of rays of integers up to 63 bits, where they must say
// that a result needs more; lists of rays by the signs of values; sets of rays between others; what is kept. No byte behind a result changes.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { allocate } from '#src/core/tensor.js';
import { cones as kernels } from '#src/generated/cones.js';
import { scope, type Tensor, tensor } from '#src/index.js';
import { property } from '../support/check.js';

const LARGEST = 2n ** 63n - 1n;
const GUARD = 0x1234567n;

const size = (x: bigint) => (x < 0n ? -x : x);
const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? size(a) : gcd(b, a % b));
const dot = (a: bigint[], b: bigint[]) => a.reduce((sum, x, j) => sum + x * b[j], 0n);
const bits = (x: bigint) => (x === 0n ? 0 : size(x).toString(2).length);

/** Words of 64 bits with one more behind them, which must stay. */
function words(values: readonly bigint[]) {
  const at = allocate([values.length + 1], 'f64');
  const view = () => new BigInt64Array(at.data().buffer, at.address, values.length + 1);
  view().set([...values, GUARD]);
  return {
    address: at.address,
    get values(): bigint[] {
      assert.is(view()[values.length], GUARD, 'the word behind');
      return [...view()].slice(0, -1);
    },
  };
}

const record = (x: bigint[]) => [BigInt(Math.max(...x.map(bits))), ...x];
const integers = (values: number[]) => tensor([...values, 77], { dtype: 'i32' });
function integersOf(x: Tensor): number[] {
  const all = Array.from(x.data());
  assert.is(all.pop(), 77, 'the number behind');
  return all;
}

/** Numbers of many sizes: a size is drawn first. */
const entry = fc
  .tuple(fc.integer({ min: 0, max: 63 }), fc.bigInt({ min: -LARGEST, max: LARGEST }))
  .map(([by, x]) => x >> BigInt(by));
const small = fc.bigInt({ min: -9n, max: 9n });
const vectors = fc
  .record({ d: fc.integer({ min: 1, max: 7 }), count: fc.integer({ min: 2, max: 6 }), wide: fc.boolean() })
  .chain(({ d, count, wide }) => {
    const vector = fc.array(wide ? entry : fc.oneof(small, entry), { minLength: d, maxLength: d });
    return fc.record({ row: vector, rays: fc.array(vector, { minLength: count, maxLength: count }) });
  });

test('integer_values: the products, or that one has more than 63 bits', () => {
  const seen = new Set<boolean>();
  property(
    vectors,
    ({ row, rays }) =>
      scope(() => {
        const want = rays.map((ray) => dot(row, ray));
        const fits = want.every((x) => size(x) <= LARGEST);
        const [records, at] = [words(rays.flatMap(record)), words(record(row))];
        const values = words(rays.map(() => 5n));
        const { exports } = kernels;
        const got = exports.integer_values(
          row.length,
          rays.length,
          records.address,
          at.address,
          values.address,
        );
        assert.is(got, fits ? 1 : 0, `${row} on ${rays.join(' | ')}`);
        if (fits) assert.equal(values.values, want);
        values.values;
        seen.add(fits);
      }),
    1000,
  );
  assert.is(seen.size, 2);
});

test('integer_values at the largest numbers', () =>
  scope(() => {
    const { exports } = kernels;
    const run = (row: bigint[], ray: bigint[]) => {
      const values = words([0n]);
      const [records, at] = [words(record(ray)), words(record(row))];
      const fits = exports.integer_values(row.length, 1, records.address, at.address, values.address);
      return fits === 1 ? values.values[0] : undefined;
    };
    assert.is(run([1n], [LARGEST]), LARGEST);
    assert.is(run([-1n], [LARGEST]), -LARGEST);
    assert.is(run([-1n, -1n], [LARGEST, 1n]), undefined, '-2^63 has no negative');
    assert.is(run([1n, 1n], [LARGEST, 1n]), undefined);
    assert.is(run([1n, 1n, -1n], [LARGEST, LARGEST, LARGEST]), LARGEST);
    assert.is(run([LARGEST, -LARGEST, 7n], [LARGEST, LARGEST, 1n]), 7n);
    const many = new Array(64).fill(LARGEST);
    assert.is(run(many, many), undefined);
    assert.is(
      run(
        many,
        many.map((x, k) => (k % 2 === 0 ? x : -x)),
      ),
      0n,
    );
  }));

/** The ray between two, less its common divisor. */
function between(p: bigint[], vp: bigint, n: bigint[], vn: bigint): bigint[] {
  const x = p.map((y, j) => size(vn) * y + size(vp) * n[j]);
  const divisor = x.reduce(gcd, 0n);
  return x.map((y) => y / divisor);
}

test('integer_combine: primitive combinations, as far as they have 63 bits', () => {
  const seen = { all: 0, some: 0 };
  // Values with common divisors, and rays that are almost multiples of each other, so that divisors of all sizes come up.
  const cases = vectors.chain(({ row, rays }) =>
    fc.record({
      rays: fc.constant(rays),
      factor: fc.oneof(fc.constant(1n), entry),
      values: fc.array(fc.oneof(fc.bigInt({ min: 1n, max: 99n }), entry.map(size)), {
        minLength: rays.length,
        maxLength: rays.length,
      }),
      like: fc.option(fc.constant(row)),
      by: fc.array(fc.bigInt({ min: -3n, max: 3n }), { minLength: rays.length, maxLength: rays.length }),
    }),
  );
  property(
    cases,
    ({ rays: drawn, values: sizes, like, by }) =>
      scope(() => {
        const d = drawn[0].length;
        const limited = (x: bigint) => (size(x) > LARGEST ? x % LARGEST : x);
        const rays = drawn.map((ray, k) =>
          like ? ray.map((x, j) => limited((x >> 40n) + by[k] * like[j])) : ray,
        );
        if (rays.some((ray) => ray.every((x) => x === 0n))) return;
        const values = sizes.map((x, k) => (k % 2 === 0 ? x || 1n : -(x || 1n)));
        const pairs = rays.flatMap((_, k) => (k % 2 === 0 && k + 1 < rays.length ? [[k, k + 1]] : []));
        const sums = pairs.map(([p, n]) =>
          rays[p].map((x, j) => size(values[n]) * x + values[p] * rays[n][j]),
        );
        if (sums.some((x) => x.every((y) => y === 0n))) return;
        const want = pairs.map(([p, n]) => between(rays[p], values[p], rays[n], values[n]));
        const fits = want.map((x) => x.every((y) => size(y) <= LARGEST));
        const count = fits.includes(false) ? fits.indexOf(false) : fits.length;
        const [records, at] = [words(rays.flatMap(record)), words(values)];
        const to = words(pairs.flatMap(() => new Array(d + 1).fill(0n)));
        const { exports } = kernels;
        const work = words(new Array(exports.integer_combine_work(d) / 8).fill(0n));
        const list = integers(pairs.flat());
        const got = exports.integer_combine(
          ...[d, records.address, at.address, list.address],
          ...([pairs.length, to.address, work.address] as const),
        );
        assert.is(got, count, `${rays.join(' | ')}; ${values}`);
        assert.equal(to.values.slice(0, count * (d + 1)), want.slice(0, count).flatMap(record));
        work.values;
        seen[count === pairs.length ? 'all' : 'some']++;
      }),
    3000,
  );
  assert.ok(seen.all > 100 && seen.some > 100, JSON.stringify(seen));
});

test('integer_gcd: numbers of many words', () => {
  const long = fc.tuple(fc.bigInt({ min: 1n, max: 1n << 400n }), fc.integer({ min: 0, max: 399 }));
  const number = long.map(([x, by]) => (x >> BigInt(by)) + 1n);
  const few = fc.record({ a: number, b: number, common: number, zeros: fc.integer({ min: 0, max: 200 }) });
  property(
    few,
    ({ a, b, common, zeros }) =>
      scope(() => {
        const [x, y] = [a, b].map((factor) => (factor * common) << BigInt(zeros));
        const count = Math.ceil(Math.max(bits(x), bits(y)) / 64);
        const list = (value: bigint) =>
          Array.from({ length: count }, (_, k) => BigInt.asIntN(64, value >> BigInt(64 * k)));
        const [at, other] = [words(list(x)), words(list(y))];
        const length = kernels.exports.integer_gcd(count, at.address, other.address);
        const want = gcd(x, y);
        assert.equal(at.values, list(want), `${x} and ${y}`);
        assert.is(length, Math.ceil(bits(want) / 64));
        other.values;
      }),
    1000,
  );
});

test('split_values: lists by signs', () =>
  property(fc.array(fc.integer({ min: -2, max: 2 }), { maxLength: 20 }), (values) =>
    scope(() => {
      const n = values.length;
      const lists = integers(new Array(4 * n).fill(-1));
      const counts = integers([-1, -1, -1, -1]);
      kernels.exports.split_values(n, words(values.map(BigInt)).address, lists.address, counts.address);
      const where = (f: (x: number) => boolean) => values.flatMap((x, k) => (f(x) ? [k] : []));
      const want = [where((x) => x > 0), where((x) => x < 0), where((x) => x === 0), where((x) => x <= 0)];
      const sizes = integersOf(counts);
      const all = integersOf(lists);
      assert.equal(
        sizes.map((length, k) => all.slice(k * n, k * n + length)),
        want,
      );
    }),
  ));

test('include_row, mask_sets, join_sets, keep_records', () => {
  const shape = fc.record({
    words: fc.constantFrom(1, 2, 4),
    count: fc.integer({ min: 2, max: 12 }),
    draw: fc.infiniteStream(fc.bigInt({ min: -LARGEST, max: LARGEST })),
    keep: fc.infiniteStream(fc.boolean()),
    row: fc.nat(),
  });
  property(shape, ({ words: width, count, draw, keep, row: at }) =>
    scope(() => {
      const { exports } = kernels;
      const row = at % (64 * width);
      const next = () => draw.next().value as bigint;
      const sets = Array.from({ length: count }, () => Array.from({ length: width }, next));
      const kept = sets.flatMap((_, k) => (keep.next().value ? [k] : []));
      const mark = (set: bigint[]) =>
        set.map((x, k) => (k === row >> 6 ? BigInt.asIntN(64, x | (1n << BigInt(row & 63))) : x));
      const memory = words(sets.flat());
      const list = integers(kept);
      exports.include_row(width, memory.address, list.address, kept.length, row);
      const marked = sets.map((set, k) => (kept.includes(k) ? mark(set) : set));
      assert.equal(memory.values, marked.flat());
      const pairs = sets.flatMap((_, k) => (k > 0 ? [[k - 1, k]] : []));
      const joined = words(pairs.flatMap(() => new Array(width).fill(0n)));
      const pairList = integers(pairs.flat());
      exports.join_sets(width, memory.address, pairList.address, pairs.length, row, joined.address);
      const both = pairs.map(([a, b]) => mark(marked[a].map((x, k) => x & marked[b][k])));
      assert.equal(joined.values, both.flat());
      const mask = words(Array.from({ length: width }, next));
      const masked = words(new Array(count * width).fill(0n));
      exports.mask_sets(width, memory.address, count, mask.address, masked.address);
      assert.equal(
        masked.values,
        marked.flatMap((set) => set.map((x, k) => x & mask.values[k])),
      );
      const first = count - 1;
      const before = kept.filter((k) => k < first);
      exports.keep_records(8 * width, memory.address, list.address, before.length, first, 1);
      const want = [...before.map((k) => marked[k]), marked[first]];
      assert.equal(memory.values.slice(0, want.length * width), want.flat());
    }),
  );
});

test.run();
