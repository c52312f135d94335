// Both forms of Kolmogorov flow from one smooth start: energy and enstrophy over time. Finite volumes must come closer to the spectral form as
// cells shrink.
import { dynamics, mean, random, scope, square, tensor } from 'cotangent';
import { together } from './assimilation-pictures.mjs';
import { lineChart } from './chart.mjs';

/** Waves of the start up to this wavenumber, and its largest speed. */
const [WAVES, SPEED] = [3, 3];
/** Time between two states. */
const INTERVAL = 0.175;

/** A stream function as a sum of a few waves, the same on every grid, and its Laplacian with the sign of the vorticity. */
function smoothStart() {
  const waves = [];
  for (let kx = -WAVES; kx <= WAVES; kx++)
    for (let ky = 0; ky <= WAVES; ky++) if (ky > 0 || kx > 0) waves.push([kx, ky]);
  const numbers = scope(() => random(7).normal([waves.length, 2]).toArray());
  const at = (x, y, weight) =>
    waves.reduce((sum, [kx, ky], i) => {
      const [a, b] = numbers[i];
      const [angle, square] = [kx * x + ky * y, kx * kx + ky * ky];
      return sum + (weight(square) / square) * (a * Math.cos(angle) + b * Math.sin(angle));
    }, 0);
  return { stream: (x, y) => at(x, y, () => 1), vorticity: (x, y) => at(x, y, (square) => square) };
}

/** The start as a state of a flow, with a stream function multiplied by `scale`. */
function stateOf(flow, { stream, vorticity }, scale) {
  const { n, h } = flow;
  const field = (f) => Array.from({ length: n * n }, (_, k) => scale * f(Math.floor(k / n), k % n));
  if (flow.stateShape.length === 2)
    return tensor(
      field((i, j) => vorticity(i * h, j * h)),
      { shape: [n, n], dtype: 'f32' },
    );
  // Differences of the stream function at corners are free of divergence.
  const u = field((i, j) => (stream((i + 1) * h, (j + 1) * h) - stream((i + 1) * h, j * h)) / h);
  const v = field((i, j) => -(stream((i + 1) * h, (j + 1) * h) - stream(i * h, (j + 1) * h)) / h);
  return tensor([...u, ...v], { shape: [2, n, n], dtype: 'f32' });
}

/** Energy and enstrophy at every interval. */
function curvesOf({ form, n }, start, scale, intervals) {
  const innerSteps = Math.ceil(INTERVAL / ((0.5 * 2 * Math.PI) / n / 7));
  const flow = dynamics.kolmogorovFlow({ form, n, innerSteps, dt: INTERVAL / innerSteps, dtype: 'f32' });
  const curves = scope(() => {
    const states = dynamics.trajectory(flow, stateOf(flow, start, scale), { steps: intervals });
    const squares = (x) => {
      const axes = x.shape.map((_, axis) => axis).slice(1);
      return Array.from(mean(square(x), { axis: axes }).data());
    };
    // The mean over both components is ½ of their sum.
    const enstrophy = squares(flow.vorticity(states)).map((z) => z / 2);
    return { energy: squares(flow.velocity(states)), enstrophy };
  });
  flow.dispose();
  return curves;
}

/** The largest speed of the start. */
function speedOf({ stream }) {
  const h = 0.1;
  let most = 0;
  for (let x = 0; x < 2 * Math.PI; x += h)
    for (let y = 0; y < 2 * Math.PI; y += h)
      most = Math.max(
        most,
        Math.hypot(stream(x, y + h) - stream(x, y - h), stream(x + h, y) - stream(x - h, y)) / (2 * h),
      );
  return most;
}

/** Runs the forms, prints how far they differ, and draws them. */
export async function compareForms({ n, time, say, save }) {
  const intervals = Math.round(time / INTERVAL);
  const start = smoothStart();
  const scale = SPEED / speedOf(start);
  const runs = [
    { name: `spectral, ${2 * n} x ${2 * n}`, form: 'spectral', n: 2 * n },
    ...[4, 2, 1].map((k) => ({
      name: `finite volumes, ${k * n} x ${k * n}`,
      ...{ form: 'finiteVolume', n: k * n },
    })),
  ].map((run) => ({ ...run, ...curvesOf(run, start, scale, intervals) }));
  const [spectral, ...volumes] = runs;
  say('Both forms of the flow from one smooth start; finite volumes against the spectral form:');
  const apart = (run, what, t) => {
    const at = Math.round(t / INTERVAL);
    return `${((100 * (run[what][at] - spectral[what][at])) / spectral[what][at]).toFixed(1)} %`.padStart(10);
  };
  say(`  ${''.padEnd(28)}energy at t = 1       2   enstrophy at 1       2`);
  for (const run of volumes)
    say(
      `  ${run.name.padEnd(28)}${apart(run, 'energy', 1).padStart(15)}${apart(run, 'energy', 2).padStart(8)}${apart(run, 'enstrophy', 1).padStart(17)}${apart(run, 'enstrophy', 2).padStart(8)}`,
    );
  const charts = ['energy', 'enstrophy'].map((what) =>
    lineChart({
      title: `mean ${what}`,
      series: runs.map((run) => ({ name: run.name, points: run[what].map((y, t) => [t * INTERVAL, y]) })),
      x: { title: 'time', format: 'd' },
      y: { title: what === 'energy' ? '½ (u² + v²)' : '½ ω²', from: 0, format: '~g' },
      ...{ width: 400, height: 280, columns: 2 },
    }),
  );
  await save(
    'forms',
    together({
      title: 'Kolmogorov flow: finite volumes and the spectral form',
      subtitle: `from one start of waves up to wavenumber ${WAVES} and speed ${SPEED}; limited fluxes lose energy of small eddies, the less the finer the grid`,
      pictures: await Promise.all(charts),
    }),
  );
}
