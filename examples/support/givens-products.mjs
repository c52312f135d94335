// Products with Û: rotation by rotation, or by the dense matrix.
import { givens, matmul, random, scope } from 'cotangent';
import { lineChart } from './chart.mjs';
import { timed } from './givens-samples.mjs';

/** N / d². */
const SHARES = [1 / 128, 1 / 64, 1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2];

/** Seconds of a call: the shortest of several times, each of which repeats it for about a fiftieth of a second. */
function seconds(run) {
  const once = timed(() => scope(run)).seconds;
  const repeats = Math.max(1, Math.ceil(0.02 / Math.max(once, 1e-6)));
  const times = Array.from(
    { length: 7 },
    () =>
      timed(() => {
        for (let k = 0; k < repeats; k++) scope(run);
      }).seconds / repeats,
  );
  return Math.min(...times);
}

/** Where a curve of [share, ratio] passes 1 for good, between its points as in logarithms a line. */
function crossing(points) {
  const k = 1 + points.findLastIndex(([, ratio]) => ratio < 1);
  if (k === 0 || k === points.length) return undefined;
  const [[x0, y0], [x1, y1]] = [points[k - 1], points[k]].map((point) => point.map(Math.log));
  return Math.exp(x0 + ((x1 - x0) * -y0) / (y1 - y0));
}

/** Times of givens.apply over those of a dense product, for one vector, a few, and as many as there are rows. */
export async function productTimes({ settings: { sizes }, save, say }) {
  const generator = random(8);
  const curves = sizes.flatMap((d) =>
    [1, 8, d].map((m) =>
      scope(() => {
        const [x, dense] = [generator.normal([d, m]), givens.haar(generator, d)];
        const whole = seconds(() => void matmul(dense, x));
        const points = SHARES.map((share) => {
          const f = givens.planted(generator, d, Math.round(share * d * d));
          return [share, seconds(() => void givens.apply(f, x)) / whole];
        });
        return { d, m, name: `d = ${d}, ${m} column${m > 1 ? 's' : ''}`, whole, points };
      }),
    ),
  );
  say('Products by givens.apply, over the time of a dense product:');
  say(`  N / d²                ${SHARES.map((share) => `1/${1 / share}`.padStart(8)).join('')}   equal at`);
  for (const { name, points } of curves) {
    const at = crossing(points);
    const cells = points.map(([, ratio]) => ratio.toFixed(2).padStart(8)).join('');
    say(`  ${name.padEnd(22)}${cells}${at === undefined ? '' : `   d² / ${(1 / at).toFixed(1)}`}`);
  }
  say('  d log2 d rotations are d² / 18 at d = 128, d² / 57 at d = 512, d² / 102 at d = 1024.');
  await save(
    'products',
    lineChart({
      title: 'Products with N rotations, beside a dense product',
      subtitle: 'Time of givens.apply over that of matmul, f64; below 1 rotations are faster',
      series: [
        ...curves.map(({ d, m, name, points }) => ({
          name,
          colour: sizes.indexOf(d),
          dash: m === 1 ? 2 : m === 8 ? 1 : 0,
          points,
        })),
        { name: 'equal', colour: 7, dash: 0, points: [SHARES[0], SHARES.at(-1)].map((share) => [share, 1]) },
      ],
      x: { title: 'N / d²', log: true, format: '.3f', ticks: SHARES },
      y: { title: 'time, relative', log: true, format: '~g' },
      columns: 3,
    }),
  );
}
