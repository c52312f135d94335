// Divided differences against 100 digits: gaps from an ULP to the whole range, equal points, orders 1 to 3, both precisions; kinks and jumps.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  choose,
  dividedDifferences,
  NODE_COUNT,
  rankOf,
  writeNodes,
} from '#src/linalg/functions/divided-differences.js';
import { property } from '../support/check.js';
import {
  type Decimal,
  decimal,
  decimalDifference,
  decimalExp,
  decimalLog,
  decimalSqrt,
  over,
  times,
} from '../support/decimal.js';

/** f and its derivatives up to order 3 in doubles, and f in decimals. */
interface Case {
  f: ((x: number) => number)[];
  exact: (x: Decimal) => Decimal;
}

const two = decimal(2);
const cases: Record<string, Case> = {
  sqrt: {
    f: [
      Math.sqrt,
      (x) => 0.5 / Math.sqrt(x),
      (x) => -0.25 / (x * Math.sqrt(x)),
      (x) => 0.375 / (x * x * Math.sqrt(x)),
    ],
    exact: decimalSqrt,
  },
  log: { f: [Math.log, (x) => 1 / x, (x) => -1 / (x * x), (x) => 2 / (x * x * x)], exact: decimalLog },
  exp: { f: [Math.exp, Math.exp, Math.exp, Math.exp], exact: decimalExp },
  reciprocal: {
    f: [(x) => 1 / x, (x) => -1 / (x * x), (x) => 2 / (x * x * x), (x) => -6 / (x * x * x * x)],
    exact: (x) => over(decimal(1), x),
  },
  cube: {
    f: [(x) => x * x * x, (x) => 3 * x * x, (x) => 6 * x, () => 6],
    exact: (x) => times(times(x, x), x),
  },
  'x exp x': {
    f: [0, 1, 2, 3].map((k) => (x: number) => (x + k) * Math.exp(x)),
    exact: (x) => times(x, decimalExp(x)),
  },
  'square and twice': {
    f: [(x) => x * x + 2 * x, (x) => 2 * x + 2, () => 2, () => 0],
    exact: (x) => times(x, x + two),
  },
};

/** The differences of order k of f at ascending points, by rank. */
function differences(
  f: readonly ((x: number) => number)[],
  x: number[],
  k: number,
  single = false,
): Float64Array {
  const round = (y: number) => (single ? Math.fround(y) : y);
  const n = x.length;
  const nodes = new Array<number>(choose(n + 1, 2) * NODE_COUNT).fill(0);
  for (let j = 0; j < n; j++)
    for (let i = 0; i <= j; i++) writeNodes(x[i], x[j], nodes, rankOf([i, j], 0, 2) * NODE_COUNT);
  return dividedDifferences(
    x,
    x.map((v) => round(f[0](v))),
    f.slice(1, k + 1).map((g) => nodes.map((v) => round(g(round(v))))),
    single ? 2 ** -23 : 2 ** -52,
  );
}

/** Points whose neighbours are apart by the given parts of themselves; some are equal. */
const points = (count: number) =>
  fc
    .tuple(
      fc.double({ min: 0.05, max: 4, noNaN: true }),
      fc.array(fc.oneof(fc.constant(-99), fc.double({ min: -16, max: 0, noNaN: true })), {
        minLength: count - 1,
        maxLength: count - 1,
      }),
    )
    .map(([start, gaps]) => {
      const x = [start];
      for (const gap of gaps) x.push(x[x.length - 1] * (1 + (gap === -99 ? 0 : 10 ** gap)));
      return x;
    });

// The bound of order k, in units of the roundoff: what is lost where the quotient and the mean are equally good, per order.
const BOUND = [0, 60, 2000, 100000];

