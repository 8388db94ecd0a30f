/**
 * @file How varied a set of texts is, after Kirk et al. (arXiv 2310.06452): does RLHF make a model say one thing?
 *
 * Per-input diversity looks at many samples of one prompt, across-input at one sample of many prompts; the measures are
 * the same. EAD counts different n-grams against how many chance would give; self-BLEU (arXiv 1802.01886) is how well each
 * text can be put together from the others, so 1 is no variety at all.
 */
import { mean } from '../rl/advantages';

const MAX_N = 5;

/** Each run of `n` items with how often it occurs. */
function gramCounts(items: readonly (string | number)[], n: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i + n <= items.length; i++) {
    const gram = items.slice(i, i + n).join(' ');
    counts.set(gram, (counts.get(gram) ?? 0) + 1);
  }
  return counts;
}

/**
 * Expectation-adjusted distinctness of `numDistinct` among `count` things drawn from `vocabularySize`: 1 when there are as
 * many different ones as drawing evenly at random would give.
 */
export function expectationAdjusted(numDistinct: number, count: number, vocabularySize: number): number {
  if (count === 0) return 0;
  // 1 − ((V−1)/V)^C without losing the digits of a large V
  return numDistinct / (vocabularySize * -Math.expm1(count * Math.log1p(-1 / vocabularySize)));
}

/** EAD of texts given as token ids, averaged over n = 1 … 5. @param vocabularySize the model's own V */
export function expectationAdjustedDistinctness(texts: readonly (readonly number[])[], vocabularySize: number): number {
  const perLength = Array.from({ length: MAX_N }, (_, i) => {
    const distinct = new Set<string>();
    let count = 0;
    for (const text of texts)
      for (const [gram, times] of gramCounts(text, i + 1)) {
        distinct.add(gram);
        count += times;
      }
    return expectationAdjusted(distinct.size, count, vocabularySize);
  });
  return mean(perLength);
}

/**
 * BLEU-4 of a text against references (Papineni et al. 2002): geometric mean of clipped n-gram precisions, times the
 * brevity penalty. Above one word, each count is one higher (smoothing 2 of Lin & Och 2004): short texts would all be 0.
 */
export function bleu(text: readonly string[], references: readonly (readonly string[])[]): number {
  if (text.length === 0 || references.length === 0) return 0;
  let logSum = 0;
  for (let n = 1; n <= 4; n++) {
    const most = new Map<string, number>();
    for (const reference of references)
      for (const [gram, count] of gramCounts(reference, n)) most.set(gram, Math.max(count, most.get(gram) ?? 0));
    let [found, total] = [0, 0];
    for (const [gram, count] of gramCounts(text, n)) {
      found += Math.min(count, most.get(gram) ?? 0);
      total += count;
    }
    const smooth = n > 1 ? 1 : 0;
    if (found + smooth === 0) return 0;
    logSum += Math.log((found + smooth) / (total + smooth));
  }
  // The reference whose length is nearest, of equals the shorter.
  const length = text.length;
  const nearest = references
    .map((reference) => reference.length)
    .reduce((best, each) => {
      const [a, b] = [Math.abs(each - length), Math.abs(best - length)];
      return a < b || (a === b && each < best) ? each : best;
    });
  return Math.exp(logSum / 4 + Math.min(0, 1 - nearest / length));
}

/** Mean BLEU of each text against the others, as words; 0 for fewer than two texts. */
export function selfBleu(texts: readonly (readonly string[])[]): number {
  if (texts.length < 2) return 0;
  return mean(
    texts.map((text, i) =>
      bleu(
        text,
        texts.filter((_, j) => j !== i),
      ),
    ),
  );
}

/** Entropy of a distribution given as weights, nats; zeros count nothing. */
export function entropyOf(weights: readonly number[]): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.reduce((sum, weight) => (weight > 0 ? sum - (weight / total) * Math.log(weight / total) : sum), 0);
}
