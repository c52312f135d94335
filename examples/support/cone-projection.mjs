// Figures 3 and 4: a network learns the orthogonal projection onto the checkerboard.
import { add, astype, cones, mean, mul, nn, random, scope, slice } from 'cotangent';
import { lineChart } from './chart.mjs';
import { learning, meanSquare, pixelsOf, projected, shownViolation, violation } from './cone-models.mjs';
import { imageGrid } from './grid.mjs';

/** gamma d(y, C), as in eq. (59) of the dissertation, per pixel; f32, as losses are. */
export const softPenalty = (set, gamma, d) => (y) =>
  astype(mul(gamma / Math.sqrt(d), mean(cones.distance(set.A, y))), 'f32');

/** Models [784 -> 784] (or of smaller images), what they are trained on, and whether their outputs are projected. */
function methodsOf(set, { side, boxAfter, gammas }) {
  const d = side * side;
  const cone = (options) => nn.coneConstraint(set.A, { box: 1, ...options });
  const soft = gammas.map((gamma) => {
    const penalty = softPenalty(set, gamma, d);
    const loss = (y, x) => add(nn.mse(y, x), penalty(y));
    return { name: `soft penalty, gamma = ${gamma}`, model: nn.dense(d), loss };
  });
  return [
    { name: 'test time projection', paper: '1.01', model: nn.dense(d), projects: true },
    {
      name: `constrained, box after ${boxAfter} epochs`,
      paper: '1.09',
      model: cone({ boxAfterEpoch: boxAfter }),
    },
    { name: 'constrained, box from the start', paper: 'more', model: cone() },
    { name: 'ray constraint', model: nn.rayConstraint(set.all.A, set.all.b) },
    ...soft,
  ];
}

/** Trains a model to give back its input, and returns its validation error after each epoch. */
async function trained({ model, loss = nn.mse, projects = false }, { data, set, settings }, seed) {
  const outputs = (params, x) => {
    const y = model.apply(params, x);
    return projects ? projected(set, y) : y;
  };
  const errors = [];
  const { training, validation } = data;
  const { params } = await nn.fit(
    model,
    model.init(random(seed), [training.shape[1]]),
    { x: training, y: training },
    {
      ...learning(settings, training.shape[0]),
      ...{ loss, generator: random(seed + 1) },
      onEpoch: ({ params }) =>
        void errors.push(scope(() => meanSquare(outputs(params, validation), validation))),
    },
  );
  return { errors, outputs: (x) => scope(() => outputs(params, x)), plain: (x) => model.apply(params, x) };
}

/** Average and deviation, epoch by epoch, of several runs. */
function averaged(runs) {
  return runs[0].map((_, i) => {
    const values = runs.map((errors) => errors[i]);
    const average = values.reduce((s, v) => s + v, 0) / values.length;
    return {
      average,
      deviation: Math.sqrt(values.reduce((s, v) => s + (v - average) ** 2, 0) / values.length),
    };
  });
}

function table(say, set, rows, optimum, data) {
  say('                                     error   to optimum   the paper   max A y   max |y| - 1');
  for (const { name, paper = '', last, best } of rows) {
    const { cone, box } = scope(() => violation(set, last.outputs(data.validation)));
    const cells = [best.toFixed(4), (best / optimum).toFixed(3), paper.padStart(7)];
    say(
      `  ${name.padEnd(32)}${cells[0].padStart(8)}${cells[1].padStart(13)}${cells[2].padStart(12)}` +
        `${shownViolation(cone).padStart(10)}${shownViolation(box).padStart(14)}`,
    );
  }
}

/** Both figures. */
export async function projection({ data, set, settings, say, save }) {
  const exact = projected(set, data.validation);
  const optimum = meanSquare(exact, data.validation);
  const rows = [];
  for (const method of methodsOf(set, settings)) {
    const runs = [];
    for (let run = 0; run < settings.runs; run++)
      runs.push(await trained(method, { data, set, settings }, 10 * run + 1));
    const curve = averaged(runs.map(({ errors }) => errors));
    const best = Math.min(...curve.map(({ average }) => average));
    rows.push({ ...method, curve, best, last: runs.at(-1) });
  }
  const [projecting] = rows;
  say(
    `Figure 3: learning the projection onto the checkerboard, ${settings.epochs} epochs; the best mean squared error on ${data.validation.shape[0]}\n` +
      `validation images, to that of their nearest points in the set (${optimum.toFixed(4)}), which no output in the set can beat on average;\n` +
      'and how far outputs are outside.',
  );
  table(say, set, rows, optimum, data);
  const unconstrained = scope(() => violation(set, projecting.last.plain(data.validation)));
  say(
    `  Before its projection that model is outside by ${shownViolation(unconstrained.cone)}. Errors below the optimum are those of outputs outside the set.`,
  );
  await save('projection', await figure3(rows, optimum, settings, data));
  await save('digits', figure4(rows, set, data, settings));
}

function figure3(rows, optimum, { epochs, runs }, data) {
  const shown = rows.filter(({ loss }) => loss === undefined);
  const series = shown.map(({ name, curve }) => ({
    name,
    points: curve.map(({ average }, i) => [i + 1, average]),
    ...(runs > 1 && {
      band: curve.map(({ average, deviation }, i) => [i + 1, average - deviation, average + deviation]),
    }),
  }));
  const flat = [1, epochs].map((epoch) => [epoch, optimum]);
  return lineChart({
    title: 'Learning the orthogonal projection onto a checkerboard',
    subtitle: `mean squared error on ${data.validation.shape[0]} validation images${runs > 1 ? `, ${runs} runs` : ''}`,
    series: [...series, { name: 'optimum', points: flat }],
    x: { title: 'epoch' },
    y: { title: 'error per pixel', log: true, format: '.2f' },
    columns: 3,
  });
}

function figure4(rows, set, data, { side }) {
  const count = Math.min(12, data.test.shape[0]);
  return scope(() => {
    const digits = slice(data.test, [0], [count]);
    const shown = [
      ['test digits', digits],
      ['nearest points', projected(set, digits)],
      ...rows.map(({ name, last }) => [name, last.outputs(digits)]),
    ];
    return imageGrid({
      title:
        'Checkerboard: half or more ink in every second tile, half or less in the others; digits of the test set',
      images: shown.flatMap(([, y]) => pixelsOf(y)),
      ...{ size: [side, side], columns: count, rows: shown.map(([name]) => name), zoom: side === 28 ? 2 : 3 },
    });
  });
}
