/**
 * @file Packing token sequences into the rectangles that programs take.
 *
 * Rows are padded on the right. A row of T + 1 tokens has T predictions; prediction t is of token t + 1, so the tokens
 * of a completion that starts at position p are predicted at p − 1 and after.
 */

/** A prompt and what follows it, as token ids. */
export interface Sequence {
  readonly promptTokens: readonly number[];
  readonly completionTokens: readonly number[];
  /** Which of the completion's tokens count: an assistant's turns in a dialogue, not the user's between them. Absent: all. */
  readonly completionMask?: readonly boolean[];
}

/** Places in the completion of the tokens that count, ascending. @throws RangeError when the mask is not as long as the completion */
export function countedPlaces({ completionTokens, completionMask }: Sequence): number[] {
  const places = Array.from(completionTokens.keys());
  if (!completionMask) return places;
  if (completionMask.length !== places.length) throw new RangeError(`a mask of ${completionMask.length} for ${places.length} tokens`);
  return places.filter((place) => completionMask[place]);
}

/** Packed rows. */
export interface PackedBatch {
  /** int32 `[B, T + 1]` */
  readonly tokens: Int32Array;
  /** 1 where the token predicted belongs to a completion and counts. `[B, T]` */
  readonly completionMask: Float32Array;
  /** Sum of the mask. */
  readonly numCompletionTokens: number;
}

/**
 * Packs sequences, cutting what is too long; rows beyond the sequences are padding.
 *
 * @param batch B; at least the number of sequences
 * @param length T
 */
export function packSequences(sequences: readonly Sequence[], batch: number, length: number, padTokenId: number): PackedBatch {
  if (sequences.length > batch) throw new RangeError(`${sequences.length} sequences for ${batch} rows`);
  const tokens = new Int32Array(batch * (length + 1)).fill(padTokenId);
  const completionMask = new Float32Array(batch * length);
  let numCompletionTokens = 0;
  sequences.forEach(({ promptTokens, completionTokens, completionMask: counts }, row) => {
    const all = [...promptTokens, ...completionTokens].slice(0, length + 1);
    tokens.set(all, row * (length + 1));
    for (let position = Math.max(1, promptTokens.length); position < all.length; position++) {
      if (counts && !counts[position - promptTokens.length]) continue;
      completionMask[row * length + position - 1] = 1;
      numCompletionTokens++;
    }
  });
  return { tokens, completionMask, numCompletionTokens };
}
