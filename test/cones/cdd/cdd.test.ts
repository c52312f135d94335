// Files of cddlib, lrs and ppl: what they say, in floats and exactly; what is written is read as it was; every fault is named with its line.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  cones,
  DTypeError,
  memory,
  ShapeError,
  scope,
  type Tensor,
  tensor,
  zeros,
} from '#src/index.js';
import { property, rejects } from '../../support/check.js';

const lines = (...all: string[]) => `${all.join('\n')}\n`;

/** A description with arrays in place of tensors. */
function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  if ('toArray' in value) {
    const x = value as Tensor;
    return x.shape[0] === 0 ? { shape: [...x.shape] } : x.toArray();
  }
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]));
}

const read = (text: string) => scope(() => [plain(cones.readCdd(text))])[0];
const readExactly = (text: string) => scope(() => [plain(cones.readCdd(text, { exact: true }))])[0];

const SQUARE = lines(
  '* a square, and a line through it',
  'square.ine',
  'H-representation',
  'linearity 1 5',
  'begin',
  ' 5 3 rational',
  ' 1/2 -1 0',
  ' 1/2 1 0',
  ' 1 0 -1',
  ' 3 0 1/3',
  ' 0 1 -2',
  'end',
  'minimize 0 1 1',
);

test('inequalities and equalities, with the signs turned', () => {
  assert.equal(read(SQUARE), {
    representation: 'H',
    A: [
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1 / 3],
    ],
    b: [0.5, 0.5, 1, 3],
    equalities: { A: [[-1, 2]], b: [0] },
  });
  assert.equal(readExactly(SQUARE), {
    representation: 'H',
    A: [
      [1n, 0n],
      [-1n, 0n],
      [0n, 1n],
      [0n, '-1/3'],
    ],
    b: ['1/2', '1/2', 1n, 3n],
    equalities: { A: [[-1n, 2n]], b: [0n] },
  });
  // No -0.
  const { A } = cones.readCdd(SQUARE) as { A: Tensor };
  assert.ok(Object.is(A.data()[1], 0));
});

test('generators: vertices, rays and lines', () => {
  const text = lines(
    'V-representation',
    'linearity 2 3 5',
    'begin',
    ' 5 3 real',
    ' 1 0.25 1e-1',
    ' 0 1 -2',
    ' 0 0 1',
    ' 1 .5 +2.',
    ' 0 1 1',
    'end',
  );
  const want = {
    representation: 'V',
    vertices: [
      [0.25, 0.1],
      [0.5, 2],
    ],
    rays: [[1, -2]],
    lineality: [
      [0, 1],
      [1, 1],
    ],
  };
  assert.equal(read(text), want);
  assert.equal(readExactly(text), {
    representation: 'V',
    vertices: [
      ['1/4', '1/10'],
      ['1/2', 2n],
    ],
    rays: [[1n, -2n]],
    lineality: [
      [0n, 1n],
      [1n, 1n],
    ],
  });
});

test('as lrs and ppl write, and other shapes of the same', () => {
  const lrs = lines(
    '*lrs:lrslib v.7.0',
    'cube',
    'V-representation',
    'begin',
    '***** 3 rational',
    ' 1  1/2  1 ',
    '* a comment between',
    '',
    ' 1 -1/2  1 ',
    'end',
    '*Totals: vertices=2 rays=0',
  );
  const want = {
    representation: 'V',
    vertices: [
      [0.5, 1],
      [-0.5, 1],
    ],
    rays: { shape: [0, 2] },
    lineality: { shape: [0, 2] },
  };
  assert.equal(read(lrs), want);
  assert.equal(read(lrs.replaceAll('\n', '\r\n')), want);
  assert.equal(read(lrs.replaceAll('\n', '\r')), want);
  assert.equal(read(lrs.replace('V-representation', '  v-REPRESENTATION # as in ppl')), want);
  // Rows across lines, and several in one.
  const wrapped = lines('V-representation', 'begin', '2 3 integer', '1', '2 3 1 4', '5', 'end');
  assert.equal(read(wrapped), {
    ...want,
    vertices: [
      [2, 3],
      [4, 5],
    ],
  });
  const joined = lines('H-representation', 'begin', '2 2 integer', '1 -1 1 1', 'end', 'equality 1 2');
  assert.equal(read(joined), { representation: 'H', A: [[1]], b: [1], equalities: { A: [[-1]], b: [1] } });
});

