/**
 * @file One check of the self-test: what it is called, how it is done, and what it found.
 */

/** What a check found, in words that a reader of a bug report understands. */
export interface Finding {
  readonly passed: boolean;
  readonly detail: string;
}

/** A check. It fails by its finding, or by throwing. */
export interface Check {
  readonly group: string;
  readonly name: string;
  readonly run: () => Promise<Finding>;
}

/** A comparison with a stated bound. `error` is relative to the largest number expected. */
export interface Comparison {
  readonly what: string;
  readonly error: number;
  readonly allowed: number;
}

/** "3e−7", with a minus sign at which no line breaks; equal numbers are "0". */
const short = (number: number) => (number === 0 ? '0' : number.toExponential(0).replace('e+', 'e').replace('-', '−'));

/** Passes when every comparison is within its bound. */
export function judge(comparisons: readonly Comparison[]): Finding {
  return {
    passed: comparisons.length > 0 && comparisons.every(({ error, allowed }) => error <= allowed),
    detail: comparisons.map(({ what, error, allowed }) => `${what} off by ${short(error)} (allowed ${short(allowed)})`).join(', '),
  };
}
