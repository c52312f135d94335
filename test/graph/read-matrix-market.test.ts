// Matrix Market files: what scipy writes and reads, and every fault with its line.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ArgumentError, graph, ShapeError, scope } from '#src/index.js';
import { property, rejects } from '../support/check.js';
import { adjacencyOf, networks, pairs } from '../support/networks.js';

interface Fixture {
  matrixMarket: { text: string; adjacency: number[][] }[];
}

const fixture = JSON.parse(
  readFileSync(new URL('../../../test/fixtures/graph-networks.json', import.meta.url), 'utf8'),
) as Fixture;
const HEADER = '%%MatrixMarket matrix coordinate';

test('as scipy reads', () =>
  scope(() => {
    assert.ok(fixture.matrixMarket.length >= 4);
    for (const { text, adjacency } of fixture.matrixMarket)
      for (const form of [text, new TextEncoder().encode(text), text.replaceAll('\n', '\r\n')]) {
        const g = graph.readMatrixMarket(form, { weighted: true });
        assert.equal(graph.adjacency(g).toArray(), adjacency);
        const plain = graph.readMatrixMarket(form);
        assert.equal([plain.weights, pairs(plain)], [undefined, pairs(g)]);
      }
  }));

test('what is written is read', () =>
  property(networks, (network) =>
    scope(() => {
      const { n, edges, weights } = network;
      const lines = edges.map(([u, v], k) => `${v + 1} ${u + 1} ${weights[k]}`);
      const text = `${HEADER} real symmetric\n%\n${n} ${n} ${edges.length}\n${lines.join('\n')}\n`;
      const g = graph.readMatrixMarket(text, { weighted: true });
      assert.equal(graph.adjacency(g).toArray(), adjacencyOf(network));
      assert.is(g.n, n);
    }),
  ));

test('the two directions are one edge, and its last value counts; the diagonal is dropped', () =>
  scope(() => {
    const text = `${HEADER} real general\n3 3 5\n1 2 2.5\n3 1 -1\n2 1 3.5\n2 2 7\n3 2 0\n`;
    const g = graph.readMatrixMarket(text, { weighted: true });
    assert.equal(
      [pairs(g), g.weights?.toArray()],
      [
        ['0-1', '0-2', '1-2'],
        [3.5, -1, 0],
      ],
    );
  }));

test('letters of either case, blank lines, comments, Fortran, and no entries', () =>
  scope(() => {
    const text = '%%MATRIXMARKET Matrix COORDINATE Real SYMMETRIC\n% a\n\n  %b\n 2 2 1 \n\n2 1 1.5D+0\n\n';
    assert.equal(graph.readMatrixMarket(text, { weighted: true }).weights?.toArray(), [1.5]);
    const none = graph.readMatrixMarket(`${HEADER} pattern general\n4 4 0\n`, { weighted: true });
    assert.equal([none.n, none.edges.shape, none.weights?.shape], [4, [0, 2], [0]]);
    const pattern = graph.readMatrixMarket(`${HEADER} pattern symmetric\n2 2 1\n2 1\n`, { weighted: true });
    assert.equal(pattern.weights?.toArray(), [1]);
  }));

test('faults of a text, with their lines', () => {
  const bad = (text: string, message: RegExp, kind: new (...a: never[]) => ArgumentError = ArgumentError) =>
    rejects(() => graph.readMatrixMarket(text), kind, message);
  bad('', /^readMatrixMarket: line 1: a text of Matrix Market begins with '%%MatrixMarket', got ""/);
  bad('1 1 0\n', /line 1: .*got "1"/);
  bad('%%MatrixMarket vector coordinate real general\n', /line 1: the object must be matrix, got 'vector'/);
  bad(
    '%%MatrixMarket matrix array real general\n2 2\n',
    /line 1: the format must be coordinate, got 'array'/,
  );
  bad(`${HEADER} complex general\n`, /the field must be pattern or real or integer, got 'complex'/);
  for (const symmetry of ['hermitian', 'skew-symmetric'])
    bad(
      `${HEADER} real ${symmetry}\n`,
      new RegExp(`the symmetry must be symmetric or general, got '${symmetry}'`),
    );
  bad(`${HEADER} real\n`, /the symmetry must be symmetric or general, got none/);
  const real = `${HEADER} real symmetric\n`;
  bad(real, /line 1: the text ends before the line of rows, columns and entries/);
  bad(`${real}% only\n`, /line 2: the text ends before/);
  for (const sizes of ['2 2', '2 2 x', '2 2 -1', '2 2 1 1', '2.5 2.5 1'])
    bad(`${real}${sizes}\n`, /line 2: there must be three counts: rows, columns and entries/);
  bad(
    `${real}2 3 0\n`,
    /^readMatrixMarket: line 2: the matrix of a network is square, got 2 x 3/,
    ShapeError,
  );
  bad(`${real}3000000000 3000000000 0\n`, /line 2: there may be at most 2\^31 - 1 rows/);
  bad(`${real}2 2 1\n%\n3 1 1\n`, /line 4: a row must be a whole number from 1 to 2, got "3"/);
  bad(`${real}2 2 1\n1 0 1\n`, /line 3: a column must be a whole number from 1 to 2, got "0"/);
  bad(`${real}2 2 1\n1.5 1 1\n`, /line 3: a row must be .* got "1.5"/);
  bad(`${real}2 2 1\n2\n`, /line 3: a column must be .* got none/);
  bad(`${real}2 2 1\n2 1\n`, /line 3: a value must be a finite number, got none/);
  bad(`${real}2 2 1\n2 1 nan\n`, /line 3: a value must be a finite number, got "nan"/);
  bad(`${HEADER} integer general\n2 2 1\n2 1 1.5\n`, /line 3: a value must be an integer, got "1.5"/);
  bad(`${HEADER} pattern general\n2 2 1\n2 1 1\n`, /line 3: an entry must end here, got "1"/);
  bad(`${real}2 2 1\n2 1 1\n1 1 1\n`, /line 4: an entry too many: line 2 announces 1/);
  bad(
    `${real}2 2 1000000000000000\n2 1 1\n`,
    /the text ends after 1 of the 1000000000000000 entries that line 2 announces/,
  );
});

test('faults of arguments', () => {
  rejects(
    () => graph.readMatrixMarket(7 as never),
    ArgumentError,
    /text must be a string or a Uint8Array, got 7/,
  );
  rejects(
    () => graph.readMatrixMarket('', { weighted: 0 as never }),
    ArgumentError,
    /weighted must be true or false/,
  );
  rejects(() => graph.readMatrixMarket('', { base: 1 } as never), ArgumentError, /there is no option 'base'/);
});

test.run();
