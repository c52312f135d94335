// Table 2 and Figure 6: approximate Fourier transforms on networks of roads, proteins, letters and friends, or on others in their place.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { graph, random, scope } from 'cotangent';
import { barChart } from './chart.mjs';
import { transformErrors } from './givens-graphs.mjs';
import { METHODS } from './givens-samples.mjs';
import { terminalCount } from './progress.mjs';

/** Table 2 of the paper, what a file may be called, and what stands in where there is none. */
const NETWORKS = [
  {
    name: 'Minnesota',
    n: 2642,
    edges: 3304,
    file: /minnesota/i,
    stand: ['part of a grid', (generator, n, edges) => gridPart(generator, n, edges)],
  },
  {
    name: 'HumanProtein',
    n: 3133,
    edges: 6726,
    file: /protein|vidal/i,
    stand: ['Barabási-Albert, m = 2', (generator, n) => graph.barabasiAlbert(generator, n, 2)],
  },
  {
    name: 'EMail',
    n: 1133,
    edges: 5451,
    file: /e-?mail/i,
    stand: ['Watts-Strogatz, k = 10', (generator, n) => graph.wattsStrogatz(generator, n, 10, 0.3)],
  },
  {
    name: 'Facebook',
    n: 2888,
    edges: 2981,
    file: /facebook/i,
    stand: ['Barabási-Albert, m = 1', (generator, n) => graph.barabasiAlbert(generator, n, 1)],
  },
];

/** A connected part of a square grid with so many edges: a random tree, and then others at random. */
function gridPart(generator, n, edges) {
  const side = Math.ceil(Math.sqrt(n));
  const grid = graph.grid2d(side, side);
  const all = grid.edges.toArray();
  const places = generator.uniform([all.length]).toArray();
  const order = all.map((_, k) => k).sort((a, b) => places[a] - places[b]);
  // The tree by joining parts that are still apart.
  const root = Array.from({ length: grid.n }, (_, v) => v);
  const find = (v) => {
    let at = v;
    while (root[at] !== at) at = root[at];
    return at;
  };
  const [tree, others] = [[], []];
  for (const k of order) {
    const [a, b] = all[k].map(find);
    if (a === b) others.push(all[k]);
    else tree.push(all[k]);
    root[a] = b;
  }
  const share = Math.round((edges * grid.n) / n);
  return { n: grid.n, edges: [...tree, ...others.slice(0, share - tree.length)] };
}

/** The network of a file, Matrix Market or a list of edges with names of any kind. */
function readNetwork(path) {
  const bytes = readFileSync(path);
  return /\.mtx$/i.test(path) ? graph.readMatrixMarket(bytes) : graph.readEdgeList(bytes);
}

/** The network for a row of the table, and where it comes from. */
function networkFor({ n, edges, file, stand }, folder, most, k) {
  const found = folder === undefined ? undefined : readdirSync(folder).find((name) => file.test(name));
  if (found !== undefined) return { network: readNetwork(join(folder, found)), source: found };
  const scale = Math.min(1, most / n);
  const small = Math.round(scale * n);
  const [name, make] = stand;
  return {
    network: make(random(2000 + k), small, Math.round(scale * edges)),
    source: `stand-in: ${name}`,
  };
}

/** Errors of the four methods on each network. */
export async function networkErrors({ settings: { folder, n: most }, save, say }) {
  const counter = terminalCount('Figure 6', NETWORKS.length * METHODS.length);
  const rows = NETWORKS.map((row, k) =>
    scope(() => {
      const { network, source } = networkFor(row, folder, most, k);
      const edges = network.edges.shape?.[0] ?? network.edges.length;
      return {
        ...row,
        source,
        size: network.n,
        count: edges,
        errors: transformErrors(network, counter.tick),
      };
    }),
  );
  counter.stop();
  const isStandIn = rows.some(({ source }) => source.startsWith('stand-in'));
  say('Table 2 and Figure 6: Fourier transforms on networks by n log2 n factors.');
  if (isStandIn)
    say(
      '  --networks FOLDER reads minnesota.mtx, and lists of edges with protein, email or facebook in their names. Where there is none,\n  a generated network stands in that is like it in size, scaled down, and in density, and in nothing else.',
    );
  say(
    `  ${'the paper, n, edges'.padEnd(26)}${'here'.padEnd(36)}${'n'.padStart(5)}${'edges'.padStart(7)}${METHODS.map((method) => method.padStart(12)).join('')}`,
  );
  for (const { name, n, edges, source, size, count, errors } of rows)
    say(
      `  ${name.padEnd(14)}${String(n).padStart(5)}${String(edges).padStart(5)}  ${source.padEnd(36)}${String(size).padStart(5)}${String(count).padStart(7)}${errors.map((error) => error.toFixed(3).padStart(12)).join('')}`,
    );
  say('  The paper: l1 is ahead on Minnesota, HumanProtein and EMail, greedy on Facebook.');
  await save(
    'networks',
    barChart({
      title: 'Fourier transforms on networks by n log₂ n rotations',
      subtitle: isStandIn
        ? 'Error of the basis; generated networks in the place of missing ones'
        : 'Error of the basis',
      bars: rows.flatMap(({ name, source, errors }) =>
        errors.map((value, i) => ({
          name: `${source.startsWith('stand-in') ? `in place of ${name}` : name}: ${METHODS[i]}`,
          value,
          colour: i,
        })),
      ),
      x: { title: '‖U - Û‖ / √n, up to a signed permutation', format: '.2f' },
      step: 24,
    }),
  );
}
