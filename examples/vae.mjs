// A variational autoencoder of digits: codes of a few numbers, digits again from codes, and digits that nobody has drawn.
// npm run example -- vae [folder for the pictures] [--data FOLDER with MNIST's IDX files] [--epochs 25] [--count 4000]
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { nn, optim, random, slice } from 'cotangent';
import { lineChart } from './support/chart.mjs';
import { imageGrid } from './support/grid.mjs';
import { handwritten } from './support/mnist.mjs';
import { terminalProgress } from './support/progress.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: 'string' },
    epochs: { type: 'string', default: '25' },
    count: { type: 'string', default: '4000' },
  },
});
const folder = positionals[0] ?? '.';
const LATENT = 8;

const { name, training, test } = handwritten(values.data, { count: Number(values.count) });
console.log(`${name}: ${training.x.shape[0]} to train on, ${test.x.shape[0]} to validate on`);

const model = nn.models.vae({
  encoder: nn.sequential([nn.flatten(), nn.dense(200), nn.activation('relu'), nn.dense(2 * LATENT)]),
  decoder: nn.sequential([nn.dense(200), nn.activation('relu'), nn.dense(784)]),
  latent: LATENT,
});
// The loss needs noise, which comes with each batch.
const objective = (params, { x, noise }, options) => {
  const { reconstruction, kl, ...rest } = model.elbo(params, x, noise, options);
  return { ...rest, metrics: { reconstruction, kl } };
};
const { progress, stop } = terminalProgress();
const { params, history } = await nn.fit(
  objective,
  model.init(random(1), [1, 28, 28]),
  { x: training.x },
  {
    optimizer: optim.adam({ learningRate: 2e-3 }),
    epochs: Number(values.epochs),
    batchSize: 64,
    validation: { x: test.x },
    transform: ({ x }, { generator }) => ({
      x,
      noise: generator.normal([x.shape[0], LATENT], { dtype: 'f32' }),
    }),
    progress,
  },
);
stop();

const curve = (key) => history[key].map((value, i) => [i + 1, value]);
const rows = (images, n) => Array.from({ length: n }, (_, i) => images.data().slice(784 * i, 784 * (i + 1)));
const shown = slice(test.x, [0], [20]);
const again = model.apply(params, shown);
const drawn = model.decode(params, random(3).normal([60, LATENT], { dtype: 'f32' }));
const [digits, copies] = [rows(shown, 20), rows(again, 20)];
const pairs = [0, 10].flatMap((k) => [...digits.slice(k, k + 10), ...copies.slice(k, k + 10)]);
const pictures = {
  'vae-loss': await lineChart({
    title: `Variational autoencoder, ${LATENT} numbers per digit`,
    subtitle: 'negative evidence lower bound per image, in nats',
    series: [
      { name: 'training', points: curve('loss') },
      { name: 'validation', points: curve('validationLoss') },
    ],
    x: { title: 'epoch' },
    y: { title: 'nats' },
  }),
  'vae-reconstructions': imageGrid({
    title: 'Digits of the validation set, below each what its code gives',
    ...{ images: pairs, size: [28, 28], columns: 10 },
  }),
  'vae-samples': imageGrid({
    title: 'Digits from random codes',
    ...{ images: rows(drawn, 60), size: [28, 28], columns: 10 },
  }),
};
for (const [picture, svg] of Object.entries(pictures)) {
  writeFileSync(join(folder, `${picture}.svg`), svg);
  console.log(join(folder, `${picture}.svg`));
}

const last = (key) => history[key].at(-1);
console.log(
  `validation: ${last('validationLoss').toFixed(1)} nats, of which ${last('validationReconstruction').toFixed(1)} for the pixels and ${last('validationKl').toFixed(1)} for the code (at first ${history.validationLoss[0].toFixed(1)})`,
);
