#!/usr/bin/env bash
# esbuild 0.28.2 against rollup 4.68.8: a namespace that a package exports again (`export * as linalg from './linalg.mjs'`).
# `import { linalg } from 'package'; linalg.norm` brings all of linalg with esbuild, and `norm` alone with rollup. An
# `import * as linalg from 'package/linalg'` is shaken by both.
set -euo pipefail
folder=$(mktemp -d) && trap 'rm -rf "$folder"' EXIT && cd "$folder"
npm install --silent --no-audit --no-fund --prefix . esbuild@0.28.2 rollup@4.68.8 >/dev/null
cat >linalg.mjs <<'EOF'
export function norm(x) { return Math.sqrt(x.reduce((sum, v) => sum + v * v, 0)); }
export function determinant(a) { return 'large ' + a; }
EOF
echo "export * as linalg from './linalg.mjs';" >index.mjs
echo "import { linalg } from './index.mjs'; console.log(linalg.norm([3, 4]));" >by-package.mjs
echo "import * as linalg from './linalg.mjs'; console.log(linalg.norm([3, 4]));" >by-path.mjs
cat >run.mjs <<'EOF'
import { buildSync } from 'esbuild';
import { rollup } from 'rollup';
for (const file of ['by-package.mjs', 'by-path.mjs']) {
  const [one] = buildSync({ entryPoints: [file], bundle: true, format: 'esm', write: false }).outputFiles;
  const { output: [two] } = await (await rollup({ input: file })).generate({ format: 'es' });
  console.log(`${file}: unused function in the bundle of esbuild ${one.text.includes('large')}, of rollup ${two.code.includes('large')}`);
}
EOF
output=$(node run.mjs)
echo "$output"
[[ $output == 'by-package.mjs: unused function in the bundle of esbuild true, of rollup false
by-path.mjs: unused function in the bundle of esbuild false, of rollup false' ]] || { echo 'CHANGED'; exit 1; }
echo 'as described'
