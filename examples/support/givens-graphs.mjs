// Table 1 and Figure 5: approximate Fourier transforms on Barabási and Albert's graphs.
import { graph, random } from 'cotangent';
import { lineChart } from './chart.mjs';
import { logarithmic, METHODS, samplesOf, shown, spread } from './givens-samples.mjs';
import { terminalCount } from './progress.mjs';

/** Table 1 of the paper: m for about a quarter and half of all possible edges. */
const EDGES = {
  64: [54, 36],
  128: [109, 69],
  256: [218, 136],
  512: [437, 267],
  1024: [874, 528],
};
const SHARES = ['0.25', '0.5'];

/** ‖U - Û‖_F,sym / √n for the eigenvectors U of a graph's Laplacian and n log₂ n factors by each method. */
export function transformErrors(network, tick = () => {}) {
  return METHODS.map((method) => {
    const factors = logarithmic(network.n);
    const { error } = graph.fourierTransform(network, { method, factors, errorPeriod: 0 });
    tick();
    return error;
  });
}

/** Errors of the four methods on graphs of growing size. */
export async function graphErrors({ settings: { sizes, samples }, save, say }) {
  const counter = terminalCount('Figure 5', 2 * sizes.length * samples * METHODS.length);
  const rows = sizes.flatMap((n) =>
    EDGES[n].map((m, k) => {
      const seed = (s) => random(10000 * m + n + 100000000 * s);
      const errors = samplesOf(samples, (s) =>
        transformErrors(graph.barabasiAlbert(seed(s), n, m), counter.tick),
      );
      return { n, m, share: SHARES[k], errors: METHODS.map((_, i) => errors.map((list) => list[i])) };
    }),
  );
  counter.stop();
  say(
    `Table 1 and Figure 5: Fourier transforms on Barabási and Albert's graphs by n log2 n factors, mean of ${samples} sample${samples > 1 ? 's' : ''} (the paper: 10).`,
  );
  say(`     n     m   edges   of all${METHODS.map((method) => method.padStart(16)).join('')}`);
  for (const { n, m, errors } of rows) {
    const edges = m * (n - m);
    const share = ((2 * edges) / (n * (n - 1))).toFixed(3);
    say(
      `  ${String(n).padStart(4)}${String(m).padStart(6)}${String(edges).padStart(8)}${share.padStart(9)}${errors.map((list) => shown(list).padStart(16)).join('')}`,
    );
  }
  const ahead = rows.filter(({ errors }) => spread(errors[1]).mean < spread(errors[0]).mean);
  const where = ahead.map(({ n, share }) => `n = ${n} with ${share}`).join(', ');
  say(`  greedy is ahead of l1 at: ${where || 'none'}.`);
  say('  The paper: l1 is ahead in most cases, greedy at n = 512 and 1024 (printed as 2014) with 0.25.');
  await save(
    'graphs',
    lineChart({
      title: "Fourier transforms on Barabási and Albert's graphs by n log₂ n rotations",
      subtitle: `Error of the basis; solid: half of all possible edges, dashed: a quarter; mean and deviation of ${samples}`,
      series: METHODS.flatMap((method, i) =>
        ['0.5', '0.25'].map((share, k) => {
          const own = rows.filter((row) => row.share === share);
          const spreads = own.map(({ n, errors }) => ({ n, ...spread(errors[i]) }));
          return {
            name: `${method}, ${share}`,
            colour: i,
            dash: k,
            points: spreads.map(({ n, mean }) => [n, mean]),
            band: spreads.map(({ n, mean, deviation }) => [n, mean - deviation, mean + deviation]),
          };
        }),
      ),
      x: { title: 'n', log: true, format: 'd', ticks: sizes },
      y: { title: '‖U - Û‖ / √n, up to a signed permutation', format: '.1f' },
      marked: true,
      columns: 4,
    }),
  );
}
