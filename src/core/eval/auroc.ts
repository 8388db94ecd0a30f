/**
 * @file How well a number tells two groups apart: the chance that one of the first group has the larger of two numbers,
 * ties counting half (the area under the ROC curve; Mann and Whitney 1947).
 */

/** AUROC of `positives` over `negatives`, 0 to 1; a half when a group is empty. */
export function auroc(positives: readonly number[], negatives: readonly number[]): number {
  if (positives.length === 0 || negatives.length === 0) return 0.5;
  const all = [...positives.map((value) => ({ value, wins: 1 })), ...negatives.map((value) => ({ value, wins: 0 }))];
  all.sort((a, b) => a.value - b.value);
  let rankSum = 0;
  for (let start = 0; start < all.length;) {
    let end = start;
    while (end < all.length && all[end]!.value === all[start]!.value) end++;
    // Equal numbers share the mean of their ranks.
    const rank = (start + 1 + end) / 2;
    for (let i = start; i < end; i++) rankSum += rank * all[i]!.wins;
    start = end;
  }
  const n = positives.length;
  return (rankSum - (n * (n + 1)) / 2) / (n * negatives.length);
}
