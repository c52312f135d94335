// scan: errors name the argument or the leaf, in every mode, and leave nothing.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ArgumentError,
  astype,
  compile,
  DTypeError,
  grad,
  memory,
  mul,
  ones,
  reshape,
  ShapeError,
  scan,
  scope,
  sum,
  type Tensor,
  tensor,
} from '#src/index.js';
import { rejects } from '../support/check.js';

test('errors name what is wrong, and leave nothing', () => {
  const [one, two, flags, rows] = [tensor(1), ones([2]), tensor([1, 2], { dtype: 'i32' }), ones([3, 2])];
  const stay = (s: Tensor) => ({ carry: s });
  const wrong: [string, () => unknown, new (...args: never[]) => ArgumentError, RegExp][] = [
    [
      'shape',
      () => scan((s: Tensor) => ({ carry: reshape(s, [2, 1]) }), two, rows),
      ShapeError as never,
      /scan: the carry must keep its shape \[2\], got \[2, 1\]/,
    ],
    [
      'shape of a leaf',
      () => scan(([a, b]: Tensor[]) => ({ carry: [a, sum(b)] }), [one, two], rows),
      ShapeError as never,
      /scan: carry\[1\] must keep its shape \[2\], got \[\]/,
    ],
    [
      'dtype',
      () => scan((s: Tensor) => ({ carry: astype(s, 'f32') }), two, rows),
      DTypeError as never,
      /scan: the carry must keep its dtype f64, got f32/,
    ],
    [
      'dtype of a leaf',
      () => scan(([a, b]: Tensor[]) => ({ carry: [a, astype(b, 'f64')] }), [one, flags], rows),
      DTypeError as never,
      /scan: carry\[1\] must keep its dtype i32, got f64/,
    ],
    [
      'structure',
      () => scan((s: Tensor) => ({ carry: { s } as unknown as Tensor }), one, rows),
      ArgumentError,
      /scan: the carry must keep its structure/,
    ],
    [
      'junk',
      () => scan((() => 3) as never, one, rows),
      ArgumentError,
      /scan: step must return \{ carry, y \}, got 3/,
    ],
    [
      'nothing',
      () => scan((() => undefined) as never, one, rows),
      ArgumentError,
      /scan: step must return \{ carry, y \}, got undefined/,
    ],
    [
      'no carry',
      () => scan((() => ({ y: one })) as never, one, rows),
      ArgumentError,
      /scan: step must return \{ carry, y \}/,
    ],
    [
      'no function',
      () => scan(3 as never, one, rows),
      ArgumentError,
      /^scan: step must be a function, got 3/,
    ],
    ['neither', () => scan(stay, one), ArgumentError, /scan: xs or length is wanted/],
    [
      'lengths',
      () => scan(stay, one, [rows, two]),
      ShapeError as never,
      /scan: every tensor in xs must have the 3 steps/,
    ],
    [
      'length and xs',
      () => scan(stay, one, rows, { length: 4 }),
      ShapeError as never,
      /4 steps as its first axis, got shape \[3, 2\]/,
    ],
    ['scalar xs', () => scan(stay, one, one), ShapeError as never, /first axis/],
    ['empty init', () => scan(stay as never, [], rows), ArgumentError, /scan: init must be/],
    ['empty xs', () => scan(stay, one, []), ArgumentError, /scan: xs must be/],
    [
      'length',
      () => scan(stay, one, undefined, { length: 1.5 }),
      ArgumentError,
      /scan: length must be a whole number of at least 0, got 1.5/,
    ],
    [
      'reverse',
      () => scan(stay, one, rows, { reverse: 1 as never }),
      ArgumentError,
      /scan: reverse must be true or false/,
    ],
    [
      'checkpoint',
      () => scan(stay, one, rows, { checkpoint: 'all' as never }),
      ArgumentError,
      /scan: checkpoint must be 'none'.*got all/,
    ],
    [
      'snapshots',
      () => scan(stay, one, rows, { checkpoint: { snapshots: 0 } }),
      ArgumentError,
      /scan: checkpoint must be/,
    ],
    [
      'y that changes',
      () => {
        let i = 0;
        scan((s: Tensor) => ({ carry: mul(s, 2), y: i++ === 0 ? s : [s, s] }), one, rows);
      },
      ArgumentError,
      /scan: y must have one structure in all steps/,
    ],
    [
      'y of other shapes',
      () => {
        let i = 0;
        scan((s: Tensor) => ({ carry: mul(s, 2), y: i++ === 0 ? s : two }), one, rows);
      },
      ShapeError as never,
      /scan|stack/,
    ],
    [
      'a step that throws',
      () => {
        let i = 0;
        scan(
          (s: Tensor) => ({
            carry: mul(s, i++ < 2 ? 2 : tensor('x' as never)),
            y: s,
          }),
          one,
          rows,
        );
      },
      ArgumentError,
      /./,
    ],
  ];
  const { tensors, bytes } = memory();
  for (const [what, f, kind, message] of wrong) {
    for (const [how, run] of Object.entries({
      eager: (): unknown => scope(f),
      grad: (): unknown =>
        scope(() =>
          grad((x: Tensor) => {
            f();
            return sum(x);
          })(one),
        ),
      compiled: (): unknown =>
        compile((x: Tensor) => {
          f();
          return sum(x);
        })(one),
    })) {
      // Where step is called once, it cannot give two structures.
      if (how === 'compiled' && /^y |throws/.test(what)) continue;
      try {
        rejects(run, kind, message);
      } catch (error) {
        (error as Error).message = `${what}, ${how}: ${(error as Error).message}`;
        throw error;
      }
    }
  }
  assert.equal([memory().tensors, memory().bytes], [tensors, bytes]);
  for (const x of [one, two, flags, rows]) x.dispose();
});

test.run();
