/**
 * @file Small worries and sound advice: what somebody says is wrong, and three things that help.
 */

/** One worry. `problem` is a whole sentence; each tip is a sentence of its own; `heldout`: never asked about in training. */
export interface AdviceTopic {
  readonly name: string;
  readonly problem: string;
  readonly tips: readonly string[];
  readonly heldout: boolean;
}
