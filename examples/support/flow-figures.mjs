// What the study of Kolmogorov flow draws: Figures 6 to 9, and the forecast as a page.
import { dynamics, scope, tensor } from 'cotangent';
import { forecastErrors, together } from './assimilation-pictures.mjs';
import { nameOf, rowOf } from './assimilation-study.mjs';
import { flowPage } from './flow-page.mjs';
import { COLOURS_SAY, objectives, snapshots, vorticityMap } from './flow-pictures.mjs';

/** The last state that the paper shows. */
const LAST = 18;
/** The settings that Figure 9 and the page compare. */
const [BASELINE, PROPOSED] = [0, 3];

/** Draws everything. @param study { world, test, results, window, physics, save }: `save(name, text)` writes a file. */
export async function drawFigures(study) {
  const { world, test, results, window, physics, save } = study;
  const { system, gamma } = world;
  const shown = typicalWindow(results[BASELINE], window);
  const stateOf = (values) => tensor(values, { shape: system.stateShape, dtype: 'f32' });
  const context = {
    ...study,
    shown,
    stateOf,
    vorticityOf: (x) => scope(() => system.vorticity(x()).data().slice()),
    truthAt: (t) => rowOf(rowOf(test.states, shown), t),
    errorOf: (a, b) => a.reduce((sum, value, i) => sum + Math.abs(value - b[i]), 0) / gamma,
    says: `window with the median error of the baseline; ${COLOURS_SAY}`,
  };
  await save('starts.svg', starts(context));
  await save(
    'forecast.svg',
    await forecastErrors({
      title: 'Kolmogorov flow: errors of the analysis and of its forecast (Figure 7)',
      subtitle: `mean of ${results[0].runs.length} windows, bands: its standard error; 1 is the error of an independent state`,
      ...{ results, interval: system.interval, window },
    }),
  );
  await save('objectives.svg', await objectivesOf(results, physics));
  await save('snapshots.svg', snapshotsOf(context));
  await save('forecast.html', page(context));
}

/** The window whose first forecast state has the median of the errors. */
function typicalWindow({ runs }, window) {
  const order = runs.map((_, i) => i).sort((a, b) => runs[a].errors[window] - runs[b].errors[window]);
  return order[Math.floor(order.length / 2)];
}

/** Figure 6: the truth and both starts. */
function starts({ world, results, shown, stateOf, vorticityOf, truthAt, errorOf, says }) {
  const { every, system } = world;
  const seen = system.n / every;
  const truth = vorticityOf(() => truthAt(0));
  const [cubic, learned] = [0, 2].map((k) => vorticityOf(() => stateOf(results[k].runs[shown].start)));
  const coarse = Array.from({ length: seen * seen }, (_, k) => {
    const [i, j] = [Math.floor(k / seen), k % seen];
    return truth[i * every * system.n + j * every];
  });
  const note = (field) => `error ${errorOf(field, truth).toFixed(2)}`;
  return together({
    title: 'Kolmogorov flow: starts of a test window (Figure 6)',
    subtitle: `${says}; yellow: where velocities are observed`,
    pictures: [
      vorticityMap({ title: 'truth', field: truth, every }),
      vorticityMap({ title: 'truth at the observed points', field: coarse }),
      vorticityMap({ title: 'interpolation', note: note(cubic), field: cubic }),
      vorticityMap({ title: 'learned inverse', note: note(learned), field: learned }),
    ],
  });
}

/** Figure 8: the windows in which the hybrid gains and loses most from the baseline start. */
function objectivesOf(results, physics) {
  const last = ({ trace }) => trace.at(-1)[1] / trace[0][1];
  const gains = results[0].runs.map((run, i) => last(results[1].runs[i]) / last(run));
  const [best, worst] = [Math.min(...gains), Math.max(...gains)].map((gain) => gains.indexOf(gain));
  return objectives({
    ...{ results, physics },
    windows: [best, worst].map((index) => ({ index, name: `window ${index + 1}` })),
    title: 'Kolmogorov flow: objective in observation space along the iterations (Figure 8)',
    subtitle: `from interpolation, the hybrid ends best (above) and worst (below) in these windows; dashed line: it changes to observation space`,
  });
}

/** Figure 9: the truth, the proposed setting and the baseline at three times. */
function snapshotsOf({ world, results, shown, window, stateOf, vorticityOf, truthAt, says }) {
  const { system } = world;
  const [rows, names] = [
    [0, window, LAST],
    ['initial state', 'start of the forecast', 'end of the forecast'],
  ];
  const size = system.stateShape.reduce((a, b) => a * b);
  const forecastOf = (setting) => {
    const { analysis, errors } = results[setting].runs[shown];
    const path = scope(() =>
      dynamics.trajectory(system, stateOf(analysis), { steps: LAST, throws: false }).data().slice(),
    );
    return (row) => ({
      field: vorticityOf(() => stateOf(path.subarray(rows[row] * size, (rows[row] + 1) * size))),
      error: errors[rows[row]],
    });
  };
  return snapshots({
    title: 'Kolmogorov flow: a test window and its forecast (Figure 9)',
    subtitle: `${says}; proposed: ${nameOf(results[PROPOSED].setting)}`,
    times: rows.map((t, i) => ({ time: t * system.interval, name: names[i] })),
    fields: [
      { name: 'truth', at: (row) => ({ field: vorticityOf(() => truthAt(rows[row])) }) },
      { name: 'proposed', at: forecastOf(PROPOSED) },
      { name: 'baseline', at: forecastOf(BASELINE) },
    ],
  });
}

/** The forecast as a page, in steps of the solver. */
function page({ world, test, results, shown, window, stateOf, truthAt, errorOf }) {
  const { system, every } = world;
  const { n } = system;
  const innerSteps = Math.max(1, Math.round(system.innerSteps / 5));
  const fine = dynamics.kolmogorovFlow({ n, innerSteps, dtype: 'f32' });
  const count = Math.floor(((test.states.shape[1] - 1) * system.innerSteps) / innerSteps);
  const framesOf = (x0) =>
    scope(() => {
      const path = dynamics.trajectory(fine, x0(), { steps: count, throws: false });
      const data = fine.vorticity(path).data().slice();
      return Array.from({ length: count + 1 }, (_, f) => data.subarray(f * n * n, (f + 1) * n * n));
    });
  const [truth, baseline, proposed] = [
    framesOf(() => truthAt(0)),
    ...[BASELINE, PROPOSED].map((k) => framesOf(() => stateOf(results[k].runs[shown].analysis))),
  ];
  const errors = (frames) => frames.map((frame, f) => errorOf(frame, truth[f]));
  const { interval } = fine;
  fine.dispose();
  return flowPage({
    title: 'Kolmogorov flow: a vorticity forecast',
    text: `Velocities at ${(n / every) ** 2} of ${n * n} points were observed at ${window} times and assimilated; from the initial state that was found, the flow runs on. Baseline: started from interpolated observations, in observation space. Proposed: started from the learned inverse, first in the space of states. Colours: ${COLOURS_SAY}. Errors: mean absolute difference of vorticity, 1 for independent states.`,
    panels: [
      { name: 'truth', frames: truth },
      { name: 'baseline', frames: baseline, errors: errors(baseline) },
      { name: 'proposed', frames: proposed, errors: errors(proposed) },
    ],
    ...{ n, interval, forecast: (window - 0.5) * system.interval },
  });
}
