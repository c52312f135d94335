// einsum, dot and outer against sums over all indices; their derivatives; subscripts that mean nothing.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  broadcastTo,
  type DType,
  DTypeError,
  dot,
  einsum,
  full,
  matmul,
  memory,
  mul,
  ones,
  outer,
  ShapeError,
  scope,
  type Tensor,
  tensor,
  transpose,
  zeros,
} from '#src/index.js';
import { EPSILON, near, property, rejects } from '../support/check.js';
import { checkDerivatives } from '../support/derivatives.js';
import { at, indicesOf, sample } from '../support/indices.js';

/** The definition: for every index of the output, the sum over every index of the other labels; and the same of sizes. */
function definition(inputs: readonly string[], output: string, xs: readonly Tensor[]) {
  const extents = new Map(inputs.flatMap((term, k) => [...term].map((c, i) => [c, xs[k].shape[i]] as const)));
  const shape = (labels: readonly string[]) => labels.map((c) => extents.get(c) as number);
  const summed = [...extents.keys()].filter((c) => !output.includes(c));
  const entries = indicesOf(shape([...output])).map((outer) => {
    let [value, size] = [0, 0];
    for (const inner of indicesOf(shape(summed))) {
      const place = new Map([...output, ...summed].map((c, i) => [c, [...outer, ...inner][i]]));
      const term = xs.reduce(
        (p, x, k) =>
          p *
          at(
            x,
            [...inputs[k]].map((c) => place.get(c) as number),
          ),
        1,
      );
      value += term;
      size += Math.abs(term);
    }
    return { value, size };
  });
  return { shape: shape([...output]), entries };
}

function agrees(got: Tensor, inputs: readonly string[], output: string, xs: readonly Tensor[], dtype: DType) {
  const want = definition(inputs, output, xs);
  assert.equal([...got.shape], want.shape);
  assert.is(got.dtype, dtype);
  const unit = dtype === 'i32' ? 0 : 100 * EPSILON[dtype];
  near(
    got.data(),
    want.entries.map((e) => e.value),
    (i) => unit * want.entries[i].size,
    `${inputs}->${output}`,
  );
}

test('extents of 1 broadcast, as in NumPy: the same as with the operand repeated', () =>
  property(
    fc.record({
      terms: fc.array(
        fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 3 }).map((list) => list.join('')),
        { minLength: 1, maxLength: 4 },
      ),
      order: fc.shuffledSubarray(['a', 'b', 'c', 'd']),
      extents: fc.array(fc.constantFrom(0, 1, 2, 3), { minLength: 4, maxLength: 4 }),
      narrow: fc.array(fc.boolean(), { minLength: 16, maxLength: 16 }),
      arrow: fc.boolean(),
    }),
    ({ terms, order, extents, narrow, arrow }) =>
      scope(() => {
        const all = terms.join('');
        const full = (c: string) => extents['abcd'.indexOf(c)];
        // In one operand all axes of a letter are narrow or none.
        const isNarrow = (c: string, k: number) => narrow[4 * k + 'abcd'.indexOf(c)];
        const xs = terms.map((labels, k) =>
          sample(
            [...labels].map((c) => (isNarrow(c, k) ? 1 : full(c))),
            'f64',
            k,
          ),
        );
        // Of extent 1 everywhere, a letter has extent 1.
        const extent = (c: string) =>
          terms.some((labels, k) => labels.includes(c) && !isNarrow(c, k)) ? full(c) : 1;
        const repeated = terms.map((labels, k) =>
          broadcastTo(
            xs[k],
            [...labels].map((c) => (isNarrow(c, k) ? extent(c) : full(c))),
          ),
        );
        // The diagonal of a repeated 1 x 1 is not that of its copies: cut it first.
        const once = terms.map((labels) => new Set(labels).size === labels.length);
        const output = (
          arrow
            ? order.filter((c) => all.includes(c))
            : [...all].filter((c) => all.split(c).length === 2).sort()
        ).join('');
        const got = einsum(`${terms.join(',')}${arrow ? `->${output}` : ''}`, ...xs);
        if (once.every(Boolean)) {
          const want = einsum(`${terms.join(',')}->${output}`, ...repeated);
          assert.equal(got.shape, want.shape);
          near(got.data(), want.data(), 1e-12 * (1 + Math.max(0, ...want.data().map(Math.abs))));
        } else {
          assert.equal([...got.shape], [...output].map(extent));
        }
      }),
    400,
  ));

