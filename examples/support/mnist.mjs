// MNIST from the IDX files in a folder, gzipped or not; without a folder, drawn digits.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { nn, random, reshape } from 'cotangent';
import { digits } from './digits.mjs';

/** The file of this name, under any of the names in use for it. */
function read(folder, name) {
  for (const file of [name, name.replace('-idx', '.idx')].map((base) => join(folder, base))) {
    if (existsSync(file)) return nn.readIdx(readFileSync(file));
    if (existsSync(`${file}.gz`)) return nn.readIdx(gunzipSync(readFileSync(`${file}.gz`)));
  }
  throw new Error(`There is no ${name} in ${folder}`);
}

function half(folder, name) {
  const images = read(folder, `${name}-images-idx3-ubyte`).toTensor({ dtype: 'f32', scale: 1 / 255 });
  const [n, h, w] = images.shape;
  return { x: reshape(images, [n, 1, h, w]), y: read(folder, `${name}-labels-idx1-ubyte`).toTensor() };
}

/** { name, training, test }, each half { x: [n, 1, 28, 28] in [0, 1], y: [n] }. */
export function handwritten(folder, { count }) {
  if (folder)
    return { name: `MNIST in ${folder}`, training: half(folder, 'train'), test: half(folder, 't10k') };
  return {
    name: 'digits drawn by this program (--data FOLDER takes the IDX files of MNIST)',
    training: digits(random(1), count),
    test: digits(random(2), Math.ceil(count / 4)),
  };
}
