// The functions of kernels/wgsl in GLSL ES 3.00, for WebGL2. GLSL wants the type of every variable, which is found from what it is
// set to, and has other names for functions that look at bits. Only what kernels/wgsl uses is translated; anything else is an error.

import { Tokens } from './tokens.js';

type Type = 'f32' | 'i32' | 'u32' | 'bool' | 'vec2f' | 'vec2u' | string;

/** An expression; whole numbers without a suffix take the type that their place wants. */
interface Value {
  readonly text: string;
  readonly type: Type | 'whole';
}

interface Signature {
  readonly parameters: readonly Type[];
  readonly result: Type;
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  ...{ f32: 'float', i32: 'int', u32: 'uint', bool: 'bool', vec2f: 'vec2', vec2u: 'uvec2' },
};

/** Functions of one to three operands of a type, with a value of that type. */
const SAME_TYPE: Readonly<Record<string, string>> = {
  ...{ abs: 'abs', min: 'min', max: 'max', clamp: 'clamp', sign: 'sign', floor: 'floor' },
  ...{ round: 'roundEven', sqrt: 'sqrt', inverseSqrt: 'inversesqrt' },
};

const BITCASTS: Readonly<Record<string, string>> = {
  ...{ 'f32 u32': 'floatBitsToUint', 'f32 i32': 'floatBitsToInt', 'u32 f32': 'uintBitsToFloat' },
  ...{ 'i32 f32': 'intBitsToFloat', 'i32 u32': 'uint', 'u32 i32': 'int' },
};

/** Binary operators by how tightly they bind, loosest first. */
const LEVELS: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<', '>', '<=', '>='],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
];
const CONDITIONS = new Set(['||', '&&', '==', '!=', '<', '>', '<=', '>=']);
const ASSIGNMENTS = new Set(['=', '+=', '-=', '*=', '/=', '<<=', '>>=', '|=', '&=', '^=']);

/** Names of ours, so that none is a word of GLSL. */
const named = (name: string) => `our_${name}`;

/** The bits of `uint` that are zero above its highest one: WGSL has this, GLSL ES 3.00 does not. */
const LEADING_ZEROS = `int leading_zeros(uint x) {
int n = 0;
for (int s = 16; s > 0; s >>= 1) {
if ((x >> uint(32 - s)) == 0u) { n += s; x <<= uint(s); }
}
return x == 0u ? 32 : n;
}`;

/** Text in GLSL ES 3.00 of WGSL declarations, each behind those that it uses; a function `f` is called `our_f` there. */
export function glslOf(wgsl: string): string {
  const body = new Translator(wgsl).declarations();
  const helpers = body.includes('leading_zeros(') ? `${LEADING_ZEROS}\n` : '';
  return `precision highp float;\nprecision highp int;\n${helpers}${body}`;
}

class Translator {
  readonly #tokens: Tokens;
  readonly #functions = new Map<string, Signature>();
  /** Fields of structures. */
  readonly #structures = new Map<string, Map<string, Type>>();
  /** Types of the variables of the function at hand. */
  #variables = new Map<string, Type>();
  #result: Type = 'bool';

  constructor(wgsl: string) {
    this.#tokens = new Tokens(wgsl);
  }