test('extents of 1: values and derivatives', () =>
  scope(() => {
    assert.is(einsum('i,i', ones([3]), ones([1])).item(), 3);
    assert.equal(einsum('ij,jk->ik', ones([2, 1]), ones([3, 4])).toArray(), Array(2).fill(Array(4).fill(3)));
    assert.equal(einsum('ii,i->i', full([1, 1], 2), tensor([1, 2, 3])).toArray(), [2, 4, 6]);
    assert.is(einsum('...,...->', tensor([1, 2, 3]), tensor([2])).item(), 12);
    assert.equal(einsum('i,i->i', ones([1]), zeros([0])).shape, [0]);
    checkDerivatives(
      (a: Tensor, b: Tensor) => einsum('ij,jk->ik', a, b),
      [sample([2, 1]), sample([3, 4], 'f64', 2)],
    );
    checkDerivatives(
      (a: Tensor, b: Tensor) => einsum('i,i,i', a, b, a),
      [sample([1]), sample([3], 'f64', 2)],
    );
    for (const [spec, ...shapes] of [
      ['ii', [1, 3]],
      ['ii->i', [3, 1]],
      ['i,i', [3], [2]],
      ['i,i', [3], [0]],
      ['ij,ii->j', [3, 2], [3, 1]],
    ] as const) {
      const xs = (shapes as unknown as number[][]).map((shape) => zeros(shape));
      rejects(() => einsum(spec as string, ...xs), ShapeError, /'i' must have one extent/);
    }
  }));

const LETTERS = ['a', 'b', 'c', 'd', 'E'];
const term = fc.array(fc.constantFrom(...LETTERS), { maxLength: 3 }).map((list) => list.join(''));

test('any subscripts of up to four operands: the sum over all indices', () =>
  property(
    fc.record({
      terms: fc.array(term, { minLength: 1, maxLength: 4 }),
      order: fc.shuffledSubarray(LETTERS),
      extents: fc.array(fc.constantFrom(0, 1, 2, 3, 3), { minLength: 5, maxLength: 5 }),
      dtype: fc.constantFrom('f64', 'f32', 'i32' as const),
      arrow: fc.boolean(),
    }),
    ({ terms, order, extents, dtype, arrow }) =>
      scope(() => {
        const all = terms.join('');
        const xs = terms.map((labels, k) => {
          const x = sample(
            [...labels].map((c) => extents[LETTERS.indexOf(c)]),
            dtype,
            k,
          );
          return dtype === 'i32'
            ? tensor(
                x.toTypedArray().map((v) => v % 9),
                { shape: [...x.shape] },
              )
            : mul(x, 1e-3);
        });
        const once = [...all].filter((c) => all.split(c).length === 2).sort();
        const output = (arrow ? order.filter((c) => all.includes(c)) : once).join('');
        const before = memory().tensors;
        const got = einsum(`${terms.join(', ')}${arrow ? ` -> ${output}` : ''}`, ...xs);
        assert.is(memory().tensors, before + 1, 'what einsum makes on the way is freed');
        agrees(got, terms, output, xs, dtype);
      }),
    400,
  ));

test('matrix products in every storage order', () =>
  property(
    fc.record({
      a: fc.shuffledSubarray(['b', 'h', 'i', 'k'], { minLength: 4 }),
      b: fc.shuffledSubarray(['b', 'h', 'k', 'j'], { minLength: 4 }),
      c: fc.shuffledSubarray(['b', 'h', 'i', 'j'], { minLength: 4 }),
    }),
    ({ a, b, c }) =>
      scope(() => {
        const extents: Record<string, number> = { b: 2, h: 3, i: 4, j: 5, k: 6 };
        const inputs = [a.join(''), b.join('')];
        const xs = [
          sample(a.map((l) => extents[l])),
          sample(
            b.map((l) => extents[l]),
            'f64',
            2,
          ),
        ];
        agrees(einsum(`${inputs}->${c.join('')}`, ...xs), inputs, c.join(''), xs, 'f64');
      }),
  ));

