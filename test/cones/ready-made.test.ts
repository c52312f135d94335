import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ArgumentError, cones } from '#src/index.js';
import { rejects } from '../support/check.js';

const rows = (x: { toArray(): unknown }) => x.toArray();

test('monotone', () => {
  assert.equal(rows(cones.monotone(3)), [
    [1, -1, 0],
    [0, 1, -1],
  ]);
  assert.equal(rows(cones.monotone(2, { decreasing: true })), [[-1, 1]]);
  assert.equal(rows(cones.monotone(2, { nonnegative: true })), [
    [1, -1],
    [-1, 0],
  ]);
  assert.equal(rows(cones.monotone(2, { decreasing: true, nonnegative: true })), [
    [-1, 1],
    [0, -1],
  ]);
  assert.equal(cones.monotone(1).shape, [0, 1]);
});

test('convex', () => {
  assert.equal(rows(cones.convex(4)), [
    [-1, 2, -1, 0],
    [0, -1, 2, -1],
  ]);
  for (const d of [1, 2]) assert.equal(cones.convex(d).shape, [0, d]);
});

test('checkerboard', () => {
  assert.equal(rows(cones.checkerboard(2, 3, { tiles: [2, 3] })), [
    [1, 0, 0, 0, 0, 0],
    [0, -1, 0, 0, 0, 0],
    [0, 0, 1, 0, 0, 0],
    [0, 0, 0, -1, 0, 0],
    [0, 0, 0, 0, 1, 0],
    [0, 0, 0, 0, 0, -1],
  ]);
  // Each pixel lies in one tile, of 7 x 7 pixels.
  const board = cones.checkerboard(28, 28, { tiles: [4, 4] });
  assert.equal(board.shape, [16, 784]);
  const data = Array.from(board.toTypedArray());
  for (let tile = 0; tile < 16; tile++) {
    const sign = ((tile >> 2) + tile) % 2 === 0 ? 1 : -1;
    const sum = data.slice(tile * 784, (tile + 1) * 784).reduce((a, b) => a + b, 0);
    assert.is(sum, 49 * sign);
  }
  for (let pixel = 0; pixel < 784; pixel++) {
    const owners = Array.from({ length: 16 }, (_, tile) => Math.abs(data[tile * 784 + pixel]));
    assert.is(
      owners.reduce((a, b) => a + b, 0),
      1,
    );
  }
});

test('signs', () => {
  assert.equal(rows(cones.signs([1, 0, -2])), [
    [-1, 0, 0],
    [0, 0, 1],
  ]);
  assert.equal(cones.signs([0, 0]).shape, [0, 2]);
});

test('arguments', () => {
  rejects(() => cones.monotone(0), ArgumentError, /^monotone: d must be a whole number of at least 1, got 0/);
  rejects(() => cones.convex(1.5), ArgumentError, /^convex: d must be/);
  rejects(
    () => cones.checkerboard(28, 28, { tiles: [3, 4] }),
    ArgumentError,
    /^checkerboard: tiles must divide/,
  );
  rejects(
    () => cones.checkerboard(28, 28, { tiles: [4] as never }),
    ArgumentError,
    /must be \[rows, columns\]/,
  );
  rejects(() => cones.checkerboard(28, 28, undefined as never), ArgumentError, /options must be an object/);
  rejects(() => cones.signs([]), ArgumentError, /^signs: pattern must not be empty/);
  rejects(() => cones.signs([1, Number.NaN]), ArgumentError, /^signs: pattern\[1\] must be a number/);
});

test.run();
