/** @file Names of lesson 6's stages, suspects and fixes, and what is said of each. */
import { m } from '../../../messages/messages';
import type { Fix } from '../../../lessons/pipeline-experiment';
import type { Words } from '../../../lessons/lesson';
import type { PipelineStage, Suspect } from '../../../state/lesson-pipeline.svelte';

/** What each stage is called, and what its data are. */
export const STAGE_WORDS: Readonly<Record<PipelineStage, { readonly name: Words; readonly about: Words }>> = {
  demonstrations: { name: m.lesson6_stage_demonstrations, about: m.lesson6_about_demonstrations },
  answers: { name: m.lesson6_stage_answers, about: m.lesson6_about_answers },
  comparisons: { name: m.lesson6_stage_comparisons, about: m.lesson6_about_comparisons },
  improved: { name: m.lesson6_stage_improved, about: m.lesson6_about_improved },
  pairs: { name: m.lesson6_stage_pairs, about: m.lesson6_about_pairs },
};

/** What whoever accuses a suspect is told to look at. */
export const SUSPECT_WORDS: Readonly<Record<Suspect, { readonly name: Words; readonly says: Words }>> = {
  demonstrations: { name: m.lesson6_suspect_demonstrations, says: m.lesson6_says_demonstrations },
  annotators: { name: m.lesson6_suspect_annotators, says: m.lesson6_says_annotators },
  improved: { name: m.lesson6_suspect_improved, says: m.lesson6_says_improved },
  rl: { name: m.lesson6_suspect_rl, says: m.lesson6_says_rl },
};

/** What each fix does. */
export const FIX_WORDS: Readonly<Record<Fix, Words>> = {
  none: m.lesson6_fix_none,
  careful: m.lesson6_fix_careful,
  compare: m.lesson6_fix_compare,
  'leave-out': m.lesson6_fix_leave_out,
  proofread: m.lesson6_fix_proofread,
};
