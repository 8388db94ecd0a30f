/**
 * @file What a lesson is: a short guided experiment that runs live on a real model, and can replay a recorded run of ours.
 *
 * How do I add one? One file `lesson-<number>.ts` beside this one, its words in `messages/<locale>/lesson-<number>.json`, and
 * `npm run -s aftertrain -- study lesson-<number>` for its recording and its measured effect. The index, the page, the presenter
 * mode, the worksheet and the syllabus are made from it. A new kind of experiment also needs a panel (src/ui/lessons/panels).
 *
 * Steps look at plain facts, never at the page's state, so a lesson can be tested in Node.
 */
import type { MetricName } from '../protocol/metrics';
import type { NeuralPart } from '../protocol/run';
import type { Figure } from './figure';

/** Text in the language of the moment: called when it is shown. */
export type Words = () => string;

/** The experiments that lessons are made of; each is a component. */
export type PanelId =
  'compare' | 'reward' | 'train' | 'labels' | 'cloud' | 'names' | 'demonstrations' | 'pipeline' | 'gao' | 'refusals' | 'leaning';

/** What the student has done so far, as plain data. */
export interface LessonFacts {
  /** The prediction made; null before. */
  readonly prediction: string | null;
  /** How tokens are shaded. */
  readonly shading: 'nothing' | 'surprise' | 'disagreement';
  /** The comparison on screen: gold by model, null off the map; null until all have answered. */
  readonly answered: { readonly prompt: string; readonly gold: Readonly<Record<'base' | 'sft' | 'rlhf', number | null>> } | null;
  /** Weights of the hand-tuned reward, by feature. */
  readonly weights: Readonly<Record<string, number>>;
  /** The run that was started in this lesson; null before. */
  readonly run: RunFacts | null;
  /** What the lesson's own panels made, and what it keeps: by name, its own affair. */
  readonly made: Readonly<Record<string, unknown>>;
}

/** A run, as a lesson sees it. */
export interface RunFacts {
  readonly update: number;
  readonly numUpdates: number;
  /** True when it has ended, by itself or stopped. */
  readonly ended: boolean;
  readonly paused: boolean;
  readonly klCoef: number | null;
  /** Updates after which the reward was changed by hand. */
  readonly rewardChanges: readonly number[];
  readonly history: readonly { readonly update: number; readonly metrics: Readonly<Partial<Record<MetricName, number>>> }[];
}

/** Something to do. */
export interface LessonStep {
  /** For tests and for what is kept; unique in the lesson. */
  readonly id: string;
  readonly title: Words;
  readonly text: Words;
  /** Where it is done; null for the prediction, which has a form of its own. */
  readonly panel: PanelId | null;
  readonly done: (facts: LessonFacts) => boolean;
  /** What is said of what the student did; null while there is nothing to say. */
  readonly says?: (facts: LessonFacts) => string | null;
}

/** A question answered before the run and compared with it after. */
export interface Prediction<Data> {
  readonly question: Words;
  readonly choices: readonly { readonly id: string; readonly words: Words }[];
  /** Which choice came true; null while the data do not say. */
  readonly outcome: (data: Data) => string | null;
  /** Why it came as it came. */
  readonly because: Words;
}

/** How the page is set up when a lesson is opened. A lesson never starts a run. */
export interface LessonPreset {
  /** As in a link: prompt, algorithm, settings and weights of the reward (see state/link.ts). */
  readonly link: string;
  /** The reward model that rewards runs besides the weights. */
  readonly rewardModel?: NeuralPart;
}

/** An answer kept with a recording. */
export interface RecordedAnswer {
  readonly prompt: string;
  readonly model: string;
  readonly text: string;
  readonly gold: number | null;
}

/** A run of ours, kept as JSON beside the lessons. */
export interface Recording<Data> {
  readonly seed: number;
  /** ISO 8601 date. */
  readonly date: string;
  readonly command: string;
  readonly data: Data;
  readonly answers: readonly RecordedAnswer[];
}

/** One claim of a lesson, and what must be measured for it to hold. */
export interface Target {
  readonly name: string;
  readonly words: Words;
  /** How values are written. */
  readonly unit: 'share' | 'points' | 'nats' | 'number';
  /** It holds when the interval's end nearer to the bound is on the right side of it. */
  readonly over?: number;
  readonly under?: number;
}

/** What came of a target over several seeds. */
export interface Effect {
  readonly name: string;
  /** One a seed. */
  readonly values: readonly number[];
  readonly mean: number;
  /** 95 % interval of the mean (Student's t); its own value where there is one seed. */
  readonly low: number;
  readonly high: number;
  readonly met: boolean;
}

/** A lesson's study: its effects, measured headless over several seeds. */
export interface StudyResult {
  readonly lesson: number;
  readonly command: string;
  readonly date: string;
  readonly models: string;
  readonly seeds: readonly number[];
  readonly effects: readonly Effect[];
}

/** A lesson. `Data` is what its key figure is drawn from, live or recorded: plain JSON. */
export interface Lesson<Data = unknown> {
  /** Its number in the course. */
  readonly number: number;
  /** How long it takes a student, and on the stage. */
  readonly minutes: { readonly student: number; readonly stage: number };
  readonly title: Words;
  readonly question: Words;
  /** Topic of the slide, and what was said there, in our words. */
  readonly slide: Words;
  readonly talk: Words;
  readonly doing: Words;
  readonly preset: LessonPreset;
  /** Three to six, the prediction among them, under the id `predict`. */
  readonly steps: readonly LessonStep[];
  readonly prediction: Prediction<Data>;
  /** What is to be remembered of a moment that passes, added to `made`; null for nothing new. */
  readonly keep?: (facts: LessonFacts) => Readonly<Record<string, unknown>> | null;
  readonly figure: {
    readonly title: Words;
    /** How to read it, in a sentence or two. */
    readonly reading: Words;
    /** What the student's own doing has given so far; null for nothing yet. */
    readonly live: (facts: LessonFacts) => Data | null;
    readonly draw: (data: Data) => Figure;
  };
  readonly notice: readonly Words[];
  readonly next: readonly Words[];
  readonly sources: readonly { readonly title: string; readonly url: string }[];
  /** For whoever teaches it: what to say, what to ask, what tends to go wrong. */
  readonly notes: readonly Words[];
  readonly worksheet: readonly { readonly ask: Words; readonly answer: Words }[];
  readonly targets: readonly Target[];
  /** Null for a lesson that has not been measured yet; the page says so. */
  readonly recording: (() => Promise<{ readonly default: unknown }>) | null;
  readonly result: (() => Promise<{ readonly default: unknown }>) | null;
}

/** Id of the step that is the prediction. */
export const PREDICT = 'predict';

/** The step's done-test that all predictions share. */
export const predicted = ({ prediction }: LessonFacts): boolean => prediction !== null;
