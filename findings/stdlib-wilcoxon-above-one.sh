#!/usr/bin/env bash
# @stdlib/stats-wilcoxon 0.2.3: the two-sided p-value of the exact signed-rank test is 1.25 for the sample (1, 2, -3): both tails hold the
# middle of the distribution, and their sum is not clipped at 1. SciPy 1.10.1 gives 1 for it. Where a sample has ties, as (2, -2, 4), the
# normal approximation is taken even for three numbers: 0.586 where the exact value is 0.75.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund @stdlib/stats-wilcoxon@0.2.3 >/dev/null 2>&1
cat >seen.mjs <<'JS'
import wilcoxon from '@stdlib/stats-wilcoxon';
const p = (x) => wilcoxon(x).pValue.toFixed(3);
console.log([p([1, 2, -3]), p([1, 2, 3]), p([2, -2, 4])].join(' '));
JS
seen=$(node seen.mjs)
echo "p-values of (1, 2, -3), (1, 2, 3), (2, -2, 4): $seen"
[[ $seen == '1.250 0.250 0.586' ]] || { echo 'this has changed'; exit 1; }
