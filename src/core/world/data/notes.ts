/**
 * @file Shop and office errands: short notes somebody wants written, and what must stand in them.
 */

/** One note. `to` follows "my" or "the" in `whom` ("my landlord") and stands after "Dear"; `heldout`: never asked for in training. */
export interface NoteOccasion {
  readonly name: string;
  /** Whom it goes to, as the asker says it: "my landlord". */
  readonly whom: string;
  /** After "Dear": "landlord". */
  readonly to: string;
  /** What it is about, after "about": "a dripping tap". */
  readonly about: string;
  /** One or two sentences that say it. */
  readonly body: readonly string[];
  readonly heldout: boolean;
}
