// A 2000 x 2000 system, and a polynomial through noisy data by least squares (Gauss, 1809). The fit is drawn as
// least-squares.svg in the current folder, or in the folder given as argument.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { linalg, matmul, random, sub, tensor } from 'cotangent';
import { parse, View } from 'vega';
import { compile } from 'vega-lite';

const generator = random(1809);

// A x = b, its residual relative to what rounding allows, and how far from singular A is.
const n = 2000;
const [A, b] = [generator.normal([n, n]), generator.normal([n])];
const start = performance.now();
const x = linalg.solve(A, b);
console.log(`${n} x ${n} system: ${((performance.now() - start) / 1000).toFixed(2)} s`);
const residual = Math.max(...sub(matmul(A, x), b).data().map(Math.abs));
const allowed = n * 2 ** -52 * linalg.norm(A, Infinity).item() * Math.max(...x.data().map(Math.abs));
console.log(
  `residual: ${(residual / allowed).toExponential(1)} of n eps |A| |x|, 1/cond about ${linalg.rcond(A).toExponential(0)}`,
);

// y = 1 - 2t + 3t^3 + noise; the columns of the matrix are the powers of t.
const truth = [1, -2, 0, 3];
const points = 60;
const t = generator.uniform([points], { low: -1, high: 1 }).toArray();
const noise = generator.normal([points], { std: 0.2 }).toArray();
const at = (coefficients, s) => coefficients.reduceRight((sum, c) => sum * s + c, 0);
const y = t.map((s, i) => at(truth, s) + noise[i]);
const vandermonde = tensor(t.map((s) => truth.map((_, power) => s ** power)));
const { x: fitted, rank, residuals } = linalg.lstsq(vandermonde, tensor(y));
const coefficients = fitted.toArray();
console.log(
  `fit: ${coefficients.map((c) => c.toFixed(2)).join(', ')} (truth: ${truth.join(', ')}), rank ${rank}`,
);
console.log(
  `standard deviation of the noise: ${Math.sqrt(residuals.item() / (points - truth.length)).toFixed(2)} (truth: 0.20)`,
);

const curve = Array.from({ length: 101 }, (_, i) => -1 + i / 50);
const line = (name, c) => curve.map((s) => ({ t: s, y: at(c, s), name }));
const spec = compile({
  title: 'Least squares: a cubic through 60 noisy points',
  width: 560,
  height: 320,
  background: 'white',
  layer: [
    {
      data: { values: t.map((s, i) => ({ t: s, y: y[i] })) },
      mark: { type: 'point', filled: true, color: '#666', opacity: 0.7 },
      encoding: { x: { field: 't', type: 'quantitative' }, y: { field: 'y', type: 'quantitative' } },
    },
    {
      data: { values: [...line('truth', truth), ...line('fit', coefficients)] },
      mark: { type: 'line', strokeWidth: 2.5 },
      encoding: {
        x: { field: 't', type: 'quantitative' },
        y: { field: 'y', type: 'quantitative' },
        color: {
          field: 'name',
          type: 'nominal',
          title: null,
          scale: { domain: ['truth', 'fit'], range: ['#9ecae1', '#d94801'] },
        },
        strokeDash: {
          field: 'name',
          type: 'nominal',
          title: null,
          scale: {
            domain: ['truth', 'fit'],
            range: [
              [6, 4],
              [1, 0],
            ],
          },
        },
      },
    },
  ],
}).spec;
const file = join(process.argv[2] ?? '.', 'least-squares.svg');
writeFileSync(file, await new View(parse(spec), { renderer: 'none' }).toSVG());
console.log(file);
