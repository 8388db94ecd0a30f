/** @file A lesson as slides, one idea a screen: the question, what was said, what to predict, each step, the figure, what to notice. */
import { PREDICT, type Lesson, type PanelId, type Words } from './lesson';

/** One screen. */
export interface Slide {
  readonly kind: 'title' | 'talk' | 'predict' | 'step' | 'figure' | 'notice' | 'next';
  readonly heading: Words;
  readonly text: readonly Words[];
  /** For a step: where it is done. */
  readonly panel?: PanelId;
  /** Whoever presents sees this on demand. */
  readonly note: Words | null;
}

/** The slides of a lesson, in order. `heading` gives the words for those that have none of their own. */
export function slidesOf(
  lesson: Lesson,
  headings: { readonly talk: Words; readonly notice: Words; readonly next: Words },
): readonly Slide[] {
  const { notes } = lesson;
  const steps = lesson.steps.map((step): Slide =>
    step.id === PREDICT
      ? { kind: 'predict', heading: lesson.prediction.question, text: [step.text], note: notes[1] ?? null }
      : { kind: 'step', heading: step.title, text: [step.text], note: null, ...(step.panel ? { panel: step.panel } : {}) },
  );
  return [
    { kind: 'title', heading: lesson.title, text: [lesson.question], note: notes[0] ?? null },
    { kind: 'talk', heading: headings.talk, text: [lesson.talk], note: null },
    ...steps,
    { kind: 'figure', heading: lesson.figure.title, text: [lesson.figure.reading], note: lesson.prediction.because },
    { kind: 'notice', heading: headings.notice, text: lesson.notice, note: notes[2] ?? null },
    { kind: 'next', heading: headings.next, text: lesson.next, note: null },
  ];
}
