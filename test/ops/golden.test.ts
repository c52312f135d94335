// Values and derivatives of operations against independent ones (fixtures/ad.json: numpy, scipy, torch in double, mpmath; every
// gradient there was checked by central differences).
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as ct from '#src/index.js';
import { near } from '../support/check.js';

interface Array_ {
  shape: number[];
  data: number[];
}
interface Case {
  name: string;
  inputs: Record<string, Array_>;
  output: Array_ | number;
  v: Array_ | number;
  vjp: Record<string, Array_>;
  tangents: Record<string, Array_>;
  jvp: Array_ | number;
}

const fixtures = JSON.parse(
  readFileSync(new URL('../../../test/fixtures/ad.json', import.meta.url), 'utf8'),
) as { ops: Case[]; scalar_function: { points: Record<string, number[] & number & Array_>[] } };

type F = (...x: ct.Tensor[]) => ct.Tensor;

/** The fixtures' names for what is tested here. */
const FUNCTIONS: Record<string, F> = {
  matmul: (a, b) => ct.matmul(a, b),
  matvec: (a, b) => ct.matmul(a, b),
  sub_broadcast_col: ct.sub,
  div_broadcast: ct.div,
  sum_all: (a) => ct.sum(a),
  sum_axis12_keepdim: (a) => ct.sum(a, { axis: [1, 2], keepDims: true }),
  max_axis1: (a) => ct.max(a, { axis: 1 }),
  prod_axis1: (a) => ct.prod(a, { axis: 1 }),
  var_unbiased_axis1: (a) => ct.variance(a, { axis: 1, ddof: 1 }),
  softmax_axis1: (a) => ct.softmax(a, { axis: 1 }),
  logsumexp_axis1: (a) => ct.logsumexp(a, { axis: 1 }),
  mse_mean: (a, b) => ct.mean(ct.square(ct.sub(a, b))),
  reshape: (a) => ct.reshape(a, [4, 3]),
  concat_axis1: (a, b) => ct.concat([a, b], 1),
  pad_constant: (a) =>
    ct.pad(a, [
      [0, 1],
      [1, 2],
    ]),
  layernorm: (x, gamma, beta) => {
    const centred = ct.sub(x, ct.mean(x, { axis: 1, keepDims: true }));
    const scale = ct.rsqrt(ct.add(ct.variance(x, { axis: 1, keepDims: true }), 1e-5));
    return ct.add(ct.mul(ct.mul(centred, scale), gamma), beta);
  },
  abs: ct.abs,
  pow3_neg: (a) => ct.pow(a, 3),
  sqrt: ct.sqrt,
  log: ct.log,
  exp: ct.exp,
  tanh: ct.tanh,
  softplus: ct.softplus,
  elu: ct.elu,
  'leaky_relu_0.01': (a) => ct.where(ct.greater(a, 0), a, ct.mul(a, 0.01)),
  cos: ct.cos,
  erf: ct.erf,
  square: ct.square,
  maximum: ct.maximum,
};

const flat = (x: Array_ | number): number[] => (typeof x === 'number' ? [x] : x.data);
const tensorOf = (x: Array_ | number) =>
  typeof x === 'number' ? ct.tensor(x) : ct.tensor(x.data, { shape: x.shape });

/** Within 1e-10 of the largest entry. */
function agree(got: ct.Tensor, want: Array_ | number, what: string): void {
  const values = flat(want);
  near(got.data(), values, 1e-10 * Math.max(...values.map(Math.abs)), what);
}

const cases = fixtures.ops.filter(({ name }) => FUNCTIONS[name] !== undefined);

for (const { name, inputs, output, v, vjp, tangents, jvp } of cases) {
  test(name, () =>
    ct.scope(() => {
      const names = Object.keys(inputs);
      const primals = names.map((key) => tensorOf(inputs[key]));
      const { value, pullback } = ct.vjp(FUNCTIONS[name], ...primals);
      agree(value, output, 'value');
      const cotangents = pullback(ct.reshape(tensorOf(v), value.shape));
      names.forEach((key, i) => {
        agree(cotangents[i], vjp[key], `cotangent of ${key}`);
      });
      const { tangent } = ct.jvp(
        FUNCTIONS[name],
        primals,
        names.map((key) => tensorOf(tangents[key])),
      );
      agree(tangent, jvp, 'tangent');
    }),
  );
}

test('every function above has its case', () => assert.is(cases.length, Object.keys(FUNCTIONS).length));

test("the dissertation's example: sin(x1) cos(x2) exp(x1 x2), gradients and Hessian times a vector", () =>
  ct.scope(() => {
    const f = (x: ct.Tensor) => {
      const [a, b] = ct.split(x, 2);
      return ct.sum(ct.mul(ct.mul(ct.sin(a), ct.cos(b)), ct.exp(ct.mul(a, b))));
    };
    for (const { x, f: value, grad, v, jvp, hvp } of fixtures.scalar_function.points) {
      const at = ct.tensor(x);
      near([f(at).item(), ...ct.grad(f)(at).data()], [value, ...grad], 1e-14);
      near([ct.jvp(f, [at], [ct.tensor(v)]).tangent.item()], [jvp], 1e-14);
      near(ct.hvp(f, at, ct.tensor(v)).data(), hvp, 1e-13);
    }
  }));

test.run();
