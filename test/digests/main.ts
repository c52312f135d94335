// Digests of results in the build without fused multiply-add: `node build/test/digests/main.js` compares them with
// test/fixtures/digests.json, in whatever engine it is started; --write replaces that file; --bent first replaces the functions of Math
// whose bits an engine chooses by others, one unit in the last place off.
import { readFileSync, writeFileSync } from 'node:fs';
import { computeDigests } from './compute.js';

const BENT =
  'sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh exp expm1 log log1p log2 log10 cbrt hypot pow'.split(
    ' ',
  );
if (process.argv.includes('--bent')) {
  const own = Math as unknown as Record<string, (...x: number[]) => number>;
  for (const name of BENT) {
    const f = own[name];
    own[name] = (...x) => f(...x) * (1 + 2 ** -52);
  }
}

const digests = await computeDigests();
const file = new URL('../../../test/fixtures/digests.json', import.meta.url);
if (process.argv.includes('--write')) writeFileSync(file, `${JSON.stringify(digests, null, 1)}\n`);
const known = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
const names = [...new Set([...Object.keys(known), ...Object.keys(digests)])];
const wrong = names.filter((name) => known[name] !== digests[name]);
if (wrong.length > 0) {
  console.error(
    `${wrong.length} of ${names.length} results have other bits (or are new: node build/test/digests/main.js --write): ${wrong.join(', ')}`,
  );
  process.exit(1);
}
console.log(`ok: ${names.length} results have the bits of test/fixtures/digests.json`);
