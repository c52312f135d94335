#!/usr/bin/env bash
# esbuild 0.28.2: with `minifyWhitespace` the marks /* @__PURE__ */ are left out of a bundle, so a library that is published
# minified loses what its users' bundlers need to drop unused calls.
set -euo pipefail
folder=$(mktemp -d) && trap 'rm -rf "$folder"' EXIT && cd "$folder"
npm install --silent --no-audit --no-fund --prefix . esbuild@0.28.2 >/dev/null
cat >library.mjs <<'EOF'
const make = (name) => ({ name, table: Array.from({ length: 1000 }, (_, i) => name + i) });
export const unused = /* @__PURE__ */ make('unused');
export const used = 1;
EOF
cat >run.mjs <<'EOF'
import { buildSync } from 'esbuild';
import { writeFileSync } from 'node:fs';
const bundle = (contents, options = {}) =>
  buildSync({ stdin: { contents, resolveDir: '.' }, bundle: true, format: 'esm', write: false, ...options }).outputFiles[0].text;
for (const minifyWhitespace of [false, true]) {
  const published = bundle("export * from './library.mjs'", { minifyWhitespace });
  writeFileSync('published.mjs', published);
  const user = bundle("import { used } from './published.mjs'; console.log(used)");
  console.log(`minifyWhitespace ${minifyWhitespace}: ${published.split('@__PURE__').length - 1} marks, unused call kept: ${user.includes('unused')}`);
}
EOF
output=$(node run.mjs)
echo "$output"
[[ $output == 'minifyWhitespace false: 1 marks, unused call kept: false
minifyWhitespace true: 0 marks, unused call kept: true' ]] || { echo 'CHANGED: the marks are kept now'; exit 1; }
echo 'as described: whitespace is minified at the cost of tree shaking'
