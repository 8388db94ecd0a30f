/**
 * @file Preference pairs: what a list of labels says to whatever learns from pairs, DPO and neural reward models alike.
 *
 * Which labels teach, and by how much? Those with a winner, the winner first, strength as margin (Llama 2, arXiv 2307.09288).
 * Ties and "both bad" put neither answer first, so the Bradley–Terry loss has nothing to learn from them; the fit over named
 * features, which has a model of ties, takes them itself. A pair asked twice is two observations and stays twice.
 */
import { marginOf, type Comparison } from './comparison';

/** Two answers to one prompt, the better one first, in TRL's names. */
export interface PreferencePair {
  readonly prompt: string;
  readonly chosen: string;
  readonly rejected: string;
  /** How much better, in reward, 0 to 1; 0 when no strength was given. See {@link marginOf}. */
  readonly margin: number;
}

/** The pairs that labels give, in their order; not the labels whose answers read the same, between which nobody can learn to choose. */
export function pairsOf(labels: readonly Comparison[]): readonly PreferencePair[] {
  return labels.flatMap(({ prompt, a, b, verdict, strength }) => {
    if ((verdict !== 'a' && verdict !== 'b') || a === b) return [];
    const [chosen, rejected] = verdict === 'a' ? [a, b] : [b, a];
    return [{ prompt, chosen, rejected, margin: marginOf(strength) }];
  });
}
