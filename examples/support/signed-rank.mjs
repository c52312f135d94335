// Wilcoxon's signed-rank test: whether paired differences lie around 0.

/**
 * The exact two-sided test, also with ties: given the sizes of the differences, under the hypothesis every sign is as likely
 * as the other, so that the distribution of the sum of the ranks of positive ones is counted.
 * @param differences of pairs; those that are 0 are left out (Wilcoxon's rule).
 * @returns { n, positive, negative, p }: pairs that differ, the sums of ranks of positive and negative ones, and the probability of
 * sums at least as unequal.
 */
export function signedRankTest(differences) {
  const sorted = differences.filter((d) => d !== 0).sort((a, b) => Math.abs(a) - Math.abs(b));
  const n = sorted.length;
  // Twice the ranks, which are whole numbers: equal sizes share the mean of theirs.
  const ranks = new Array(n);
  for (let from = 0, to = 0; from < n; from = to) {
    while (to < n && Math.abs(sorted[to]) === Math.abs(sorted[from])) to++;
    ranks.fill(from + 1 + to, from, to);
  }
  const total = n * (n + 1);
  const positive = ranks.reduce((sum, rank, i) => sum + (sorted[i] > 0 ? rank : 0), 0);
  const probability = new Float64Array(total + 1);
  probability[0] = 1;
  let reached = 0;
  for (const rank of ranks) {
    reached += rank;
    for (let s = reached; s >= 0; s--)
      probability[s] = (probability[s] + (s >= rank ? probability[s - rank] : 0)) / 2;
  }
  const tail = probability.subarray(0, Math.min(positive, total - positive) + 1).reduce((a, b) => a + b, 0);
  return { n, positive: positive / 2, negative: (total - positive) / 2, p: Math.min(1, 2 * tail) };
}
