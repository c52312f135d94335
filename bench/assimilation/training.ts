// A training step of the learned inverses, batch 8, 10 times, f32: loss, gradient and Adam, against the forward pass.
import * as ct from 'cotangent';
import { checkSame, HEADER, type Setting } from './rows.js';

const { assimilation, compile, nn, optim, random, scope, valueAndGrad } = ct;

const [BATCH, TIMES] = [8, 10];

export async function training({ compare }: Setting): Promise<void> {
  console.log(HEADER);
  for (const [name, model, shape] of [
    ['lorenz96Inverse, K = 40', assimilation.lorenz96Inverse(), [TIMES, 10]],
    ['kolmogorovInverse, 64 x 64', assimilation.kolmogorovInverse(), [TIMES, 2, 4, 4]],
  ] as const) {
    const params = model.init(random(1), [...shape]);
    const observations = random(2).normal([BATCH, ...shape], { dtype: 'f32' });
    const states = random(3).normal([BATCH, ...(model.outputShape([...shape]) as number[])], {
      dtype: 'f32',
    });
    const loss = (p: typeof params, x: ct.Tensor, y: ct.Tensor) =>
      nn.mse(model.apply(p, x, { training: true }), y);
    const forward = compile(loss);
    const both = compile(valueAndGrad(loss));
    const eager = scope(() => loss(params, observations, states).item());
    checkSame(name, [forward(params, observations, states).item()], [eager], 1e-5);
    const optimizer = optim.adam({ learningRate: 1e-3 });
    const state = optimizer.init(params);
    const step = () => {
      const { value, grad } = both(params, observations, states);
      optimizer.step(params, grad as typeof params, state);
      return value;
    };
    const before = eager;
    for (let k = 0; k < 5; k++) step();
    const after = step().item();
    if (!(after < before)) throw new Error(`${name}: the loss does not fall: ${before}, then ${after}`);
    const sides = [
      { name: 'training step', run: step },
      { name: 'loss alone', run: () => forward(params, observations, states) },
    ];
    await compare(
      `${name}, batch ${BATCH}: training step (${(both.bytes / 2 ** 20).toFixed(0)} MiB)`,
      sides,
      '',
      true,
    );
    for (const plan of [forward, both]) plan.dispose();
  }
  console.log('');
}
