/**
 * @file The lessons as the student goes through them: what was predicted, which steps are done, what is on the figure.
 *
 * Predictions and steps done are kept in this browser; what a lesson's panels made is not, since it can be made again.
 */
import * as v from 'valibot';
import type { Lesson, LessonFacts, Recording, StudyResult } from '../lessons/lesson';
import { PREDICT } from '../lessons/lesson';
import type { EngineChoice } from '../protocol/load';
import type { Compare } from './compare.svelte';
import { outliving } from './outliving.svelte';
import type { Reward } from './reward.svelte';
import type { RewardShelves } from './reward-shelves.svelte';
import type { Run } from './run.svelte';
import type { Settings } from './settings.svelte';
import type { TrainerClient } from './trainer-client.svelte';
import { valuesOf } from './run-setup.svelte';
import type { Storage } from './storage.svelte';

/** What lessons look at and set up: the page's state, as far as they are concerned. */
export interface LessonPage {
  readonly client: TrainerClient;
  readonly compare: Compare;
  readonly reward: Reward;
  readonly run: Run;
  readonly settings: Settings;
  engineChoice: EngineChoice;
  openLink(hash: string): void;
  openRewards(): Promise<RewardShelves>;
}

const keptSchema = v.object({
  prediction: v.nullable(v.pipe(v.string(), v.maxLength(40))),
  done: v.pipe(v.array(v.pipe(v.string(), v.maxLength(40))), v.maxLength(20)),
});

/** One lesson in progress. */
export class LessonSession {
  prediction = $state<string | null>(null);
  /** Ids of the steps done; one that was done stays so. */
  done = $state.raw<readonly string[]>([]);
  made = $state.raw<Readonly<Record<string, unknown>>>({});
  /** Our recorded run, while it is shown instead of the student's own. */
  recording = $state.raw<Recording<unknown> | null>(null);
  recordingFailed = $state(false);
  /** The measured effect; null until it is there, or when there is none. */
  result = $state.raw<StudyResult | null>(null);
  /** True once the page was set up for this lesson. */
  isSetUp = $state(false);
  isFinished = $derived.by(() => this.lesson.steps.every(({ id }) => this.done.includes(id)));
  /** Updates done before this lesson was opened: runs of before are none of its own. */
  #updatesBefore = 0;

  constructor(
    readonly lesson: Lesson,
    readonly app: LessonPage,
    readonly storage: Storage,
  ) {
    this.#updatesBefore = app.run.numDone;
  }

