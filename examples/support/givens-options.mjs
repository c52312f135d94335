// What the options of a search change: errors and times with a beam, with refined angles, and with disjoint pairs.
import { eye, givens, graph, matmul, random, scope } from 'cotangent';
import { logarithmic, plantedMatrix, timed } from './givens-samples.mjs';

const OPTIONS = [
  ['', {}],
  ['beam: 2', { beam: 2 }],
  ['beam: 4', { beam: 4 }],
  ['beam: 8', { beam: 8 }],
  ['refine: 1', { refine: 1 }],
  ['refine: 10', { refine: 10 }],
  ['beam: 4, refine: 10', { beam: 4, refine: 10 }],
  ['parallel: true', { parallel: true }],
  // Signs and order of columns mean nothing to 'l1'.
  ['aligned first', {}, 'greedy'],
];

/** U Pᵀ with the signed permutation P nearest to U: near I, so that greedy need not begin with repairs. */
function nearIdentity(U) {
  const { permutation, signs } = givens.align(U, eye(U.shape[0]));
  const P = givens.toDense({ i: [], j: [], angles: [], permutation, signs });
  return matmul(U, P, { transposeB: true });
}

/** A planted matrix, and the eigenvectors of a graph: d log₂ d factors with each of the options. */
export async function searchOptions({ settings: { d }, say }) {
  const factors = logarithmic(d);
  const inputs = [
    [`planted, K = ${Math.round(factors / 2)}`, () => plantedMatrix(d, Math.round(factors / 2), 0)],
    ['Barabási-Albert, m = 4', () => graph.fourierTransform(graph.barabasiAlbert(random(7), d, 4)).basis()],
  ];
  say(`Options of givens.factorize, d = ${d}, d log2 d = ${factors} factors: error and seconds.`);
  say(`  method    options             ${inputs.map(([name]) => name.padStart(26)).join('')}`);
  for (const method of ['l1', 'greedy'])
    for (const [name, options, only = method] of OPTIONS) {
      if (only !== method) continue;
      const isAligned = name === 'aligned first';
      const cells = inputs.map(([, make]) =>
        scope(() => {
          const U = isAligned ? nearIdentity(make()) : make();
          const { result, seconds } = timed(() =>
            givens.factorize(U, { method, factors, errorPeriod: 0, ...options }),
          );
          return `${result.errors.toArray().at(-1).toFixed(3)}  ${seconds.toFixed(2)} s`.padStart(26);
        }),
      );
      say(`  ${method.padEnd(10)}${name.padEnd(20)}${cells.join('')}`);
    }
}
