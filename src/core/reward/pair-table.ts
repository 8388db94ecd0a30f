/**
 * @file Comparisons as numbers, in one array each: what a fit over named features reads, and all that is sent to the thread that
 * fits. Tens of thousands of them are copied in a moment; as many objects would hold the sender up.
 */
import type { FeaturePair } from './bradley-terry';

/** Feature differences of comparisons. */
export interface PairTable {
  /** D */
  readonly numFeatures: number;
  /** x_chosen − x_rejected of those with a winner, `[N, D]`. */
  readonly differences: Float64Array;
  /** By how much the chosen one should lead, in reward, `[N]`; 0 when unknown. */
  readonly margins: Float64Array;
  /** x_a − x_b of the ties, `[T, D]`. */
  readonly ties: Float64Array;
}

/** Grows comparison by comparison. */
export class PairTableBuilder {
  readonly #differences: number[] = [];
  readonly #margins: number[] = [];
  readonly #ties: number[] = [];

  constructor(readonly numFeatures: number) {}

  /** One with a winner; `sign` −1 turns the difference round. */
  addPair(difference: readonly number[], sign: 1 | -1, margin: number): void {
    for (const value of difference) this.#differences.push(sign * value);
    this.#margins.push(margin);
  }

  /** One that is a tie. */
  addTie(difference: readonly number[]): void {
    for (const value of difference) this.#ties.push(value);
  }

  /** All of them. */
  get table(): PairTable {
    const floats = (values: readonly number[]) => new Float64Array(values);
    return {
      numFeatures: this.numFeatures,
      differences: floats(this.#differences),
      margins: floats(this.#margins),
      ties: floats(this.#ties),
    };
  }
}

/** How many comparisons with a winner there are. */
export const numPairsOf = ({ margins }: PairTable): number => margins.length;

/** The last `count` comparisons with a winner, without the ties. */
export function lastPairs({ numFeatures, differences, margins }: PairTable, count: number): PairTable {
  const start = Math.max(0, margins.length - count);
  return {
    numFeatures,
    differences: differences.slice(start * numFeatures),
    margins: margins.slice(start),
    ties: new Float64Array(0),
  };
}

/** The comparisons with a winner as a regression reads them. */
export function pairsIn({ differences, margins, numFeatures }: PairTable): readonly FeaturePair[] {
  const rows = rowsOf(differences, numFeatures);
  return rows.map((difference, row) => ({ difference, margin: margins[row]! }));
}

/** The ties as a regression reads them. */
export const tiesIn = ({ ties, numFeatures }: PairTable): readonly (readonly number[])[] => rowsOf(ties, numFeatures);

function rowsOf(values: Float64Array, width: number): number[][] {
  return Array.from({ length: values.length / width }, (_, row) => Array.from(values.subarray(row * width, (row + 1) * width)));
}
