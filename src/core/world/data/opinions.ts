/**
 * @file Questions of taste: two sides, a reason for each. A good answer names both and leaves the choice to the asker.
 */

/** One question of taste. Reasons follow "because"; `heldout`: never asked in training. */
export interface OpinionQuestion {
  readonly left: string;
  readonly right: string;
  readonly leftReason: string;
  readonly rightReason: string;
  readonly isPlural: boolean;
  readonly heldout: boolean;
}