  declarations(): string {
    const texts: string[] = [];
    while (!this.#tokens.isOver) {
      if (this.#tokens.accept('struct')) texts.push(this.#structure());
      else {
        this.#tokens.expect('fn');
        texts.push(this.#function());
      }
    }
    return texts.join('\n');
  }

  /** The name of a type in GLSL. */
  #typeName(type: Type): string {
    if (this.#structures.has(type)) return named(type);
    if (!Object.hasOwn(TYPE_NAMES, type)) throw this.#tokens.error(`no type ${type}`);
    return TYPE_NAMES[type];
  }

  #field(): [name: string, type: Type] {
    const name = this.#tokens.next();
    this.#tokens.expect(':');
    return [name, this.#tokens.next()];
  }

  #structure(): string {
    const name = this.#tokens.next();
    this.#tokens.expect('{');
    const fields = this.#tokens.list('}', () => this.#field());
    this.#structures.set(name, new Map(fields));
    return `struct ${named(name)} {\n${fields.map(([field, type]) => `${this.#typeName(type)} ${field};`).join('\n')}\n};`;
  }

  #function(): string {
    const name = this.#tokens.next();
    this.#tokens.expect('(');
    const parameters = this.#tokens.list(')', () => this.#field());
    this.#tokens.expect('->');
    this.#result = this.#tokens.next();
    this.#functions.set(name, { parameters: parameters.map(([, type]) => type), result: this.#result });
    this.#variables = new Map(parameters);
    const head = parameters.map(([parameter, type]) => `${this.#typeName(type)} ${named(parameter)}`);
    return `${this.#typeName(this.#result)} ${named(name)}(${head.join(', ')}) ${this.#block()}`;
  }

  #block(): string {
    this.#tokens.expect('{');
    const statements: string[] = [];
    while (!this.#tokens.accept('}')) statements.push(this.#statement());
    return `{\n${statements.join('\n')}\n}`;
  }

  #statement(): string {
    if (this.#tokens.accept('if')) {
      const condition = this.#expression();
      const block = this.#block();
      const rest = this.#tokens.accept('else')
        ? ` else ${this.#tokens.peek() === 'if' ? this.#statement() : this.#block()}`
        : '';
      return `if (${condition.text}) ${block}${rest}`;
    }
    const text = this.#simple();
    this.#tokens.expect(';');
    return `${text};`;
  }

  #simple(): string {
    if (this.#tokens.accept('return')) return `return ${this.#typed(this.#expression(), this.#result)}`;
    if (this.#tokens.accept('let') || this.#tokens.accept('var')) {
      const name = this.#tokens.next();
      this.#tokens.expect('=');
      const value = this.#expression();
      const type = value.type === 'whole' ? 'i32' : value.type;
      this.#variables.set(name, type);
      const array = /^(\w+)(\[\d+\])$/.exec(type);
      const declared = array ? `${this.#typeName(array[1])} ${named(name)}${array[2]}` : '';
      return `${declared || `${this.#typeName(type)} ${named(name)}`} = ${this.#typed(value, type)}`;
    }
    const target = this.#postfix();
    const operator = this.#tokens.next();
    if (!ASSIGNMENTS.has(operator)) throw this.#tokens.error(`no assignment ${operator}`);
    const value = this.#expression();
    const isShift = operator === '<<=' || operator === '>>=';
    return `${target.text} ${operator} ${this.#typed(value, isShift ? 'u32' : target.type)}`;
  }

  /** The text of a value in a place that wants this type. */
  #typed({ text, type }: Value, wanted: Type): string {
    if (type === wanted || (type === 'whole' && wanted === 'i32')) return text;
    if (type === 'whole' && wanted === 'u32') return `${text}u`;
    if (type === 'whole' && wanted === 'f32') return `${text}.0`;
    throw this.#tokens.error(`${text} is ${type}, not ${wanted}`);
  }

  #expression(level = 0): Value {
    if (level === LEVELS.length) return this.#unary();
    let left = this.#expression(level + 1);
    while (LEVELS[level].includes(this.#tokens.peek())) {
      const operator = this.#tokens.next();
      left = this.#binary(left, operator, this.#expression(level + 1));
    }
    return left;
  }

