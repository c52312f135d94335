// A rule that throws on the way back: nothing is left behind, and the next way back is right.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  add,
  checkpoint,
  defineOp,
  grad,
  memory,
  mul,
  scope,
  sum,
  type Tensor,
  tensor,
  vjp,
} from '#src/index.js';

let fails = false;
const brittle = defineOp({
  name: 'brittle',
  shape: ([x]) => x,
  run: (y, [x]) => y.data().set(x.data()),
  vjp: ([ct]) => {
    if (fails) throw new RangeError('the rule fails');
    return [mul(ct as Tensor, 1)];
  },
});

const failing = (f: () => unknown) => {
  fails = true;
  try {
    assert.throws(f, /the rule fails/);
  } finally {
    fails = false;
  }
};

test('a pullback that failed half way can be called again', () => {
  scope(() => {
    const f = (x: Tensor) => {
      const z = mul(x, 3);
      return sum(add(mul(z, z), add(brittle(z), z)));
    };
    const { pullback } = vjp(f, tensor([1, 2]));
    const one = tensor(1);
    const [want] = pullback(one).map((g: Tensor) => g.toArray());
    const before = memory();
    failing(() => pullback(one));
    assert.equal(memory(), before);
    assert.equal(pullback(one)[0].toArray(), want);
  });
});

test('a gradient through a checkpoint whose rule fails leaves nothing behind', () => {
  scope(() => {
    const x = tensor([1, 2]);
    const f = (y: Tensor) => sum(checkpoint((z: Tensor) => brittle(mul(mul(z, 2), z)))(y));
    const want = grad(f)(x).toArray();
    const before = memory();
    for (let i = 0; i < 3; i++) failing(() => grad(f)(x));
    assert.equal(memory(), before);
    assert.equal(grad(f)(x).toArray(), want);
  });
});

test.run();