test('parts without rows keep their width', () => {
  const none = lines('H-representation', 'begin', '0 4 integer', 'end');
  for (const got of [read(none), readExactly(none)])
    assert.equal((got as { A: unknown }).A, { shape: [0, 3] });
  const equal = readExactly(lines('H-representation', 'linearity 1 1', 'begin', '1 2 integer', '1 1', 'end'));
  assert.equal(equal, {
    representation: 'H',
    A: { shape: [0, 1] },
    b: [],
    equalities: { A: [[-1n]], b: [1n] },
  });
  scope(() => {
    const whole = cones.readCdd(none, { exact: true });
    if (whole.representation === 'V') throw new Error('H');
    const found = cones.vertexEnumeration(whole.A, whole.b, { exact: true });
    assert.equal(
      [found.vertices.shape, found.lineality.shape],
      [
        [1, 3],
        [3, 3],
      ],
    );
  });
});

test('from a file to its generators and back', () =>
  scope(() => {
    const h = cones.readCdd(SQUARE, { exact: true });
    if (h.representation === 'V') throw new Error('H');
    const { exact } = cones.vertexEnumeration(h.A, h.b, { exact: true, equalities: h.equalities });
    const corners = exact?.vertices.map(({ x, denominator }) => `${x} / ${denominator}`);
    assert.equal(corners?.sort(), ['-2,-1 / 4', '2,1 / 4']);
    // A cone: what a file of rays alone says.
    const v = cones.readCdd(lines('V-representation', 'begin', '2 3 integer', '0 1 0', '0 1 2', 'end'));
    if (v.representation === 'H') throw new Error('V');
    const cone = cones.facetEnumeration(v);
    assert.equal(
      [cone.A.shape, cone.b.toArray()],
      [
        [2, 2],
        [0, 0],
      ],
    );
  }));

const LARGE = 10n ** 30n;
const fraction = fc.tuple(fc.bigInt({ min: -LARGE, max: LARGE }), fc.bigInt({ min: 1n, max: 99n }));
const finite = fc.double({ noNaN: true, noDefaultInfinity: true });

test('what is written is read as it was', () => {
  const shape = fc.record({ d: fc.integer({ min: 1, max: 4 }), m: fc.nat(4), k: fc.nat(3), l: fc.nat(2) });
  const draws = fc.tuple(shape, fc.infiniteStream(finite), fc.infiniteStream(fraction), fc.boolean());
  property(draws, ([{ d, m, k, l }, floats, fractions, isWhole]) =>
    scope(() => {
      const float = () => {
        const x = floats.next().value as number;
        return (isWhole ? Math.round(x % 1e6) : x) + 0;
      };
      const rows = (n: number) => tensor(Array.from({ length: n * d }, float), { shape: [n, d] });
      const side = (n: number) => tensor(Array.from({ length: n }, float), { shape: [n] });
      const h = {
        representation: 'H' as const,
        A: rows(m),
        b: side(m),
        ...(k > 0 ? { equalities: { A: rows(k), b: side(k) } } : {}),
      };
      const v = { representation: 'V' as const, vertices: rows(m), rays: rows(k), lineality: rows(l) };
      for (const description of [h, v])
        for (const exact of [false, true]) {
          const text = cones.writeCdd(description, { exact });
          if (isWhole) assert.match(text, / integer\n/);
          assert.equal(read(text), plain(description), text);
        }
      const entry = (): bigint | string => {
        const [p, q] = fractions.next().value as [bigint, bigint];
        const text = `${p}/${q}`;
        return q === 1n ? p : text;
      };
      const list = (n: number) => Array.from({ length: n }, entry);
      const matrix = (n: number) => (n === 0 ? zeros([0, d]) : Array.from({ length: n }, () => list(d)));
      const exactH = { representation: 'H' as const, A: matrix(m), b: list(m) };
      const exactV = {
        representation: 'V' as const,
        vertices: matrix(m),
        rays: matrix(k),
        lineality: matrix(l),
      };
      for (const description of [exactH, exactV]) {
        const once = cones.writeCdd(description, { exact: true });
        const again = cones.readCdd(once, { exact: true });
        assert.is(cones.writeCdd(again, { exact: true }), once);
        const part = description.representation === 'H' ? 'b' : 'rays';
        const want = (description as unknown as Record<string, (bigint | string)[]>)[part];
        const got = (again as unknown as Record<string, (bigint | string)[]>)[part];
        if (Array.isArray(want)) assert.equal(valuesOf(got), valuesOf(want));
      }
    }),
  );
});

/** p and q of fractions in lowest terms, as text. */
function valuesOf(list: readonly unknown[]): unknown[] {
  return list.map((x) => {
    if (Array.isArray(x)) return valuesOf(x);
    const [p, q = 1n] = String(x).split('/').map(BigInt);
    let [a, b] = [p < 0n ? -p : p, q];
    while (b !== 0n) [a, b] = [b, a % b];
    return `${p / a}/${q / a}`;
  });
}

