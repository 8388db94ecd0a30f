/**
 * @file Summaries of repeated timings. Medians and quartiles, because a busy machine's errors are all on one side.
 */

/** A repeated measurement: median, and the middle half's bounds. Units are the caller's. */
export interface Summary {
  readonly median: number;
  readonly lowerQuartile: number;
  readonly upperQuartile: number;
  readonly count: number;
}

/**
 * The value below which a share of the samples lies, linearly between samples (type 7 of Hyndman and Fan 1996, as NumPy).
 * @throws RangeError without samples
 */
export function quantile(samples: readonly number[], share: number): number {
  if (samples.length === 0) throw new RangeError('there is no quantile of no samples');
  const sorted = [...samples].sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (at - below) * (sorted[above]! - sorted[below]!);
}

/** Median and quartiles. @throws RangeError without samples */
export function summarise(samples: readonly number[]): Summary {
  return {
    median: quantile(samples, 0.5),
    lowerQuartile: quantile(samples, 0.25),
    upperQuartile: quantile(samples, 0.75),
    count: samples.length,
  };
}

/** The summary of `amount / sample`: durations to rates. The order of the quartiles turns round. */
export function rateOf({ median, lowerQuartile, upperQuartile, count }: Summary, amount: number): Summary {
  return { median: amount / median, lowerQuartile: amount / upperQuartile, upperQuartile: amount / lowerQuartile, count };
}