  #binary(left: Value, operator: string, right: Value): Value {
    if (operator === '<<' || operator === '>>')
      return { text: `(${left.text} ${operator} ${this.#typed(right, 'u32')})`, type: left.type };
    const vector = [left, right].find(({ type }) => type === 'vec2f');
    if (vector) return { text: `(${left.text} ${operator} ${right.text})`, type: 'vec2f' };
    const type = left.type === 'whole' ? right.type : left.type;
    const texts = [left, right].map((side) => (type === 'whole' ? side.text : this.#typed(side, type)));
    return {
      text: `(${texts[0]} ${operator} ${texts[1]})`,
      type: CONDITIONS.has(operator) ? 'bool' : type,
    };
  }

  #unary(): Value {
    for (const operator of ['-', '!', '~']) {
      if (!this.#tokens.accept(operator)) continue;
      const { text, type } = this.#unary();
      return type === 'whole' ? { text: `${operator}${text}`, type } : { text: `(${operator}${text})`, type };
    }
    return this.#postfix();
  }

  #postfix(): Value {
    let value = this.#primary();
    for (;;) {
      if (this.#tokens.accept('.')) {
        const field = this.#tokens.next();
        const type =
          this.#structures.get(value.type)?.get(field) ?? { vec2f: 'f32', vec2u: 'u32' }[value.type];
        if (type === undefined) throw this.#tokens.error(`${value.type} has no ${field}`);
        value = { text: `${value.text}.${field}`, type };
      } else if (this.#tokens.accept('[')) {
        const index = this.#expression();
        this.#tokens.expect(']');
        value = { text: `${value.text}[${index.text}]`, type: value.type.replace(/\[\d+\]$/, '') };
      } else return value;
    }
  }

  #primary(): Value {
    const token = this.#tokens.next();
    if (token === '(') {
      const inner = this.#expression();
      this.#tokens.expect(')');
      return inner;
    }
    if (/^\d+$|^0x[\da-f]+$/i.test(token)) return { text: token, type: 'whole' };
    if (/^[\d.]/.test(token)) return { text: token, type: token.endsWith('u') ? 'u32' : 'f32' };
    if (token === 'true' || token === 'false') return { text: token, type: 'bool' };
    if (token === 'bitcast') return this.#bitcast();
    if (token === 'array') return this.#array();
    if (this.#tokens.accept('('))
      return this.#call(
        token,
        this.#tokens.list(')', () => this.#expression()),
      );
    const type = this.#variables.get(token);
    if (type === undefined) throw this.#tokens.error(`no variable ${token}`);
    return { text: named(token), type };
  }

  #bitcast(): Value {
    this.#tokens.expect('<');
    const type = this.#tokens.next();
    this.#tokens.expect('>');
    this.#tokens.expect('(');
    const value = this.#expression();
    this.#tokens.expect(')');
    return { text: `${BITCASTS[`${value.type} ${type}`]}(${value.text})`, type };
  }

  #array(): Value {
    this.#tokens.expect('<');
    const type = this.#tokens.next();
    this.#tokens.expect(',');
    const count = this.#tokens.next();
    this.#tokens.expect('>');
    this.#tokens.expect('(');
    const items = this.#tokens.list(')', () => this.#typed(this.#expression(), type));
    return { text: `${this.#typeName(type)}[${count}](${items.join(', ')})`, type: `${type}[${count}]` };
  }

  #call(name: string, operands: Value[]): Value {
    if (name === 'select') {
      const [no, yes, condition] = operands;
      const type = no.type === 'whole' ? yes.type : no.type;
      const wanted = type === 'whole' ? 'i32' : type;
      const [a, b] = [yes, no].map((side) => this.#typed(side, wanted));
      return { text: `(${condition.text} ? ${a} : ${b})`, type: wanted };
    }
    if (name === 'countLeadingZeros')
      return { text: `uint(leading_zeros(${operands[0].text}))`, type: 'u32' };
    if (Object.hasOwn(SAME_TYPE, name)) {
      const type = operands.find((operand) => operand.type !== 'whole')?.type ?? 'i32';
      return {
        text: `${SAME_TYPE[name]}(${operands.map((operand) => this.#typed(operand, type)).join(', ')})`,
        type,
      };
    }
    if (Object.hasOwn(TYPE_NAMES, name)) {
      const part = { vec2f: 'f32', vec2u: 'u32' }[name];
      const texts = operands.map((operand) => (part ? this.#typed(operand, part) : operand.text));
      return { text: `${TYPE_NAMES[name]}(${texts.join(', ')})`, type: name };
    }
    const fields = this.#structures.get(name);
    const signature = fields ? { parameters: [...fields.values()], result: name } : this.#functions.get(name);
    if (!signature) throw this.#tokens.error(`no function ${name}`);
    const texts = operands.map((operand, i) => this.#typed(operand, signature.parameters[i]));
    return { text: `${named(name)}(${texts.join(', ')})`, type: signature.result };
  }
}