test('the text itself', () => {
  const text = scope(() => [
    cones.writeCdd({
      representation: 'H',
      A: tensor([[1, -2]]),
      b: tensor([3]),
      equalities: { A: tensor([[0, 4]]), b: tensor([-1]) },
    }),
    cones.writeCdd(
      {
        representation: 'V',
        rays: [
          ['1/2', '-3'],
          [2n, 0.25],
        ],
        lineality: [[1, 1]],
      },
      { exact: true },
    ),
    cones.writeCdd({ representation: 'V', vertices: tensor([[0.5, -0]]) }),
    cones.writeCdd({ representation: 'V', rays: zeros([0, 2]) }),
  ]);
  assert.equal(text, [
    lines('H-representation', 'linearity 1 2', 'begin', ' 2 3 integer', ' 3 -1 2', ' -1 0 -4', 'end'),
    lines(
      'V-representation',
      'linearity 1 3',
      'begin',
      ' 3 3 rational',
      ' 0 1/2 -3',
      ' 0 2 1/4',
      ' 0 1 1',
      'end',
    ),
    lines('V-representation', 'begin', ' 1 3 real', ' 1 0.5 0', 'end'),
    lines('V-representation', 'begin', ' 0 3 integer', 'end'),
  ]);
});

test('faults of a text, with their lines', () => {
  const H = 'H-representation';
  const faults: [string, RegExp][] = [
    ['', /^readCdd: text must have a line 'begin', got none$/],
    [lines(H, '1 2'), /must have a line 'begin', got none/],
    [
      lines('begin', '1 2 real', '1 2', 'end'),
      /^readCdd: line 1: 'begin' before 'H-representation' or 'V-representation'$/,
    ],
    [lines('begin', '1 2 real', '1 2', 'end', H), /line 1: 'begin' before/],
    [
      lines(H, 'V-representation', 'begin', '0 2 real', 'end'),
      /line 2: a second representation, 'V-representation'/,
    ],
    [lines(H, '', 'begin', '1 2 real', '1 2'), /line 5: the text ends without a line 'end'/],
    [lines(H, 'begin'), /line 2: the text ends without a line 'end'/],
    [lines(H, 'begin', 'end'), /line 3: after 'begin' must come rows, columns and a type, got 'end'/],
    [
      lines(H, 'begin', '2 real', '1 2', 'end'),
      /line 3: after 'begin' must come rows, columns and a type, got '2 real'/,
    ],
    [lines(H, 'begin', '-1 2 real', 'end'), /line 3: after 'begin' must come rows, columns/],
    [lines(H, 'begin', '1 2.5 real', '1 2', 'end'), /line 3: after 'begin' must come rows, columns/],
    [
      lines(H, 'begin', '1 2 float', '1 2', 'end'),
      /line 3: the type must be integer, rational or real, got 'float'/,
    ],
    [lines(H, 'begin', '1 1 real', '1', 'end'), /line 3: there must be at least 2 columns, got 1/],
    [lines(H, 'begin', '2 2 real', '1 2', 'end'), /line 5: 'end' must come after 2 rows, got 1$/],
    [lines(H, 'begin', '1 2 real', '1 2', '3 4', 'end'), /line 6: 'end' must come after 1 rows, got 2$/],
    [lines(H, 'begin', '2 2 real', '1 2', '3', 'end'), /line 5: a row must have 2 numbers, got 1/],
    [lines(H, 'begin', '2 2 real', '1 2 3', '3 4', 'end'), /line 4: a row must have 2 numbers, got 3/],
    [lines(H, 'begin', '***** 2 real', '1 2', '3', 'end'), /line 5: a row must have 2 numbers, got 1/],
    [lines(H, 'begin', '1 2 real', '1 two', 'end'), /line 4: 'two' is no number/],
    [lines(H, 'begin', '1 2 rational', '1 1/0', 'end'), /line 4: '1\/0' is no number/],
    [lines(H, 'begin', '1 2 real', 'NaN 1', 'end'), /line 4: 'NaN' is no number/],
    [
      lines(H, 'begin', '1 2 real', '1 1e400', 'end'),
      /line 4: number 2 of row 1 is beyond the range of floats \(exact: true\)/,
    ],
    [lines(H, 'linearity 1 2', 'begin', '1 2 real', '1 2', 'end'), /line 2: there is no row 2 of 1/],
    [lines(H, 'linearity 1 0', 'begin', '1 2 real', '1 2', 'end'), /line 2: there is no row 0 of 1/],
    [
      lines(H, 'linearity 2 1', 'begin', '1 2 real', '1 2', 'end'),
      /line 2: 'linearity' must be followed by a number of rows, and as many rows/,
    ],
    [lines(H, 'linearity', 'begin', '1 2 real', '1 2', 'end'), /line 2: 'linearity' must be followed/],
    [lines(H, 'linearity 1 one', 'begin', '1 2 real', '1 2', 'end'), /line 2: /],
    [
      lines(H, 'begin', '1 2 real', '1 2', 'end', 'begin', '1 2 real', '1 2', 'end'),
      /line 6: a second 'begin'/,
    ],
    [
      lines('V-representation', 'begin', '1 2 real', '2 2', 'end'),
      /line 4: a generator must begin with 1 \(a vertex\) or 0 \(a ray\)/,
    ],
    [lines('V-representation', 'begin', '1 2 real', '-1 2', 'end'), /line 4: a generator must begin/],
    [
      lines('V-representation', 'linearity 1 2', 'begin', '2 2 real', '1 2', '1 3', 'end'),
      /line 6: row 2 is in 'linearity', so that it must begin with 0/,
    ],
  ];
  for (const [text, message] of faults) {
    rejects(() => cones.readCdd(text), ArgumentError, message);
    if (!text.includes('1e400')) rejects(() => cones.readCdd(text, { exact: true }), ArgumentError, message);
  }
  assert.equal(readExactly(lines(H, 'begin', '1 2 real', '1 -1e400', 'end')), {
    representation: 'H',
    A: [[10n ** 400n]],
    b: [1n],
  });
});

