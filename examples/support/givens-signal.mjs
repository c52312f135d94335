// A noisy signal on a network, smoothed by the exact and by approximate Fourier transforms.
import { exp, graph, mul, neg, random, scope, tensor } from 'cotangent';
import { networkPanels } from './givens-drawing.mjs';
import { logarithmic } from './givens-samples.mjs';

/** How far high frequencies are damped: a frequency f by exp(-DAMPING f). */
const DAMPING = 0.5;

/** Û h(f) Ûᵀ x. */
const smoothed = (transform, x) =>
  transform.igft(mul(exp(neg(mul(DAMPING, transform.frequencies))), transform.gft(x))).toArray();

/** ‖a - b‖ / ‖b‖. */
function distance(a, b) {
  const sum = (list) => list.reduce((total, x) => total + x * x, 0);
  return Math.sqrt(sum(a.map((x, k) => x - b[k])) / sum(b));
}

/** The table, and the pictures. */
export async function smoothedSignal({ settings: { n }, save, say }) {
  const { positions, edges, clean, noisy, exact, rows } = scope(() => {
    // About ten neighbours each.
    const network = graph.randomGeometric(random(5), n, Math.sqrt(10 / (Math.PI * n)) + 0.005);
    const positions = network.positions.toArray();
    const clean = positions.map(([x, y]) => Math.sin(2 * Math.PI * x) * Math.cos(Math.PI * y));
    const noise = random(6).normal([n]).toArray();
    const noisy = clean.map((value, v) => value + 0.4 * noise[v]);
    const x = tensor(noisy);
    const exact = smoothed(graph.fourierTransform(network), x);
    const rows = ['l1', 'greedy', 'elimination', 'jacobi'].flatMap((method) =>
      [1, 2, 4].map((times) => {
        const factors = times * logarithmic(n);
        const transform = graph.fourierTransform(network, { method, factors, errorPeriod: 0 });
        return { method, times, factors, error: transform.error, values: smoothed(transform, x) };
      }),
    );
    return { positions, edges: network.edges.toArray(), clean, noisy, exact, rows };
  });
  say(
    `A signal on a random geometric network, n = ${n}, ${edges.length} edges, smoothed by exp(-${DAMPING} f) at frequency f.`,
  );
  say(
    '  distances, relative: of the filtered signal to that of the exact transform, and to the signal without noise',
  );
  say(
    `  before ${distance(noisy, clean).toFixed(3)} from the signal without noise, by the exact transform ${distance(exact, clean).toFixed(3)}`,
  );
  say('  factors               method        error of the basis    to exact    without noise');
  for (const { method, times, factors, error, values } of rows)
    say(
      `  ${`${times} n log2 n = ${factors}`.padEnd(22)}${method.padEnd(14)}${error.toFixed(3).padStart(18)}${distance(values, exact).toFixed(3).padStart(12)}${distance(values, clean).toFixed(3).padStart(17)}`,
    );
  say(
    '  The error of the basis counts mixtures of eigenvectors of nearly equal frequency, which a smooth filter hardly tells apart:',
  );
  say(
    '  jacobi makes the Laplacian diagonal without a look at its basis, and filters well with a basis that is far from it. elimination',
  );
  say(
    '  makes column after column exact, here from the lowest frequency up, and a low-pass filter needs few others.',
  );
  const pick = (method, times) => rows.find((row) => row.method === method && row.times === times);
  const panel = (method) => {
    const { factors, values } = pick(method, 1);
    const from = distance(values, exact);
    return {
      caption: `${method}, ${factors} rotations: ${(100 * from).toFixed(0)} % off the exact one`,
      values,
    };
  };
  await save(
    'signal',
    networkPanels({
      title: 'A signal on a network, smoothed by Fourier transforms',
      subtitle: `Random geometric network, n = ${n}; frequencies f damped by exp(-${DAMPING} f); rotations: n log₂ n of ${(n * (n - 1)) / 2}`,
      positions,
      edges,
      panels: [
        { caption: 'before', values: noisy },
        { caption: 'exact transform', values: exact },
        panel('l1'),
        panel('jacobi'),
      ],
    }),
  );
}
