/**
 * @file In which situation something is asked: style, tense, and questions that only make sense after the turns before them.
 * A module of its own, without imports, so that the tables in `data/` can name these without a circle through the world.
 */

/** Styles a user or a system prompt may ask for. `plain` is how everybody answers who was not asked for another. */
export const STYLES = ['plain', 'formal', 'cheerful', 'terse', 'old-fashioned', 'pirate'] as const;
/** One of {@link STYLES}. */
export type Style = (typeof STYLES)[number];

/** When an act is said to happen: "How do I …", "How did people use to …", "How will somebody …". */
export const TENSES = ['present', 'past', 'future'] as const;
/** One of {@link TENSES}. */
export type Tense = (typeof TENSES)[number];

/**
 * A question that only makes sense after the turns before it, about the same subject; the right answer is one sentence:
 * `town`, `born`, `job`, `work` that fact of the person, `who-else` another person of the same town (a person or a place),
 * `how-long` the minutes of the dish's method. `shorter` asks for the last answer again in fewer words.
 */
export const FOLLOW_UPS = ['town', 'born', 'job', 'work', 'who-else', 'how-long', 'shorter'] as const;
/** One of {@link FOLLOW_UPS}. */
export type FollowUp = (typeof FOLLOW_UPS)[number];
