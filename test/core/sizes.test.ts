// Sizes that cannot be: whatever asks for more elements than kernels count, or bytes than there are, is an error, and touches nothing.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as cotangent from '#src/index.js';
import { WORKSPACES } from '../support/sizes.js';

const { compile, memory, optim, scope, sum, square, tensor, trace, zeros } = cotangent;

const n = 100_000;
/** Name, and a function that asks for too much of tensors that it makes. */
const LARGE: [string, () => unknown][] = [
  ['matmul', () => cotangent.matmul(zeros([n, 1]), zeros([1, n]))],
  ['outer', () => cotangent.outer(zeros([185_400]), zeros([185_400]))],
  ['add', () => cotangent.add(zeros([n, 1]), zeros([1, n]))],
  ['where', () => cotangent.where(zeros([n, 1]), zeros([1, n]), 1)],
  ['einsum', () => cotangent.einsum('i,j->ij', zeros([n]), zeros([n]))],
  ['take', () => cotangent.take(zeros([n, 1]), zeros([n], { dtype: 'i32' }), 1)],
  ['concat', () => cotangent.concat(new Array(30_000).fill(zeros([n])), 0)],
  ['stack', () => cotangent.stack(new Array(30_000).fill(zeros([n])), 0)],
  ['svd', () => cotangent.linalg.svd(zeros([n, 2]), { full: true })],
  ['qr', () => cotangent.linalg.qr(zeros([n, 2]), { mode: 'complete' })],
  ['diag', () => cotangent.diag(zeros([n]))],
  ['zeros', () => zeros([n, n])],
  ['zeros of an extent', () => zeros([0, 2 ** 31])],
];

/** f throws one of the errors, and memory() is what it was. */
function refuses(name: string, f: () => unknown, errors: RegExp): void {
  const before = memory();
  try {
    scope(() => void f());
  } catch (error) {
    assert.match((error as Error).name, errors, `${name}: ${error}`);
    const { tensors, bytes } = memory();
    assert.equal([tensors, bytes], [before.tensors, before.bytes], name);
    return;
  }
  assert.unreachable(`${name}: no error`);
}

const TOO_LARGE = /^(OutOfMemoryError|ShapeError)$/;

test('a result that is too large is an error, and other tensors stay as they are', () => {
  zeros([2 ** 22]).dispose();
  const canary = cotangent.random(3).normal([1000]);
  const was = canary.toTypedArray();
  for (const [name, f] of LARGE) refuses(name, f, TOO_LARGE);
  assert.equal(canary.toTypedArray(), was);
  canary.dispose();
});

test('compiled and traced, too', () => {
  for (const f of [cotangent.add, cotangent.matmul]) {
    refuses(`compile(${f.name})`, () => compile(f)(zeros([n, 1]), zeros([1, n])), TOO_LARGE);
    refuses(
      `trace(${f.name})`,
      () => trace(f, zeros([n, 1]), zeros([1, n])).run(zeros([n, 1]), zeros([1, n])),
      TOO_LARGE,
    );
  }
  // Few enough elements, but too many bytes: of the result, and of what is between.
  refuses(
    'compile, bytes',
    () => compile(cotangent.add)(zeros([40_000, 1]), zeros([1, 40_000])),
    /^OutOfMemoryError$/,
  );
  const between = compile((x: cotangent.Tensor, y: cotangent.Tensor) => sum(cotangent.matmul(x, y)));
  refuses(
    'compile, bytes between',
    () => between(zeros([40_000, 1]), zeros([1, 40_000])),
    /^OutOfMemoryError$/,
  );
});

test('a convolution with enormous padding', () => {
  for (const [padding, stride] of [
    [2 ** 33, 1],
    [2 ** 29, 1],
    [60_000, 60_000],
  ]) {
    const f = () =>
      cotangent.nn
        .conv(1, [3, 3], { padding, stride, bias: false })
        .apply({ weight: zeros([1, 1, 3, 3]) }, zeros([1, 1, 5, 5]));
    refuses(`padding ${padding}, stride ${stride}`, f, /^(OutOfMemoryError|ShapeError|ArgumentError)$/);
  }
});

test('sizes of workspaces never wrap: where they exceed the address space, they are its largest number', () => {
  for (const { name, args, bytes } of WORKSPACES) {
    const size = (cotangent.kernels as unknown as Record<string, (...args: number[]) => number>)[name];
    const got = size(...args);
    if (bytes >= 2 ** 32) assert.is(got, 2 ** 32 - 1, `${name}(${args})`);
    else assert.ok(got >= bytes && got < 2 ** 32, `${name}(${args}) is ${got}, at least ${bytes} are needed`);
  }
});

test('histories and steps that are infinite, or too large', () => {
  const f = (x: cotangent.Tensor) => sum(square(x));
  const minimize = (method: () => ReturnType<typeof optim.lbfgs>) => () =>
    optim.minimize(f, tensor([3, 4]), method());
  for (const [name, run] of [
    ['lbfgs', minimize(() => optim.lbfgs({ history: Number.POSITIVE_INFINITY }))],
    ['lbfgsb', minimize(() => optim.lbfgsb({ history: Number.POSITIVE_INFINITY }))],
    ['stochasticLbfgs', () => optim.stochasticLbfgs({ history: Number.POSITIVE_INFINITY })],
    ['stochasticLbfgs, 2^40', () => optim.stochasticLbfgs({ history: 2 ** 40 })],
    ['anderson', () => optim.anderson({ history: Number.POSITIVE_INFINITY })],
    ['strongWolfe', () => optim.strongWolfe({ maxEvaluations: Number.POSITIVE_INFINITY })],
    ['newtonCg', () => optim.newtonCg({ innerIterations: Number.POSITIVE_INFINITY })],
    ['backtracking', () => optim.backtracking({ initialStep: Number.POSITIVE_INFINITY })],
    [
      'lineSearch',
      () =>
        optim.lineSearch(f, tensor([1]), tensor([-1]), optim.backtracking(), {
          initialStep: Number.POSITIVE_INFINITY,
        }),
    ],
    [
      'proximalGradient',
      () =>
        optim.proximalGradient(f, optim.penalty.l1(0.1), tensor([1]), {
          initialStep: Number.POSITIVE_INFINITY,
        }),
    ],
  ] as const)
    refuses(name, run, /^ArgumentError$/);
  refuses(
    'lbfgs, 2^40',
    minimize(() => optim.lbfgs({ history: 2 ** 40 })),
    /^ArgumentError$/,
  );
  refuses(
    'lbfgsb, 2^20',
    minimize(() => optim.lbfgsb({ history: 2 ** 20 })),
    /^OutOfMemoryError$/,
  );
  // Iterations may be without limit.
  const { x } = optim.minimize(f, tensor([3, 4]), optim.lbfgs(), { maxIterations: Number.POSITIVE_INFINITY });
  (x as cotangent.Tensor).dispose();
});

test.run();