test('an ellipsis broadcasts, stands first without an arrow, and is summed where the output has none', () =>
  scope(() => {
    const [a, b] = [sample([4, 1, 2, 3]), sample([5, 3, 2], 'f64', 2)];
    const want = matmul(a, b);
    assert.equal(einsum('...ij,...jk', a, b).toArray(), want.toArray());
    assert.equal(einsum('...ij,...jk->ki...', a, b).toArray(), transpose(want, [3, 2, 0, 1]).toArray());
    assert.equal(
      einsum(
        'i...->...',
        tensor([
          [1, 2],
          [3, 4],
        ]),
      ).toArray(),
      [4, 6],
    );
    assert.is(
      einsum(
        '...->',
        tensor([
          [1, 2],
          [3, 4],
        ]),
      ).item(),
      10,
    );
    assert.equal(einsum('...,...', sample([2, 1]), sample([3])).shape, [2, 3]);
    assert.is(einsum('...,', tensor(3), tensor(4)).item(), 12);
  }));

test('the result is never the operand itself', () =>
  scope(() => {
    const x = sample([2, 3]);
    for (const spec of ['ij->ij', 'ij', '...', '...ij->...ij']) {
      const y = einsum(spec, x);
      assert.is.not(y.address, x.address, spec);
      assert.equal(y.toArray(), x.toArray());
    }
  }));

test('many operands: a pair at a time, so that no product of all of them is made', () =>
  scope(() => {
    // Seven 40 x 40 matrices in a chain: expanded, this would be 40^8 terms.
    const xs = Array.from({ length: 7 }, (_, k) => mul(sample([40, 40], 'f64', k), 1e-4));
    const chain = xs.slice(1).reduce((p, x) => matmul(p, x), xs[0]);
    const got = einsum('ab,bc,cd,de,ef,fg,gh->ah', ...xs);
    near(got.data(), chain.data(), 1e-12 * Math.max(...chain.data().map(Math.abs)));
  }));

const CASES: [string, number[][]][] = [
  [
    'ij,jk->ik',
    [
      [2, 3],
      [3, 4],
    ],
  ],
  [
    'bij,bkj->bik',
    [
      [2, 2, 3],
      [2, 4, 3],
    ],
  ],
  ['ii->i', [[3, 3]]],
  ['iij->j', [[2, 2, 3]]],
  ['i,j,k->kji', [[2], [3], [2]]],
  [
    'ij,ij->',
    [
      [2, 3],
      [2, 3],
    ],
  ],
  [
    'bi,bi->b',
    [
      [2, 3],
      [2, 3],
    ],
  ],
  ['i,ij,j', [[2], [2, 3], [3]]],
  ['...i,...i->...', [[2, 3], [3]]],
  [
    'ij,jk->ik',
    [
      [2, 0],
      [0, 2],
    ],
  ],
];
for (const [spec, shapes] of CASES) {
  test(`${spec} of ${JSON.stringify(shapes)}: derivatives, first and second order`, () =>
    scope(() =>
      checkDerivatives(
        (...xs: Tensor[]) => einsum(spec, ...xs),
        shapes.map((s, k) => mul(sample(s, 'f64', k), 1e-3)),
      ),
    ));
}

test('one operand twice: the derivative sees both', () =>
  scope(() => checkDerivatives((x: Tensor) => einsum('ij,kj->ik', x, x), [mul(sample([2, 3]), 1e-3)])));