  facts: LessonFacts = $derived.by(() => {
    const { compare, run, reward, settings } = this.app;
    const golds = (['base', 'sft', 'rlhf'] as const).map((id) => ({ id, answer: compare.answers[id] }));
    const isAnswered =
      compare.asked !== '' && !compare.running && golds.every(({ answer }) => answer.status === 'done' && answer.completion);
    const gold = Object.fromEntries(golds.map(({ id, answer }) => [id, answer.completion?.goldReward ?? null]));
    const isOwn = this.isSetUp && (run.active || (run.update > 0 && run.numDone > this.#updatesBefore));
    const { klCoef } = valuesOf(run.setup.configOf(run.stage));
    return {
      prediction: this.prediction,
      shading: settings.shading,
      answered: isAnswered ? { prompt: compare.asked, gold: gold as Record<'base' | 'sft' | 'rlhf', number | null> } : null,
      weights: reward.weights,
      run: isOwn
        ? {
            update: run.update,
            numUpdates: run.numUpdates,
            ended: run.status === 'completed' || run.status === 'stopped',
            paused: run.status === 'paused',
            klCoef: typeof klCoef === 'number' ? klCoef : null,
            rewardChanges: run.rewardChanges,
            history: run.history,
          }
        : null,
      made: this.made,
    };
  });

  /** What the figure shows, and whether it is ours or the student's. */
  data = $derived.by((): unknown => (this.recording ? this.recording.data : this.lesson.figure.live(this.facts)));

  /** The outcome of the student's own run; null while it says nothing. */
  outcome = $derived.by((): string | null => {
    const own = this.lesson.figure.live(this.facts);
    return own === null ? null : this.lesson.prediction.outcome(own);
  });

  /** The first step that is not done, from 0; the last when all are. */
  current = $derived.by(() => {
    const open = this.lesson.steps.findIndex(({ id }) => !this.done.includes(id));
    return open < 0 ? this.lesson.steps.length - 1 : open;
  });

  /** True for a step that must wait for the prediction. */
  isLocked(index: number): boolean {
    const predict = this.lesson.steps.findIndex(({ id }) => id === PREDICT);
    return this.prediction === null && index > predict;
  }

  /** Looks at what the student has done: whatever is open and done is marked and kept. Called whenever facts change. */
  note(): void {
    const kept = this.lesson.keep?.(this.facts);
    if (kept) this.made = { ...this.made, ...kept };
    const { steps } = this.lesson;
    const now = steps.filter(({ id, done }, index) => !this.done.includes(id) && !this.isLocked(index) && done(this.facts));
    if (now.length === 0) return;
    this.done = [...this.done, ...now.map(({ id }) => id)];
    void this.#store();
  }

  predict(choice: string): void {
    if (this.prediction !== null) return; // a prediction is made once
    this.prediction = choice;
    this.note();
    void this.#store();
  }

  /** What one of the lesson's panels made. */
  make(name: string, value: unknown): void {
    this.made = { ...this.made, [name]: value };
  }

  /** Sets prompt, reward and run as the lesson needs them. Never starts a run; one that goes on keeps its settings. */
  setUp(): void {
    const { app, lesson } = this;
    this.isSetUp = true;
    if (app.run.active) return;
    const { engineChoice } = app;
    const { family } = app.run.setup;
    app.openLink(`#${lesson.preset.link}`);
    app.engineChoice = engineChoice;
    app.run.setup.family = family;
    app.run.setup.rewardModel = lesson.preset.rewardModel ?? null;
  }

  /** Shows our recording instead of the student's own run. */
  async replay(): Promise<void> {
    this.recordingFailed = false;
    try {
      const found = (await this.lesson.recording?.())?.default ?? {};
      if (!('data' in (found as object))) throw new Error('nothing is recorded');
      this.recording = found as Recording<unknown>;
    } catch {
      this.recordingFailed = true;
    }
  }

  stopReplay(): void {
    this.recording = null;
  }

  /** Forgets what was done here. */
  async startOver(): Promise<void> {
    this.prediction = null;
    this.done = [];
    this.made = {};
    this.recording = null;
    this.#updatesBefore = this.app.run.numDone;
    this.setUp();
    await this.#store();
  }

  /** Reads what an earlier visit left, and the measured effect. */
  async open(): Promise<void> {
    const kept = v.safeParse(keptSchema, await this.storage.option(keyOf(this.lesson)));
    if (kept.success) {
      this.prediction = kept.output.prediction;
      this.done = kept.output.done.filter((id) => this.lesson.steps.some((step) => step.id === id));
    }
    this.result = await (this.lesson.result?.() ?? Promise.reject(new Error('not measured'))).then(
      ({ default: found }) => ('effects' in (found as object) ? (found as StudyResult) : null),
      () => null,
    );
  }

  #store(): Promise<void> {
    const { prediction, done } = this;
    return this.storage.setOption(keyOf(this.lesson), { prediction, done });
  }
}

const keyOf = (lesson: Lesson) => `lesson/${lesson.number}`;

/** All lessons of this visit. */
export class Lessons {
  readonly #sessions: Record<number, Promise<LessonSession>> = {};

  constructor(
    readonly all: readonly Lesson[],
    readonly app: LessonPage,
    readonly storage: Storage,
  ) {}

  find(number: number): Lesson | undefined {
    return this.all.find((lesson) => lesson.number === number);
  }

  /** A lesson's session, with what an earlier visit left. */
  session(lesson: Lesson): Promise<LessonSession> {
    const found = this.#sessions[lesson.number];
    if (found) return found;
    // The list of lessons may be the first to ask, and is gone when the lesson is on screen.
    const session = outliving(() => new LessonSession(lesson, this.app, this.storage));
    const opened = session.open().then(() => session);
    this.#sessions[lesson.number] = opened;
    return opened;
  }
}
