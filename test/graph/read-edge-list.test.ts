// Edge lists as texts: what networkx reads of them, numbers as the language reads them, and every fault with its line.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ArgumentError, graph, random, scope } from '#src/index.js';
import { property, rejects, seed } from '../support/check.js';
import { faultOf, networks, pairs } from '../support/networks.js';

interface Fixture {
  edgeLists: { text: string; labels: string[]; edges: [string, string, number][] }[];
}

const fixture = JSON.parse(
  readFileSync(new URL('../../../test/fixtures/graph-networks.json', import.meta.url), 'utf8'),
) as Fixture;
const bytes = (text: string) => new TextEncoder().encode(text);

test('as networkx reads', () =>
  scope(() => {
    for (const { text, labels, edges } of fixture.edgeLists) {
      const g = graph.readEdgeList(text, { weighted: true });
      assert.equal(g.labels, labels);
      const weights = g.weights?.toArray() as number[];
      const named = (g.edges.toArray() as number[][]).map(([u, v], k) => [
        ...[labels[u], labels[v]].sort(),
        weights[k],
      ]);
      assert.equal(named.sort(), edges.sort());
    }
  }));

test('what is written is read, in every form', () =>
  property(
    fc.record({
      network: networks,
      base: fc.constantFrom(0 as const, 1 as const),
      separator: fc.constantFrom(' ', '\t', ',', ' , ', ';'),
      end: fc.constantFrom('\n', '\r\n', '\r'),
      last: fc.boolean(),
    }),
    ({ network: { n, edges, weights }, base, separator, end, last }) =>
      scope(() => {
        const lines = edges.map(([u, v], k) =>
          [...(k % 2 === 0 ? [u, v] : [v, u]).map((x) => x + base), weights[k]].join(separator),
        );
        const text = ['# a comment', '', ...lines].join(end) + (last ? end : '');
        const options = { base, n, weighted: true, ...(separator === ';' && { delimiter: ';' }) };
        for (const form of [text, bytes(text), `\ufeff${text}`]) {
          const g = graph.readEdgeList(form, options);
          assert.is(faultOf(g), undefined);
          assert.equal([g.n, g.edges.toArray(), g.weights?.toArray()], [n, edges, weights]);
          assert.is(g.labels, undefined);
        }
      }),
  ));

