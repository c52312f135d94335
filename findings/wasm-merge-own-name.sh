#!/usr/bin/env bash
# binaryen 131: `wasm-merge` resolves the imports of a module by the name it is given there, its own imports included. A
# module that stands for the host, imports a memory from "env" and is named "env" to offer it to the others ends with
# "infinite loop of imports"; under another module name the same merge works, and the import can be renamed afterwards.
set -euo pipefail
folder=$(mktemp -d) && trap 'rm -rf "$folder"' EXIT && cd "$folder"
npm install --silent --no-audit --no-fund --prefix . binaryen@131.0.0-nightly.20260721 >/dev/null
part() { echo "(module (import \"env\" \"memory\" (memory 1 2)) (func (export \"$1\") (result i32) (i32.load (i32.const 0))))"; }
part first >first.wat
part second >second.wat
host() { echo "(module (import \"$1\" \"memory\" (memory 1 2)) (export \"memory\" (memory 0)))"; }
host env >own.wat
host ext >other.wat
merge() { node node_modules/binaryen/bin/wasm-merge --enable-multimemory "$1" env first.wat first second.wat second -S -o "$1.out" 2>&1; }
own=$(merge own.wat || true)
other=$(merge other.wat)
echo "the host's part imports from its own name: $own"
echo "from another name: ${other:-merged}, $(grep -c '(import' other.wat.out) import"
grep -q 'infinite loop of imports' <<<"$own" && [[ -z $other && $(grep -c '(import' other.wat.out) == 1 ]] || { echo 'CHANGED'; exit 1; }
echo 'as described'
