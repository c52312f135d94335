// row_roles against its definition, on random incidences and known ones: F_i = {rays on row i}; all rays: an equality; largest: a facet, the first of
// equal ones; else redundant.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { rolesOf } from '#src/cones/roles.js';
import { cones as kernels } from '#src/generated/cones.js';
import { memory } from '#src/index.js';
import * as raw from '#src/kernels.js';
import { property } from '../support/check.js';

interface Case {
  /** For each row, for each ray: whether it lies there. */
  on: boolean[][];
  rays: number;
  zero: boolean[];
  isHomogenised: boolean;
}

/** The definition. */
function twin({ on, rays, zero, isHomogenised }: Case) {
  const listed = on.length - (isHomogenised ? 1 : 0);
  const count = (row: number) => on[row].filter(Boolean).length;
  const isWithin = (row: number, other: number) => on[row].every((is, ray) => !is || on[other][ray]);
  const implicit: number[] = [];
  const redundant: number[] = [];
  // The homogenising row comes first, then rows as they are.
  const order = [...(isHomogenised ? [listed] : []), ...Array.from({ length: listed }, (_, i) => i)];
  const proper = order.filter((row) => zero[row] !== true && count(row) < rays);
  for (let row = 0; row < listed; row++) {
    if (zero[row]) redundant.push(row);
    else if (count(row) === rays) implicit.push(row);
    else {
      const isSpare = proper.some(
        (other) =>
          other !== row &&
          isWithin(row, other) &&
          (!isWithin(other, row) || order.indexOf(other) < order.indexOf(row)),
      );
      if (isSpare) redundant.push(row);
    }
  }
  return { implicit, redundant };
}

function incidenceOf({ on, rays }: Case, extra = 0) {
  const words = Math.ceil(on.length / 32) + extra;
  const bits = new Uint32Array(words * rays);
  on.forEach((list, row) => {
    list.forEach((is, ray) => {
      if (is) bits[ray * words + (row >> 5)] |= 1 << (row & 31);
    });
  });
  return { rays, rows: on.length, words, bits };
}

const cases: fc.Arbitrary<Case> = fc
  .record({
    rays: fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constantFrom(31, 64, 65, 130)),
    rows: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.constantFrom(32, 33, 70)),
    density: fc.constantFrom(0.1, 0.5, 0.9),
    seed: fc.integer(),
    isHomogenised: fc.boolean(),
  })
  .map(({ rays, rows, density, seed, isHomogenised }) => {
    let state = seed;
    const draw = () => {
      state = (Math.imul(state, 1664525) + 1013904223) | 0;
      return (state >>> 8) / 2 ** 24;
    };
    const on: boolean[][] = [];
    for (let row = 0; row < rows; row++) {
      const kind = draw();
      const before = on[Math.floor(draw() * on.length)];
      // Some rows are within others, some equal to them.
      if (before !== undefined && kind < 0.3) on.push(before.map((is) => is && (kind < 0.1 || draw() < 0.7)));
      else on.push(Array.from({ length: rays }, () => kind > 0.95 || draw() < density));
    }
    const zero = on.map((_, row) => draw() < 0.1 && !(isHomogenised && row === rows - 1));
    return { on, rays, zero, isHomogenised };
  });

test('row_roles is its definition', () => {
  const before = memory();
  property(
    cases,
    (one) => {
      const got = rolesOf('test', incidenceOf(one), {
        isZero: (row) => one.zero[row],
        isHomogenised: one.isHomogenised,
      });
      assert.equal(got, twin(one));
    },
    500,
  );
  assert.is(memory().bytes, before.bytes);
});

test('an incidence in linear memory, with words to spare, and nothing written around the workspace', () => {
  property(
    cases,
    (one) => {
      const { rays, rows, words, bits } = incidenceOf(one, 1);
      const at = raw.alloc(4 * bits.length);
      const roles = raw.alloc(4 * rows);
      const bytes = kernels.exports.row_roles_work(rays, rows);
      const work = raw.alloc(bytes + 64);
      try {
        const view = () => new Uint32Array(raw.wasmMemory().buffer, at, bits.length);
        view().set(bits);
        new Uint8Array(raw.wasmMemory().buffer, work, bytes + 64).fill(0xa5);
        const list = raw.i32(roles, rows);
        one.zero.forEach((is, row) => void (list[row] = is ? 1 : 0));
        kernels.exports.row_roles(rays, rows, words, at, one.isHomogenised ? 1 : 0, roles, work);
        const behind = new Uint8Array(raw.wasmMemory().buffer, work + bytes, 64);
        assert.ok(behind.every((byte) => byte === 0xa5));
        const listed = one.isHomogenised ? rows - 1 : rows;
        const got = Array.from(raw.i32(roles, rows).slice(0, listed));
        const { implicit, redundant } = twin(one);
        assert.equal(
          got,
          Array.from({ length: listed }, (_, row) =>
            implicit.includes(row) ? 1 : redundant.includes(row) ? 2 : 0,
          ),
        );
        const again = rolesOf(
          'test',
          { rays, rows, words, bits: view() },
          { isZero: (row) => one.zero[row], isHomogenised: one.isHomogenised },
        );
        assert.equal(again, { implicit, redundant });
      } finally {
        for (const address of [at, roles, work]) raw.free(address);
      }
    },
    200,
  );
});

test('without rays every row is an equality; one ray has the empty set for its facet', () => {
  const none = { rays: 0, rows: 3, words: 1, bits: new Uint32Array(0) };
  assert.equal(rolesOf('test', none, { isZero: (row) => row === 1 }), { implicit: [0, 2], redundant: [1] });
  const one = { rays: 1, rows: 4, words: 1, bits: Uint32Array.of(0b1000) };
  assert.equal(rolesOf('test', one, { isZero: (row) => row === 0 }), { implicit: [3], redundant: [0, 2] });
});

test.run();
