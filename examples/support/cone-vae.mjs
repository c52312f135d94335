// Figure 5: variational autoencoders whose images obey the checkerboard.
import { add, concat, exp, mul, nn, random, scope } from 'cotangent';
import { lineChart } from './chart.mjs';
import { learning, meanSquare, pixelsOf, projected, shownViolation, violation } from './cone-models.mjs';
import { softPenalty } from './cone-projection.mjs';
import { imageGrid } from './grid.mjs';

const LATENT = 2;

/** The paper's network: FC(d, 256), ReLU, FC(256, 2) and back, FC(2, 256), ReLU, FC(256, d), and what constrains it. */
function autoencoder(d, hidden, end = []) {
  return nn.models.vae({
    encoder: nn.sequential([nn.dense(hidden), nn.activation('relu'), nn.dense(2 * LATENT)]),
    decoder: nn.sequential([nn.dense(hidden), nn.activation('relu'), nn.dense(d), ...end]),
    ...{ latent: LATENT, likelihood: 'gaussian' },
  });
}

/** The models; before a constraint there is a sigmoid. */
export function autoencoders(set, { side, hidden, boxAfter, gamma }) {
  const d = side * side;
  const free = autoencoder(d, hidden);
  const cone = nn.coneConstraint(set.A, { box: 1, boxAfterEpoch: boxAfter });
  const before = nn.activation('sigmoid');
  const ray = nn.rayConstraint(set.all.A, set.all.b);
  return [
    { name: 'unconstrained', model: free },
    { name: 'test time projection', model: free, projects: true },
    { name: `soft penalty, gamma = ${gamma}`, model: free, penalty: softPenalty(set, gamma, d) },
    { name: 'constrained', model: autoencoder(d, hidden, [before, cone]) },
    { name: 'ray constraint', model: autoencoder(d, hidden, [before, ray]) },
  ];
}

/** Trains a model; returns its parameters. */
async function trained({ model, penalty }, { data, settings }, observe) {
  const d = data.training.shape[1];
  const objective = (params, { x, noise }, options) => {
    const { loss, params: moved } = model.elbo(params, x, noise, options);
    if (penalty === undefined) return { loss, params: moved };
    // Of reconstructions and samples; the negative evidence lower bound sums over pixels, and has half the square.
    const { mean, logVariance } = model.encode(params, x, options);
    const codes = concat([add(mean, mul(exp(mul(0.5, logVariance)), noise)), noise]);
    return { loss: add(loss, mul(penalty(model.decode(params, codes, options)), d / 2)), params: moved };
  };
  const { params } = await nn.fit(
    objective,
    model.init(random(1), [d]),
    { x: data.training },
    {
      ...learning(settings, data.training.shape[0]),
      transform: ({ x }, { generator }) => ({
        x,
        noise: generator.normal([x.shape[0], LATENT], { dtype: 'f32' }),
      }),
      onEpoch: ({ params }) => void observe(params),
    },
  );
  return params;
}

/** Trains all and draws samples and curves. */
export async function constrainedVae({ data, set, settings, say, save }) {
  const { validation } = data;
  const rows = autoencoders(set, settings).map((row) => ({ ...row, errors: [] }));
  const reconstructionError = ({ model, projects }, params) =>
    scope(() => {
      const y = model.apply(params, validation);
      return meanSquare(projects ? projected(set, y) : y, validation);
    });
  // The first two are one model, trained once.
  const [unconstrained, projecting, ...others] = rows;
  unconstrained.params = await trained(unconstrained, { data, settings }, (params) => {
    for (const row of [unconstrained, projecting]) row.errors.push(reconstructionError(row, params));
  });
  projecting.params = unconstrained.params;
  for (const row of others)
    row.params = await trained(
      row,
      { data, settings },
      (params) => void row.errors.push(reconstructionError(row, params)),
    );

  const sampled = ({ model, projects, params }, n) =>
    scope(() => {
      const y = model.decode(params, random(5).normal([n, LATENT], { dtype: 'f32' }));
      return projects ? projected(set, y) : y;
    });
  const optimum = scope(() => meanSquare(projected(set, validation), validation));
  say(
    `Figure 5: variational autoencoders with codes of ${LATENT} numbers, ${settings.epochs} epochs; squared error per pixel of reconstructed\n` +
      `validation images (those in the set cannot be better than ${optimum.toFixed(4)}), and how far 500 samples are outside.`,
  );
  say('                                 at first    at the end    max A y   max |y| - 1');
  for (const row of rows) {
    const { cone, box } = scope(() => violation(set, sampled(row, 500)));
    say(
      `  ${row.name.padEnd(30)}${row.errors[0].toFixed(4).padStart(9)}${row.errors.at(-1).toFixed(4).padStart(14)}` +
        `${shownViolation(cone).padStart(11)}${shownViolation(box).padStart(14)}`,
    );
  }
  await save('vae', await curves(rows, optimum, settings));
  const columns = 12;
  await save(
    'samples',
    imageGrid({
      title: 'Samples of variational autoencoders under the checkerboard, codes drawn from N(0, I)',
      images: rows.flatMap((row) => pixelsOf(sampled(row, 2 * columns))),
      ...{
        size: [settings.side, settings.side],
        columns,
        rows: rows.flatMap(({ name }) => [name, '']),
        zoom: settings.side === 28 ? 2 : 3,
      },
    }),
  );
}

function curves(rows, optimum, { epochs }) {
  const flat = [1, epochs].map((epoch) => [epoch, optimum]);
  return lineChart({
    title: 'Variational autoencoders under a checkerboard',
    subtitle: 'squared error of reconstructed validation images; unconstrained ones are outside the set',
    series: [
      ...rows.map(({ name, errors }) => ({ name, points: errors.map((error, i) => [i + 1, error]) })),
      { name: 'the least in the set', points: flat },
    ],
    x: { title: 'epoch' },
    y: { title: 'error per pixel', log: true, format: '.2f' },
    columns: 3,
  });
}
