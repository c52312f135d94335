// What reads values refuses a tensor that is followed, anywhere in a tree, and says which; one that is only traced by another error.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  compile,
  grad,
  jvp,
  scope,
  stopGradient,
  sum,
  type Tensor,
  tensor,
} from '#src/index.js';
import { UnknownValueError } from '#src/ops/tracer.js';
import { untraced, untracedTree } from '#src/ops/untraced.js';
import { rejects } from '../support/check.js';

test('a plain tensor, and what is no tensor, come back', () =>
  scope(() => {
    const x = tensor([1]);
    assert.is(untraced('f', 'x', x), x);
    assert.is(untraced('f', 'x', 5), 5);
    const tree = { x, list: [x, { y: x, name: 'z' }], f: () => x };
    assert.is(untracedTree('f', 'tree', tree), tree);
    const own: Record<string, unknown> = { x };
    own.own = own;
    assert.is(untracedTree('f', 'tree', own), own);
  }));

test('a tensor that is differentiated is refused, deep in trees too; stopGradient makes it a constant', () =>
  scope(() => {
    const x = tensor([1, 2]);
    const deep = (y: Tensor) => sum(untracedTree('f', 'tree', { a: [{ b: y }] }).a[0].b);
    rejects(
      () => grad(deep)(x),
      ArgumentError,
      /^f: tree is differentiated \(grad\), and f has no derivative \(pass stopGr/,
    );
    rejects(() => jvp(deep, [x], [x]), ArgumentError, /^f: tree is differentiated \(jvp\)/);
    const advised = (y: Tensor) => sum(untraced('f', 'y', y, 'use g'));
    rejects(() => grad(advised)(x), ArgumentError, /\(use g\)$/);
    assert.equal([...grad((y: Tensor) => sum(untraced('f', 'y', stopGradient(y))))(x).data()], [0, 0]);
  }));

test('a tensor of which nothing is known is another error, also under a derivative', () =>
  scope(() => {
    const x = tensor([1, 2]);
    const f = (y: Tensor) => sum(untraced('f', 'y', y));
    rejects(() => compile(f)(x), UnknownValueError, /^f: y is traced by compile/);
    rejects(() => compile(grad(f))(x), UnknownValueError, /^f: y is traced by grad/);
  }));

test.run();
