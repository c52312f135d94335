// WGSL of kernels/wgsl in GLSL: types are found, names are ours, and what cannot be translated is an error. That the functions compute
// the same in WebGL2 is shown by browser.test.ts.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { declarations } from '#src/generated/wgsl.js';
import { glslOf } from '#src/gpu/glsl/translate.js';
import { functionsFor } from '#src/gpu/wgsl/functions.js';

/** The text behind the precisions, one line for each statement. */
const body = (wgsl: string) => glslOf(wgsl).split('\n').slice(2).join('\n');

test('every declaration is translated, with all its words known to GLSL', () => {
  const known = new Set(
    [
      'float',
      'int',
      'uint',
      'bool',
      'vec2',
      'uvec2',
      'struct',
      'if',
      'else',
      'return',
      'for',
      'true',
      'false',
    ].concat(
      [
        'precision',
        'highp',
        'leading_zeros',
        'floatBitsToUint',
        'floatBitsToInt',
        'uintBitsToFloat',
        'intBitsToFloat',
      ],
      ['abs', 'min', 'max', 'clamp', 'sign', 'floor', 'roundEven', 'sqrt', 'inversesqrt', 'n', 's', 'x'],
    ),
  );
  const names = Object.keys(declarations);
  assert.ok(names.length > 100);
  for (const name of names) {
    const text = glslOf(functionsFor([name]));
    const words = text
      .replaceAll(/\.\w+|\b(0x)?\d[\w.+-]*|^\w+ \w+;$/gm, '')
      .match(/[A-Za-z_]\w*/g) as string[];
    for (const word of words)
      assert.ok(word.startsWith('our_') || known.has(word), `${name}: ${word}\n${text}`);
    for (const [open, close] of ['()', '{}', '[]'])
      assert.is(text.split(open).length, text.split(close).length, name);
  }
});

test('types come from what variables are set to, whole numbers take that of their place', () => {
  assert.is(
    body(`fn f(x: f32, k: i32) -> u32 {
      let half = 0.5 * x;
      var n = 3;
      let above = half > 2 && k < n;
      n += 1;
      if (above) { return bitcast<u32>(half) >> 2u; } else if (k == -1) { return u32(n) & 7; }
      return select(0u, 1u, above);
    }`),
    `uint our_f(float our_x, int our_k) {
float our_half = (0.5 * our_x);
int our_n = 3;
bool our_above = ((our_half > 2.0) && (our_k < our_n));
our_n += 1;
if (our_above) {
return (floatBitsToUint(our_half) >> 2u);
} else if ((our_k == -1)) {
return (uint(our_n) & 7u);
}
return (our_above ? 1u : 0u);
}`,
  );
});

test('structures, vectors and arrays', () => {
  assert.is(
    body(`struct Pair { number: vec2f, exponent: i32, }
    fn pair(a: f32) -> Pair {
      var words = array<u32, 2>(1u, 2u,);
      return Pair(vec2f(a, 1.0) * 2.0, i32(words[1]));
    }
    fn low(a: f32) -> f32 { return pair(a).number.y; }`),
    `struct our_Pair {
vec2 number;
int exponent;
};
our_Pair our_pair(float our_a) {
uint our_words[2] = uint[2](1u, 2u);
return our_Pair((vec2(our_a, 1.0) * 2.0), int(our_words[1]));
}
float our_low(float our_a) {
return our_pair(our_a).number.y;
}`,
  );
});

test('anything else is an error', () => {
  const faults: [string, RegExp][] = [
    ['fn f(x: f32) -> f32 { return y; }', /no variable y/],
    ['fn f(x: f32) -> f32 { return g(x); }', /no function g/],
    ['fn f(x: f32) -> i32 { return x; }', /is f32, not i32/],
    ['fn f(x: vec4f) -> f32 { return 1.0; }', /no type vec4f/],
    ['fn f(x: f32) -> f32 { return x.y; }', /f32 has no y/],
    ['fn f(x: f32) -> f32 { loop { } }', /no variable loop|no assignment/],
    ['const a = 1;', /fn wanted/],
    ['fn f(x: f32) -> f32 { return "x"; }', /cannot read/],
  ];
  for (const [text, message] of faults)
    assert.throws(
      () => glslOf(text),
      (error: Error) => message.test(error.message),
    );
});

test.run();
