// exact: 'verified' keeps what floats find where a check agrees, and goes on in exact arithmetic by itself where it does not.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cones, memory, scope, tensor, zeros } from '#src/index.js';
import { distanceOfSets, golden, permutahedron, rowsOf } from '../support/cones.js';

test('golden cones and polyhedra are verified in floats', () => {
  scope(() => {
    for (const { name, A, dimension: d, rays } of golden().cones) {
      const rows = A.length === 0 ? zeros([0, d]) : tensor(A);
      const dd = cones.doubleDescription(rows, { exact: 'verified' });
      assert.is(dd.arithmetic, 'float', name);
      assert.is(dd.exact, undefined);
      assert.ok(distanceOfSets(rowsOf(dd.rays), rays) < 1e-13);
      const exact = cones.doubleDescription(rows, { exact: true });
      assert.is(exact.arithmetic, 'exact');
      assert.equal(
        [dd.implicit, dd.redundant, dd.dimension],
        [exact.implicit, exact.redundant, exact.dimension],
        name,
      );
    }
    for (const p of golden().polyhedra) {
      if (p.direction === 'VH' || p.mode === 'near') continue;
      const equalities = p.equalities && {
        equalities: { A: tensor(p.equalities.A), b: tensor(p.equalities.b) },
      };
      const found = cones.vertexEnumeration(tensor(p.A), tensor(p.b), { exact: 'verified', ...equalities });
      // That there is no point is decided exactly.
      assert.is(found.arithmetic, p.vertices.length === 0 ? 'exact' : 'float', p.name);
      assert.is(found.vertices.shape[0], p.vertices.length);
    }
    assert.is(
      cones.doubleDescription(tensor(permutahedron(5)), { exact: 'verified', maxRays: 120 }).arithmetic,
      'float',
    );
  });
});

/** A polygon with sides that a coarse tolerance cannot tell apart. */
const sides = (n: number): number[][] =>
  Array.from({ length: n }, (_, k) => {
    const angle = (2 * Math.PI * k) / n;
    return [Math.round(1e6 * Math.cos(angle)), Math.round(1e6 * Math.sin(angle)), -1000000 - ((7 * k) % 5)];
  });

test('where floats merge what is apart, exact arithmetic goes on', () => {
  scope(() => {
    const A = tensor(sides(48));
    const coarse = { tolerance: 0.01 };
    const right = cones.doubleDescription(A, { exact: true });
    assert.is.not(cones.doubleDescription(A, coarse).rays.shape[0], right.rays.shape[0]);
    const dd = cones.doubleDescription(A, { ...coarse, exact: 'verified' });
    assert.is(dd.arithmetic, 'exact');
    assert.equal(dd.rays.toTypedArray(), right.rays.toTypedArray());
    assert.equal(dd.exact?.rays, right.exact?.rays);
    const rows = sides(48);
    const p = cones.vertexEnumeration(
      tensor(rows.map((row) => row.slice(0, 2))),
      tensor(rows.map((row) => -row[2])),
      { ...coarse, exact: 'verified' },
    );
    assert.equal([p.arithmetic, p.vertices.shape[0]], ['exact', 48]);
    const h = cones.facetEnumeration({ vertices: rowsOf(p.vertices) }, { ...coarse, exact: 'verified' });
    assert.equal([h.arithmetic, h.A.shape[0], h.redundant.vertices], ['exact', 48, []]);
  });
});

test('nothing is left of what floats found wrong', () => {
  const A = sides(48);
  cones.doubleDescription(A, { tolerance: 0.01, exact: 'verified' }).dispose();
  const before = memory();
  cones.doubleDescription(A, { tolerance: 0.01, exact: 'verified' }).dispose();
  assert.equal([memory().tensors, memory().bytes], [before.tensors, before.bytes]);
});

test.run();