for (const [name, { f, exact }] of Object.entries(cases)) {
  test(`${name}: orders 1 to 3 to a few digits less than rounding`, () => {
    const worst = [0, 0, 0, 0];
    for (const single of [false, true]) {
      property(
        fc.tuple(fc.integer({ min: 1, max: 3 }), points(4)),
        ([k, drawn]) => {
          const x = drawn.map((v) => (single ? Math.fround(v) : v));
          const got = differences(f, x, k, single);
          const eps = single ? 2 ** -23 : 2 ** -52;
          for (const tuple of [
            [0, 1, 2, 3].slice(0, k + 1),
            [0, 0, 1, 3].slice(3 - k),
            [2, 2, 2, 2].slice(3 - k),
          ]) {
            const want = decimalDifference(
              exact,
              tuple.map((i) => x[i]),
            );
            const value = got[rankOf(tuple, 0, k + 1)];
            // Of a polynomial of lower degree: relative to what is subtracted.
            const size = Math.max(Math.abs(want), 1e-3);
            const error = Math.abs(value - want) / (eps * size);
            worst[k] = Math.max(worst[k], error);
            if (!(error <= BOUND[k]))
              throw new Error(
                `f[${tuple.map((i) => x[i])}] = ${value}, want ${want}: ${error} eps, single ${single}`,
              );
          }
        },
        60,
      );
    }
    if (process.env.VERBOSE) console.log(name, worst);
  });
}

test('kinks and jumps between points are exact, also next to one of them', () => {
  const relu = [(x: number) => Math.max(x, 0), (x: number) => (x > 0 ? 1 : 0), () => 0];
  const sign = [Math.sign, () => 0, () => 0];
  property(
    fc.tuple(fc.double({ min: -18, max: 2, noNaN: true }), fc.double({ min: -18, max: 2, noNaN: true })),
    ([p, q]) => {
      const [a, b] = [-(10 ** p), 10 ** q];
      const close = (got: number, want: number) =>
        assert.ok(Math.abs(got - want) <= 1e-15 * Math.abs(want), `${a}, ${b}: ${got}, want ${want}`);
      close(differences(relu, [a, b], 1)[rankOf([0, 1], 0, 2)], b / (b - a));
      close(differences(sign, [a, b], 1)[rankOf([0, 1], 0, 2)], 2 / (b - a));
      // [a, a, b] and [a, b, b].
      close(differences(relu, [a, b], 2)[rankOf([0, 0, 1], 0, 3)], b / (b - a) / (b - a));
      close(differences(sign, [a, b], 2)[rankOf([0, 1, 1], 0, 3)], -2 / (b - a) / (b - a));
    },
    300,
  );
});

test('values that are not finite stay what they are', () => {
  const log = [Math.log, (x: number) => 1 / x, (x: number) => -1 / (x * x)];
  assert.is(differences(log, [0, 1], 1)[rankOf([0, 1], 0, 2)], Number.POSITIVE_INFINITY);
  assert.is(differences(log, [0, 0], 1)[rankOf([0, 1], 0, 2)], Number.POSITIVE_INFINITY);
  assert.ok(Number.isNaN(differences(log, [-1, 1], 1)[rankOf([0, 1], 0, 2)]));
  const root = cases.sqrt.f;
  assert.is(differences(root, [0, 4], 1)[rankOf([0, 1], 0, 2)], 0.5);
  assert.is(differences(root, [0, 0], 1)[rankOf([0, 1], 0, 2)], Number.POSITIVE_INFINITY);
});

test('ranks count the tuples in order', () => {
  for (const k of [0, 1, 2, 3]) {
    const seen = new Set<number>();
    const n = 5;
    const visit = (tuple: number[]) => {
      if (tuple.length === k + 1) return void seen.add(rankOf(tuple, 0, k + 1));
      for (let i = tuple[tuple.length - 1] ?? 0; i < n; i++) visit([...tuple, i]);
    };
    visit([]);
    assert.equal(
      [...seen].sort((a, b) => a - b),
      Array.from({ length: choose(n + k, k + 1) }, (_, i) => i),
    );
  }
});

test.run();
