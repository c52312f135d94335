// A network learns to read digits: training with validation and early stopping, a test, saved parameters, and pictures.
// npm run example -- mnist [folder for pictures] [--data FOLDER with MNIST's IDX files] [--epochs 12] [--count 4000]
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { argmax, nn, optim, random } from 'cotangent';
import { lineChart } from './support/chart.mjs';
import { imageGrid } from './support/grid.mjs';
import { handwritten } from './support/mnist.mjs';
import { terminalProgress } from './support/progress.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: 'string' },
    epochs: { type: 'string', default: '12' },
    count: { type: 'string', default: '4000' },
  },
});
const folder = positionals[0] ?? '.';

const { name, training, test } = handwritten(values.data, { count: Number(values.count) });
console.log(`${name}: ${training.x.shape[0]} to train on, ${test.x.shape[0]} to test on`);

const model = nn.sequential([
  nn.flatten(),
  nn.dense(128),
  nn.activation('relu'),
  nn.dropout(0.2),
  nn.dense(10),
]);
const { progress, stop } = terminalProgress();
const { params, history, best, status } = await nn.fit(model, model.init(random(1), [1, 28, 28]), training, {
  optimizer: optim.adam({ learningRate: 2e-3 }),
  epochs: Number(values.epochs),
  batchSize: 64,
  validation: 0.1,
  metrics: ['accuracy'],
  earlyStopping: { patience: 3 },
  progress,
});
stop();
console.log(`${status} after ${history.seconds.at(-1).toFixed(1)} s; epoch ${best.epoch} was the best`);

// The test uses the saved parameters.
const file = join(folder, 'mnist.safetensors');
writeFileSync(file, nn.saveSafetensors(params, { metadata: { trainedOn: name } }));
const { tree } = nn.loadSafetensors(readFileSync(file), { like: params });
const { loss, accuracy } = await nn.evaluate(model, tree, test, { metrics: ['accuracy'] });
console.log(`${file}: ${nn.parameterCount(tree)} parameters`);

const curve = (key) => history[key].map((value, i) => [i + 1, value]);
const pictures = {
  'mnist-loss': await lineChart({
    title: 'Digits: cross-entropy',
    series: [
      { name: 'training, with dropout', points: curve('loss') },
      { name: 'validation', points: curve('validationLoss') },
    ],
    x: { title: 'epoch' },
    y: { title: 'loss', log: true },
  }),
  'mnist-digits': imageGrid({
    title: 'Test digits, and what the network reads',
    images: Array.from({ length: 40 }, (_, i) => test.x.data().slice(784 * i, 784 * (i + 1))),
    size: [28, 28],
    columns: 10,
    captions: argmax(model.apply(tree, test.x), { axis: 1 }).toArray().slice(0, 40),
  }),
};
for (const [picture, svg] of Object.entries(pictures)) {
  writeFileSync(join(folder, `${picture}.svg`), svg);
  console.log(join(folder, `${picture}.svg`));
}
console.log(`test: loss ${loss.toFixed(3)}, accuracy ${(100 * accuracy).toFixed(1)} %`);