test('names: any characters, numbered as they appear', () =>
  property(
    fc.uniqueArray(
      fc
        .string({ minLength: 1, maxLength: 6, unit: 'binary' })
        .map((s) => s.replace(/[\s\p{Cc}#%,\ufeff]/gu, '') || '·'),
      { minLength: 2, maxLength: 200 },
    ),
    (names) =>
      scope(() => {
        const text = names.map((name, k) => `${name} ${names[(k + 1) % names.length]}`).join('\n');
        const g = graph.readEdgeList(text);
        assert.equal(g.labels, names);
        assert.equal(
          pairs(g).slice(0, -1),
          names
            .slice(1)
            .map((_, k) => `${k}-${k + 1}`)
            .slice(0, pairs(g).length - 1),
        );
      }),
    30,
  ));

test('weights are the numbers that the language reads', () => {
  const digits = fc.stringMatching(/^[0-9]{1,20}$/);
  const decimal = fc
    .tuple(
      fc.constantFrom('', '-', '+'),
      digits,
      fc.option(digits),
      fc.option(fc.integer({ min: -30, max: 30 })),
    )
    .map(
      ([sign, whole, part, e]) =>
        `${sign}${whole}${part === null ? '' : `.${part}`}${e === null ? '' : `e${e}`}`,
    );
  const double = fc.double({ noNaN: true, noDefaultInfinity: true }).map(String);
  property(fc.array(fc.oneof(decimal, double), { minLength: 1 }), (list) =>
    scope(() => {
      const text = list.map((x, k) => `0 ${k + 1} ${x}`).join('\n');
      const { weights } = graph.readEdgeList(text, { base: 0, weighted: true });
      assert.equal(
        weights?.toArray(),
        list.map((x) => Number(x)),
      );
    }),
  );
  scope(() => {
    const read = (x: string) =>
      graph.readEdgeList(`0 1 ${x}`, { base: 0, weighted: true }).weights?.data()[0];
    for (const [text, want] of [
      ['1.5D+02', 150],
      ['.5', 0.5],
      ['5.', 5],
      ['2E3', 2000],
      ['1d-1', 0.1],
      ['9007199254740993', 2 ** 53],
    ] as const)
      assert.is(read(text), want, text);
  });
});

test('an edge that comes again keeps its place, and its last weight counts', () =>
  scope(() => {
    const g = graph.readEdgeList('0 1 1\n2 1 2\n1 0 3\n3 3 9\n0 1 4\n', { base: 0, weighted: true });
    assert.equal([g.n, pairs(g), g.weights?.toArray()], [4, ['0-1', '1-2'], [4, 2]]);
    const loop = graph.readEdgeList('a b\nc c\n');
    assert.equal([loop.n, loop.labels, pairs(loop)], [3, ['a', 'b', 'c'], ['0-1']]);
  }));

test('against a table of pairs, on a long text with edges that come again', () =>
  scope(() => {
    const draw = random(seed);
    const ends = draw.integers([4000], 0, 60).toTypedArray();
    const lines: string[] = [];
    const want = new Map<string, number>();
    for (let k = 0; k < 2000; k++) {
      const [u, v] = [ends[2 * k], ends[2 * k + 1]];
      lines.push(`${u}\t${v}\t${k}`);
      if (u !== v) want.set(`${Math.min(u, v)}-${Math.max(u, v)}`, k);
    }
    const g = graph.readEdgeList(lines.join('\n'), { base: 0, weighted: true });
    assert.equal([pairs(g), g.weights?.toArray()], [[...want.keys()], [...want.values()]], `SEED=${seed}`);
  }));

test('comments and delimiters', () =>
  scope(() => {
    const read = (text: string, options = {}) => pairs(graph.readEdgeList(text, { base: 0, ...options }));
    assert.equal(read('0 1 # 5 6\n   % 2 3\n2 3%x\n'.replace('3%x', '3 %x')), ['0-1', '2-3']);
    assert.equal(read('// 1 2\n0 1 // x\n', { comments: ['//'] }), ['0-1']);
    assert.equal(read('source,target\n0,1\n', { comments: ['source'] }), ['0-1']);
    assert.equal(read('0, 1\n1 ,2\n2\t3,\n'), ['0-1', '1-2', '2-3']);
    assert.equal(read('0|1|x\n', { delimiter: '|' }), ['0-1']);
    assert.equal(read('0 \t 1\n', { delimiter: '\t' }), ['0-1']);
    assert.equal(read(' 0  1 \n', { delimiter: ' ' }), ['0-1']);
    const labels = (text: string, delimiter?: string) => graph.readEdgeList(text, { delimiter }).labels;
    assert.equal(labels('New York ; Rio\n', ';'), ['New York', 'Rio']);
    assert.equal(labels('a,b c\n', ' '), ['a,b', 'c']);
    assert.equal(labels('C# F#\n'), ['C#', 'F#']);
    assert.equal(labels('C# #F\n'.replace('#F', 'F')), ['C#', 'F']);
  }));

test('texts without edges', () =>
  scope(() => {
    for (const text of ['', '\n', '# nothing\n\n', '\ufeff']) {
      const g = graph.readEdgeList(text, { base: 0, weighted: true });
      assert.equal([g.n, g.edges.shape, g.weights?.shape], [0, [0, 2], [0]]);
      assert.equal(graph.readEdgeList(text).labels, []);
      assert.is(graph.readEdgeList(text, { base: 1, n: 7 }).n, 7);
    }
  }));

test('faults of a text, with their lines', () => {
  const bad = (text: string, options: object, message: RegExp) => {
    for (const form of [text, bytes(text)])
      rejects(() => graph.readEdgeList(form, options), ArgumentError, message);
  };
  const zero = { base: 0 };
  bad('0 1\n2\n', zero, /^readEdgeList: line 2: an edge needs two vertices, got less/);
  bad('# x\r\n\r\n0 1\r\n2\r\n', zero, /line 4: an edge needs two vertices/);
  bad('0 1\r2\r', zero, /line 2: an edge needs/);
  bad('a,\n', {}, /line 1: an edge needs two vertices/);
  bad('a,,b\n', {}, /line 1: an edge needs two vertices/);
  bad(',a,b\n', {}, /line 1: an edge needs two vertices/);
  bad('\ta\tb\n', { delimiter: '\t' }, /line 1: an edge needs two vertices/);
  bad('0 # 1\n', zero, /line 1: an edge needs two vertices/);
  bad('0 1\n1 x\n', zero, /line 2: labels must be integers, got "x" \(without base they are names\)/);
  bad('0 1.5\n', zero, /line 1: labels must be integers, got "1.5"/);
  bad('- 1\n', zero, /line 1: labels must be integers, got "-"/);
  bad('0 -1\n', zero, /line 1: labels must lie between 0 and \d+, got "-1"/);
  bad('0 1\n', { base: 1 }, /line 1: labels must lie between 1 and \d+, got "0"/);
  bad('0 1\n0 5\n', { base: 0, n: 5 }, /line 2: labels must lie between 0 and 4, got "5"/);
  bad('1 6\n', { base: 1, n: 5 }, /line 1: labels must lie between 1 and 5, got "6"/);
  bad('0 2147483647\n', zero, /line 1: labels must lie between 0 and 2147483646, got "2147483647"/);
  const weighted = { base: 0, weighted: true };
  bad('0 1 2\n0 2\n', weighted, /line 2: with weighted: true there must be a third column/);
  for (const x of [
    'x',
    '1e',
    '1e5x',
    '--1',
    '1.2.3',
    '.',
    '0x10',
    'NaN',
    'inf',
    'Infinity',
    '1e400',
    '1_0',
    'e5',
  ])
    bad(`0 1 ${x}\n`, weighted, /line 1: the weight must be a finite number, got "/);
});

test('faults of arguments', () => {
  const bad = (text: unknown, options: object, message: RegExp) =>
    rejects(() => graph.readEdgeList(text as string, options), ArgumentError, message);
  bad(5, {}, /^readEdgeList: text must be a string or a Uint8Array, got 5/);
  bad(undefined, {}, /text must be a string/);
  bad('', { base: 2 }, /^readEdgeList: base must be 0, 1 or undefined \(names\), got 2/);
  bad('', { base: 0, n: -1 }, /n must be a whole number of at least 0, got -1/);
  bad('', { n: 3 }, /n goes with base/);
  bad('', { weighted: 1 }, /weighted must be true or false, got 1/);
  bad('', { comments: '#' }, /comments must be an array/);
  bad('', { comments: [''] }, /comments\[0\] must be a string of at least one character/);
  for (const delimiter of ['', ', ', 'é', 5, '\n']) bad('', { delimiter }, /delimiter must be one character/);
  bad('', { delimeter: ',' }, /there is no option 'delimeter': did you mean 'delimiter'/);
});

test.run();
