// docs/ is complete and true: every public function has a signature, every name there exists, the argument lists of kernels are
// those of the binaries, examples (```js; not ```js sketch) run and give what their comments say, links and sizes are right.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as cotangent from '#src/index.js';

const root = new URL('../../', import.meta.url);
const folder = new URL('docs/', root);
const docs = readdirSync(folder)
  .filter((name) => name.endsWith('.md'))
  .map((name) => ({ name, text: readFileSync(new URL(name, folder), 'utf8') }));
const textOf = (name: string) => docs.find((doc) => doc.name === name)?.text ?? '';

/** Code blocks with exactly this word behind the fence. */
const blocks = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, code]) => code);

/** What a block of signatures declares: `name(`, `space.name(`, `space.name: type`, `class Name`. */
const declared = (block: string): string[] =>
  [...block.matchAll(/^(?:(?:class|interface|type) (\w+)|((?:\w+\.)*\w+)(?:<[^()]*>)?(?:\(|: ))/gm)].map(
    ([, type, name]) => type ?? name,
  );

const GENERATED = /_(f64|f32|i32|32|64)(_work)?$/;
const isNamespace = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every public value by its path; kernels have a reference of their own. */
function publicNames(space: Record<string, unknown>, prefix = ''): string[] {
  return Object.entries(space).flatMap(([name, value]) => {
    if (isNamespace(value)) return publicNames(value, `${prefix}${name}.`);
    return [prefix + name];
  });
}

const signatures = docs.flatMap(({ text }) => blocks(text, 'ts').flatMap(declared));
const helpers = ['alloc', 'free', 'f64', 'f32', 'i32', 'wasmMemory'];

test('every public function, class and constant has a signature', () => {
  const known = new Set(signatures);
  const missing = publicNames(cotangent as unknown as Record<string, unknown>)
    .filter((path) => !path.startsWith('kernels.') || helpers.includes(path.slice('kernels.'.length)))
    .filter((path) => !known.has(path) && !known.has(path.replace(/^gpu\.(?=[A-Z])/, '')));
  assert.equal(missing, []);
});

test('every name in a signature exists', () => {
  const types = readdirSync(new URL('dist/', root), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.d.ts'))
    .map((file) => readFileSync(new URL(`dist/${file}`, root), 'utf8'))
    .join('\n');
  const names = publicNames(cotangent as unknown as Record<string, unknown>);
  const isThere = (name: string) => {
    if (/^[A-Z]/.test(name)) return new RegExp(`\\b(interface|type|class) ${name}\\b`).test(types);
    if (name.startsWith('tensor.')) return name.slice('tensor.'.length) in cotangent.Tensor.prototype;
    return names.includes(name);
  };
  assert.equal(
    [...new Set(signatures)].filter((name) => !isThere(name)),
    [],
  );

  // Types that signatures speak of are declared, too.
  const spoken = docs.flatMap(({ text }) =>
    blocks(text, 'ts').flatMap((block) =>
      block
        .split('\n')
        .filter((line) => /^(\w+\.)*\w+(<[^()]*>)?\(/.test(line))
        .flatMap((line) => [...line.matchAll(/[:|<]\s*([A-Z]\w{3,})\b/g)].map(([, name]) => name)),
    ),
  );
  const builtIn = new Set([
    'Promise',
    'Pick',
    'Record',
    'Tree',
    'Float64Array',
    'Float32Array',
    'Int32Array',
    'Uint8Array',
    'ArrayBuffer',
  ]);
  const unknown = [...new Set(spoken)].filter(
    (name) =>
      !builtIn.has(name) &&
      !(name in globalThis) &&
      !new RegExp(`\\b(interface|type|class) ${name}\\b`).test(types),
  );
  assert.equal(unknown, []);
});

test('docs/kernels.md has every kernel with the arguments of the binary', () => {
  const reference = textOf('kernels.md');
  const lists = blocks(reference, 'text')
    .join('\n')
    .replaceAll(/,\n(?=\w)/g, ', ')
    .replaceAll(/\n {2}\(/g, '(');
  const documented = new Map<string, string>();
  for (const [, names, sig] of lists.matchAll(/^((?:\w+, )*\w+)(\(.*?\)(?: -> \w+)?)(?: {3}\/\/.*)?$/gm))
    for (const name of names.split(', ')) documented.set(name, sig);
  const generated = new Map<string, string>();
  for (const file of readdirSync(new URL('src/generated/', root))) {
    if (file === 'kernels.ts' || file === 'gpu-kernels.ts') continue;
    const text = readFileSync(new URL(`src/generated/${file}`, root), 'utf8');
    for (const [, name, args, result] of text.matchAll(/^ {2}(\w+)(\(.*\)): (\w+);$/gm)) {
      const ofWasm = (types: string) =>
        types.replaceAll(/\b(?:[FI]\d\d|Usize|Bool)\b/g, (type) => type.toLowerCase());
      const sig = ofWasm(result === 'void' ? args : `${args} -> ${result}`);
      const type = name.startsWith('cast_') ? undefined : GENERATED.exec(name)?.[1];
      if (type === undefined || /^\d/.test(type)) generated.set(name, sig);
      else
        generated.set(
          name.replace(GENERATED, '_T$2'),
          type === 'i32' ? sig : sig.replaceAll(new RegExp(`\\b${type}\\b`, 'g'), 'T'),
        );
    }
  }
  assert.ok(generated.size > 150);
  for (const [name, sig] of generated) assert.is(documented.get(name), sig, name);
  assert.equal(
    [...documented.keys()].filter((name) => !generated.has(name)),
    [],
  );
});

const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor as new (
  ...parts: string[]
) => (...values: unknown[]) => Promise<void>;
const CHECKED =
  /^(\s*)(?!const |let |return |\/\/)(\S.*?);? \/\/ (\[[-\d., e[\]]*\]|-?[\d.]+(?:e-?\d+)?|'[^']*'|true|false)(?:[,:;].*)?$/gm;

/** Tensors as arrays, in lists too. */
function plain(value: unknown): unknown {
  if (value instanceof cotangent.Tensor) return value.toArray();
  return Array.isArray(value) ? value.map(plain) : value;
}

let checks = 0;
function check(where: string, expression: string, got: unknown, want: unknown): void {
  checks++;
  const [mine, its] = [plain(got), want].map((value) => (Array.isArray(value) ? value.flat(9) : [value]));
  const equal =
    mine.length === its.length &&
    mine.every((v, i) =>
      typeof v === 'number' ? Math.abs(v - its[i]) <= 1e-6 * Math.max(1, Math.abs(its[i])) : v === its[i],
    );
  assert.ok(
    equal,
    `${where}: ${expression} gives ${JSON.stringify(plain(got))}, not ${JSON.stringify(want)}`,
  );
}

for (const { name, text } of docs) {
  const examples = blocks(text, 'js');
  const start = text.indexOf('examples on this page begin with');
  const prelude = start < 0 ? '' : blocks(text.slice(start), 'js')[0];
  examples.forEach((example, i) => {
    test(`docs/${name}, example ${i + 1}: ${example.trim().split('\n').at(-1)}`, async () => {
      const code = `${example === prelude ? '' : prelude}\n${example}`
        .replaceAll(/^import .*$/gm, '')
        .replaceAll(
          CHECKED,
          (_, indent, expression, value) =>
            `${indent}check(${JSON.stringify(name)}, ${JSON.stringify(expression)}, ${expression}, ${value});`,
        );
      // In a block, so that an example may have its own `graph`.
      const run = new AsyncFunction(...Object.keys(cotangent), 'check', `{\n${code}\n}`);
      await run(...Object.values(cotangent), check);
    });
  });
}

test('the examples are found, and say what they give', () => {
  assert.ok(checks >= 220, `only ${checks}`);
});

test('links lead to files that are there', () => {
  const broken = docs.flatMap(({ name, text }) =>
    [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)]
      .filter(([, path]) => !existsSync(new URL(path, folder)))
      .map(([, path]) => `${name}: ${path}`),
  );
  assert.equal(broken, []);
});

test('docs/embedding.md has the sizes and the sub-paths of what was built: npm run docs', async () => {
  const text = textOf('embedding.md');
  const built = (await import(new URL('scripts/docs.mjs', root).href)) as {
    bundles(): Promise<[title: string, size: number][]>;
    megabytes(): number;
    subPaths(): string[];
  };
  const stated = Number(/installs nothing else \(([\d.]+) MB/.exec(text)?.[1]);
  assert.ok(Math.abs(stated - built.megabytes()) < 0.1, `${stated} MB is ${built.megabytes()} MB`);
  const rows = new Map(
    [...text.matchAll(/^\| (.*) \| (\d+) KB \|$/gm)].map(([, title, size]) => [title, Number(size)]),
  );
  const bundles = await built.bundles();
  assert.equal(
    [...rows.keys()],
    bundles.map(([title]) => title),
  );
  // Compression differs a little between versions of zlib.
  for (const [title, size] of bundles)
    assert.ok(
      Math.abs((rows.get(title) as number) - size) <= 1,
      `${title}: ${rows.get(title)} KB is ${size} KB`,
    );
  const paths = [...text.matchAll(/^\| `(cotangent[\w/]*)` \|/gm)].map(([, path]) => path);
  assert.equal(paths.sort(), built.subPaths().sort());
});

test.run();