test('faults of arguments', () => {
  const any = cones as unknown as Record<string, (...args: unknown[]) => unknown>;
  const bad = (f: () => unknown, kind: typeof ArgumentError, message: RegExp) => rejects(f, kind, message);
  bad(() => any.readCdd(7), ArgumentError, /^readCdd: text must be a string, got 7/);
  bad(() => any.readCdd(SQUARE, { exact: 'yes' }), ArgumentError, /^readCdd: exact must be true or false/);
  bad(() => any.readCdd(SQUARE, { exactly: true }), ArgumentError, /exactly/);
  bad(() => any.writeCdd('H'), ArgumentError, /^writeCdd: description must be an object/);
  bad(
    () => any.writeCdd({ A: [[1]], b: [1] }),
    ArgumentError,
    /^writeCdd: description.representation must be 'H' or 'V', got undefined/,
  );
  const H = { representation: 'H' };
  bad(
    () => any.writeCdd({ ...H, A: [[1n]], b: [1] }),
    ArgumentError,
    /^writeCdd: A\[0\]\[0\] must be a number, got 1n \(exact: true/,
  );
  bad(
    () => any.writeCdd({ ...H, A: [['x']], b: [1] }, { exact: true }),
    ArgumentError,
    /^writeCdd: A\[0\]\[0\] must be a number such as/,
  );
  bad(
    () => any.writeCdd({ ...H, A: [[1]], b: ['1/0'] }, { exact: true }),
    ArgumentError,
    /^writeCdd: b\[0\] must be a fraction/,
  );
  bad(() => any.writeCdd({ ...H, A: [[Number.NaN]], b: [1] }), ArgumentError, /finite/);
  bad(() => any.writeCdd({ ...H, A: [[1]], b: [1, 2] }), ShapeError, /^writeCdd: b must have 1 entries/);
  bad(
    () => any.writeCdd({ ...H, A: [[1]], b: [1], equalities: { A: [[1, 2]], b: [1] } }),
    ShapeError,
    /^writeCdd: equalities.A must have rows of 1 entries, got 2/,
  );
  bad(
    () => any.writeCdd({ ...H, A: [[1]], b: [1], equalities: 3 }),
    ArgumentError,
    /^writeCdd: equalities must be an object/,
  );
  bad(
    () => any.writeCdd({ representation: 'V' }),
    ArgumentError,
    /^writeCdd: description must have vertices, rays or lineality, got none/,
  );
  bad(
    () => any.writeCdd({ representation: 'V', vertices: [[1]], rays: [[1, 2]] }),
    ShapeError,
    /^writeCdd: rays must have rows of 1 entries/,
  );
  scope(() => {
    const vertices = tensor([[1]], { dtype: 'i32' });
    bad(() => any.writeCdd({ representation: 'V', vertices }), DTypeError, /^writeCdd: vertices/);
  });
});

test('nothing is left behind', () => {
  const before = memory();
  scope(() => {
    cones.readCdd(SQUARE);
    cones.readCdd(SQUARE, { exact: true });
  });
  assert.is(memory().tensors, before.tensors);
});

test.run();
