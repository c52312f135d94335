// What tests of constraint layers share: parameters and inputs of all sizes, and the guarantee, evaluated by plain loops.
import * as assert from 'uvu/assert';
import { mul, nn, random, scope, type Tensor, tensor, zeros } from '#src/index.js';

export type Rows = number[][];
export type Float = 'f64' | 'f32';

/** Relative error that a constraint may have. */
export const SLACK = { f64: 1e-12, f32: 1e-5 } as const;

export const dot = (a: readonly number[], b: readonly number[]) => a.reduce((s, v, i) => s + v * b[i], 0);
export const norm = (a: readonly number[]) => Math.hypot(...a);
export const matrix = (rows: Rows, d = rows[0]?.length ?? 0, dtype: Float = 'f64') =>
  tensor(rows.flat(), { shape: [rows.length, d], dtype });

export function rowsOf(x: Tensor): Rows {
  const [n, d] = x.shape;
  const data = Array.from(x.data());
  return Array.from({ length: n }, (_, i) => data.slice(i * d, (i + 1) * d));
}

/** Random parameters, with weights of this size. */
export function parametersOf(
  layer: nn.ConstraintLayer,
  k: number,
  seed: number,
  dtype: Float,
  size: number,
): nn.ConstraintParams {
  const g = random(seed);
  const { norm, dense } = layer.init(g, [k], { dtype });
  const like = (x: Tensor, std: number) => g.normal(x.shape, { dtype, std });
  const made = {
    norm: {
      weight: like(norm.weight, 1),
      bias: like(norm.bias, 1),
      runningMean: like(norm.runningMean, 1),
      runningVariance: g.uniform([k], { low: 0.1, high: 3, dtype }),
    },
    dense: { weight: like(dense.weight, size), bias: like(dense.bias, size) },
  };
  for (const x of [...Object.values(norm), ...Object.values(dense)]) x.dispose();
  return made;
}

/** Parameters for which the layer's z is x, up to the ε of batch normalisation. */
export function identityOf(layer: nn.ConstraintLayer, entries: number, dtype: Float): nn.ConstraintParams {
  const { norm, dense } = layer.init(random(1), [entries], { dtype });
  const c = Math.sqrt(1 + 1e-5);
  dense.weight.data().fill(0);
  dense.bias.data().fill(0);
  for (let i = 0; i < entries; i++) dense.weight.data()[i * entries + i] = c;
  return { norm, dense };
}

/** Inputs of all sizes. */
export function inputsOf(k: number, dtype: Float, seed: number): Record<string, Tensor> {
  const normal = (n: number, from: number) => random(seed + from).normal([n, k], { dtype });
  return {
    random: normal(9, 1),
    zero: zeros([4, k], { dtype }),
    huge: mul(normal(5, 2), dtype === 'f32' ? 1e15 : 1e100),
    tiny: mul(normal(5, 3), dtype === 'f32' ? 1e-30 : 1e-200),
    one: normal(1, 4),
    none: zeros([0, k], { dtype }),
  };
}

/** What the layer's own dense part gives. */
export function entriesOf(params: nn.ConstraintParams, x: Tensor, training: boolean): Rows {
  return scope(() =>
    rowsOf(
      nn
        .dense(Math.max(1, params.dense.bias.size))
        .apply(params.dense, nn.batchNorm().apply(params.norm, x, { training })),
    ),
  );
}

/** A sample's output, and the scale of its rounding errors. */
export interface Expected {
  y: number[];
  scale: number;
}

/** Runs a layer on inputs of all sizes, in training and in inference, and hands over its outputs with z. */
export function everywhere(
  layer: nn.ConstraintLayer,
  { k, seed, dtype, sizes }: { k: number; seed: number; dtype: Float; sizes: readonly number[] },
  look: (y: Rows, z: Rows, what: string) => void,
): void {
  for (const size of sizes) {
    scope(() => {
      const params = parametersOf(layer, k, seed, dtype, size);
      for (const [kind, x] of Object.entries(inputsOf(k, dtype, seed)))
        for (const training of [false, true]) {
          const y = layer.apply(params, x, { training });
          const what = `${dtype}, weights ${size}, ${kind} inputs${training ? ' in training' : ''} [SEED=${seed}]`;
          assert.equal([y.dtype, y.shape], [dtype, [x.shape[0], layer.outputShape([k])[0]]], what);
          const rows = rowsOf(y);
          assert.ok(rows.flat().every(Number.isFinite), `${what}: not finite`);
          look(rows, entriesOf(params, x, training), what);
        }
    });
  }
}

/** Fails unless (A y)_i <= b_i + t (‖a_i‖ s + |b_i|). */
export function satisfies(
  A: Rows,
  b: readonly number[],
  y: number[],
  scale: number,
  t: number,
  what: string,
) {
  A.forEach((a, i) => {
    const over = dot(a, y) - b[i] - t * (norm(a) * scale + Math.abs(b[i]));
    assert.ok(over <= 0, `${what}: row ${i} is violated by ${dot(a, y) - b[i]}`);
  });
}
