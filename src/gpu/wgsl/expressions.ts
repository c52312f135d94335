// The elementwise rows of the table of operations in WGSL, for f32: a row's name gives the expression of its operands.
// Functions are those of kernels/wgsl, whose errors docs/gpu.md states. Rows of f64 have none, since WGSL has no f64; those of i32 wrap around as on
// the CPU.

import type { DType } from '../../core/dtype.js';

/** What a row computes for one element. */
export interface Expression {
  /** The dtypes of the operands. */
  readonly inputs: readonly DType[];
  /** The dtype of the value; conditions are i32, 1 or 0, as on the CPU. */
  readonly output: DType;
  /** The declarations of kernels/wgsl that the text uses; `functionsFor` gives them with what they use themselves. */
  readonly needs: readonly string[];
  /** The WGSL expression of operands, which are expressions themselves; each stands in it once. */
  text(...operands: string[]): string;
}

/** A call of the function `name`_f32 of kernels/wgsl. */
function call(name: string, inputs: readonly DType[], output: DType = 'f32'): Expression {
  const declared = `${name}_f32`;
  return { inputs, output, needs: [declared], text: (...operands) => `${declared}(${operands.join(', ')})` };
}

/**
 * One rounding, as on the CPU: without `rounded` a compiler may fuse a product and the sum behind it, or reorder sums that
 * meet in one kernel.
 */
function arithmetic(operator: string): Expression {
  return {
    inputs: ['f32', 'f32'],
    output: 'f32',
    needs: ['rounded'],
    text: (a, b) => `rounded(${a} ${operator} ${b})`,
  };
}

/** a < b is b > a. */
function reversed(name: string): Expression {
  const { text, ...rest } = call(name, ['f32', 'f32'], 'i32');
  return { ...rest, text: (a, b) => text(b, a) };
}

const UNARY = [
  ...['neg', 'abs', 'sign', 'square', 'sqrt', 'rsqrt', 'relu'],
  ...['exp', 'expm1', 'expRest', 'log', 'log1p'],
  ...['sin', 'cos', 'tan', 'asin', 'acos', 'atan', 'sinh', 'cosh', 'tanh'],
  ...['erf', 'sigmoid', 'softplus', 'silu', 'gelu', 'elu', 'softsign'],
  ...[
    'asinSlope',
    'atanSlope',
    'tanhSlope',
    'erfSlope',
    'sigmoidSlope',
    'siluSlope',
    'geluSlope',
    'eluSlope',
    'normalDensity',
  ],
];
const BINARY = [
  ...['div', 'mulAlong', 'mulZero', 'divAlong', 'maximum', 'minimum', 'share'],
  ...['pow', 'atan2', 'atan2Slope', 'expDifference'],
];
const COMPARISONS = ['equal', 'notEqual', 'greater', 'greaterEqual'];

const EXPRESSIONS: Readonly<Record<string, Expression>> = {
  add: arithmetic('+'),
  sub: arithmetic('-'),
  mul: arithmetic('*'),
  ...Object.fromEntries(UNARY.map((name) => [name, call(name, ['f32'])])),
  ...Object.fromEntries(BINARY.map((name) => [name, call(name, ['f32', 'f32'])])),
  ...Object.fromEntries(COMPARISONS.map((name) => [name, call(name, ['f32', 'f32'], 'i32')])),
  less: reversed('greater'),
  lessEqual: reversed('greaterEqual'),
  isNaN: call('isNaN', ['f32'], 'i32'),
  clip: call('clip', ['f32', 'f32', 'f32']),
  powSum: call('powSum', ['f32', 'f32', 'f32']),
  where: call('where', ['i32', 'f32', 'f32']),
};

/** A row on integers: WGSL's own operators, which wrap around. */
function integral(count: number, text: (...operands: string[]) => string): Expression {
  return { inputs: new Array<DType>(count).fill('i32'), output: 'i32', needs: [], text };
}

const compared = (operator: string): Expression =>
  integral(2, (a, b) => `select(0, 1, ${a} ${operator} ${b})`);

const INTEGERS: Readonly<Record<string, Expression>> = {
  add: integral(2, (a, b) => `(${a} + ${b})`),
  sub: integral(2, (a, b) => `(${a} - ${b})`),
  mul: integral(2, (a, b) => `(${a} * ${b})`),
  neg: integral(1, (a) => `(0 - ${a})`),
  abs: integral(1, (a) => `abs(${a})`),
  sign: integral(1, (a) => `sign(${a})`),
  maximum: integral(2, (a, b) => `max(${a}, ${b})`),
  minimum: integral(2, (a, b) => `min(${a}, ${b})`),
  clip: integral(3, (x, low, high) => `min(max(${x}, ${low}), ${high})`),
  where: integral(3, (c, a, b) => `select(${b}, ${a}, ${c} != 0)`),
  equal: compared('=='),
  notEqual: compared('!='),
  greater: compared('>'),
  greaterEqual: compared('>='),
  less: compared('<'),
  lessEqual: compared('<='),
};

/** A finite number as text of type f32, to the last bit. */
export function literal(value: number): string {
  return `bitcast<f32>(${new Uint32Array(Float32Array.of(value).buffer)[0]}u)`;
}

/**
 * A number as an expression without operands: by its bits, since an expression of constants must be neither NaN nor infinite.
 * Bind it with `let` before it is used, so that what is made of it is no expression of constants either.
 */
export function constantOf(value: number, dtype: 'f32' | 'i32'): Expression {
  const constant = (text: string, ...needs: string[]): Expression => ({
    inputs: [],
    output: dtype,
    needs,
    text: () => text,
  });
  if (dtype === 'i32') return constant(`i32(${value | 0})`);
  if (Number.isNaN(value)) return constant('not_a_number()', 'not_a_number');
  if (!Number.isFinite(Math.fround(value)))
    return constant(`infinity(${value < 0 ? '0x80000000u' : '0u'})`, 'infinity');
  return constant(literal(value));
}

/** The expression of the row of this name for operands of these dtypes, or undefined where there is none. */
export function expressionOf(name: string, inputs: readonly DType[]): Expression | undefined {
  for (const table of [EXPRESSIONS, INTEGERS]) {
    if (!Object.hasOwn(table, name)) continue;
    const found = table[name];
    if (found.inputs.length === inputs.length && found.inputs.every((dtype, i) => dtype === inputs[i]))
      return found;
  }
  return undefined;
}