test('dot: vectors, matrices, scalars, in every dtype', () =>
  property(
    fc.record({
      m: fc.nat(4),
      k: fc.nat(5),
      n: fc.nat(4),
      left: fc.boolean(),
      right: fc.boolean(),
      dtype: fc.constantFrom('f64', 'f32', 'i32' as const),
    }),
    ({ m, k, n, left, right, dtype }) =>
      scope(() => {
        const a = sample(left ? [m, k] : [k], dtype);
        const b = sample(right ? [k, n] : [k], dtype, 2);
        const inputs = [left ? 'mk' : 'k', right ? 'kn' : 'k'];
        agrees(dot(a, b), inputs, `${left ? 'm' : ''}${right ? 'n' : ''}`, [a, b], dtype);
        assert.equal(dot(tensor(3, { dtype }), a).toArray(), mul(a, 3).toArray());
        agrees(
          outer(sample([m], dtype), sample([n], dtype, 2)),
          ['m', 'n'],
          'mn',
          [sample([m], dtype), sample([n], dtype, 2)],
          dtype,
        );
      }),
  ));

test('dot and outer: derivatives, first and second order', () =>
  scope(() => {
    const v = () => mul(sample([3]), 1e-3);
    checkDerivatives(dot, [v(), v()]);
    checkDerivatives(dot, [mul(sample([2, 3]), 1e-3), v()]);
    checkDerivatives(outer, [v(), mul(sample([2]), 1e-3)]);
    assert.equal(
      outer(
        tensor([
          [1, 2],
          [3, 4],
        ]),
        tensor([5]),
      ).toArray(),
      [[5], [10], [15], [20]],
    );
  }));

test('errors name the operation, what it got and what it wants', () => {
  scope(() => {
    const [x, v, cube, single] = [zeros([2, 3]), zeros([3]), zeros([2, 2, 2]), zeros([3], { dtype: 'f32' })];
    const pair = zeros([2]);
    rejects(() => einsum('ij', x, v), ArgumentError, /einsum: 'ij' is for 1 operands, got 2/);
    rejects(() => einsum('i-j', x), ArgumentError, /einsum: subscripts must be letters.*'i-j'/);
    rejects(() => einsum('i->j->k', v), ArgumentError, /einsum: one '->' at most/);
    rejects(() => einsum('ij->ik', x), ArgumentError, /einsum: 'k' of the output is in no operand/);
    rejects(() => einsum('ij->ii', x), ArgumentError, /einsum: 'i' must stand in the output once/);
    rejects(
      () => einsum('ijk', x),
      ShapeError,
      /einsum: 'ijk' .*names 3 axes, got operand 0 of shape \[2, 3\]/,
    );
    rejects(() => einsum('i', x), ShapeError, /einsum: 'i' .*names 1 axes/);
    rejects(() => einsum('...ijk', x), ShapeError, /einsum: '...ijk' .*names 3 axes/);
    rejects(() => einsum('ij,ij', x, cube as never), ShapeError, /names 2 axes, got operand 1/);
    rejects(
      () => einsum('ij,jk', x, x),
      ShapeError,
      /einsum: 'j' must have one extent in 'ij,jk', or 1 in an operand, got 3 and 2/,
    );
    rejects(() => einsum('...,...', x, pair), ShapeError, /axis -1 of '...' must have one extent.*3 and 2/);
    rejects(() => einsum('ii', x), ShapeError, /einsum: 'i' must have one extent/);
    rejects(() => einsum('i,i', v, single), DTypeError, /einsum: .*f64 and f32/);
    rejects(() => einsum(x as never, v), ArgumentError, /einsum: spec must be a string/);
    rejects(() => einsum('i', 1 as never), ArgumentError, /einsum: operand 0 must be a tensor, got 1/);
    rejects(() => dot(x, x), ShapeError, /dot: shapes \[2, 3\] and \[2, 3\] do not fit: .* 3 .* 2/);
    rejects(() => dot(cube, x), ShapeError, /dot: operands must have at most two axes/);
    rejects(() => dot(v, single), DTypeError, /dot: /);
    rejects(() => outer(v, single), DTypeError, /outer: /);
    rejects(() => outer(v, 2 as never), ArgumentError, /outer: b must be a tensor/);
  });
});

test.run();
