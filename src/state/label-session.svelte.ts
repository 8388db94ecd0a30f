/**
 * @file The labelling session: what is asked next, what the labeller has chosen so far, and the label that is saved.
 *
 * Answers take a second to draw, so the next task is always drawn ahead, while the present one is read. Whoever changes
 * how they want to be asked gets new tasks at once; what was drawn for the old wish is dropped.
 */
import type { Verdict } from '../core/preferences/comparison';
import { Random } from '../core/random';
import { m } from '../messages/messages';
import { SUGGESTED_PROMPTS } from '../core/world/suggestions';
import type { Completion } from '../protocol/generate';
import type { Failure } from '../protocol/load';
import { isoNow } from './iso-now';
import { ownPromptsOf, readLabelOptions, type LabelOptions } from './label-options';
import {
  chooseAnswers,
  distinct,
  labelsOf,
  orderOf,
  progressOf,
  repeatTask,
  sourcesOf,
  type Candidate,
  type LabelTask,
} from './label-tasks';
import type { Labels } from './labels.svelte';
import { MAX_PROMPT_LENGTH } from './sampling';
import type { Storage } from './storage.svelte';
import type { TrainerClient } from './trainer-client.svelte';

/** Answers drawn of each model, of which some are shown. One number for all options: each compiles programs of its own. */
const NUM_DRAWN = 4;
const MAX_TOKENS = 112;
/** A prompt that all models answer alike is left for another, this often. */
const MAX_TRIES = 4;
const OPTIONS_KEY = 'label-options';

/** What the session needs of the rest. */
export interface SessionHelp {
  /** A request of the world's own. */
  readonly worldPrompt: (random: Random) => string;
  /** Told of every answer drawn. */
  readonly drawn: (prompt: string, completion: Completion) => void;
  /** True once there is a trained policy to ask. */
  readonly hasYours: () => boolean;
  /** The reward that the labels so far teach; null while there are too few. */
  readonly score: () => ((completion: Completion) => number) | null;
}

type Drawn = { readonly type: 'task'; readonly task: LabelTask } | Failure | { readonly type: 'stopped' };

/** One labeller at work on the open set. */
export class LabelSession {
  options = $state.raw<LabelOptions>(readLabelOptions(null));
  /** What is before the labeller; null while it is drawn. */
  task = $state.raw<LabelTask | null>(null);
  failure = $state.raw<Failure | null>(null);
  verdict = $state<Verdict | null>(null);
  strength = $state<number | null>(null);
  /** Places given so far in a ranking, 1 the best; null where none is given. */
  places = $state.raw<readonly (number | null)[]>([]);
  /** The answers in the order of their places so far; those without one after them, as shown first. */
  order = $derived.by(() => orderOf(this.places));
  note = $state('');
  /** True while the last label given here can be taken back: not from another set than it went to. */
  canUndo = $derived.by(() => this.#saved !== null && this.#saved.setId === this.labels.openId);
  progress = $derived.by(() => progressOf(this.labels.list, this.options.annotator));
  isRanking = $derived(this.task !== null && this.task.answers.length > 2);
  canSave = $derived(this.isRanking ? this.places.length > 0 && this.places.every((place) => place !== null) : this.verdict !== null);

  readonly labels: Labels;
  #client: TrainerClient;
  #storage: Storage;
  #help: SessionHelp;
  #random = new Random(Date.now());
  #draws = 0;
  /** The last label given here, and the set it went to. */
  #saved = $state.raw<{ readonly task: LabelTask; readonly ids: readonly string[]; readonly setId: string } | null>(null);
  /** The task drawn ahead. */
  #next: Promise<Drawn> | null = null;
  /** Number of the present wish; what was drawn for an earlier one is dropped. */
  #turn = 0;
  #startedMs = 0;
  /** True when the page was out of sight meanwhile: then the time says nothing. */
  #wasAway = false;

  constructor(client: TrainerClient, storage: Storage, labels: Labels, help: SessionHelp) {
    this.#client = client;
    this.#storage = storage;
    this.labels = labels;
    this.#help = help;
  }

  /** Reads the options of earlier visits. */
  async load(): Promise<void> {
    this.options = readLabelOptions(await this.#storage.option(OPTIONS_KEY));
  }

  /** Asks, if nothing is asked yet. */
  begin(): void {
    this.#startedMs = performance.now();
    if (this.task === null) void this.#advance();
  }

  /** Changes how the labeller is asked; unless only the name changed, by a new task. */
  set(change: Partial<LabelOptions>): void {
    this.options = { ...this.options, ...change };
    void this.#storage.setOption(OPTIONS_KEY, this.options);
    if (Object.keys(change).every((key) => key === 'annotator' || key === 'repeats')) return;
    this.#turn += 1;
    this.#next = null;
    void this.#advance();
  }

  /** Says which answer is better. A strength that says otherwise is forgotten. */
  judge(verdict: Verdict): void {
    if (this.isRanking || !this.task) return;
    this.verdict = verdict;
    const { strength } = this;
    const agrees =
      strength !== null && (verdict === 'a' ? strength < 4 : verdict === 'b' ? strength > 4 : verdict === 'tie' && strength === 4);
    if (!agrees) this.strength = null;
  }

  /** Says how much better, 1 (the first much better) to 7, which says which one too. */
  judgeStrength(strength: number): void {
    if (this.isRanking || !this.task) return;
    this.strength = strength;
    this.verdict = strength < 4 ? 'a' : strength > 4 ? 'b' : 'tie';
  }

  /** Gives an answer a place in the ranking; null takes it away. Equal places are ties. */
  place(index: number, place: number | null): void {
    this.places = this.places.map((old, other) => (other === index ? place : old));
  }

  /** Gives an answer the next place, after those already given. */
  placeNext(index: number): void {
    if (this.places[index] !== null) return;
    this.place(index, 1 + this.places.filter((place) => place !== null).length);
  }

  /** Ranks all answers at once, best first. */
  arrange(order: readonly number[]): void {
    this.places = this.places.map((_, index) => order.indexOf(index) + 1);
  }

  /** Takes back the places given. */
  clearPlaces(): void {
    this.places = this.places.map(() => null);
  }

  /** Stores what was said and asks the next. */
  async save(): Promise<void> {
    const { task, canSave } = this;
    if (!task || !canSave) return;
    const labels = labelsOf(task, {
      verdict: this.verdict,
      strength: this.strength,
      places: this.isRanking ? (this.places as readonly number[]) : null,
      note: this.note.trim(),
      annotator: this.options.annotator,
      time: isoNow(),
      durationMs: this.#wasAway ? null : Math.round(performance.now() - this.#startedMs),
    });
    this.#saved = { task, ids: labels.map(({ id }) => id), setId: this.labels.openId };
    const stored = this.labels.add(labels);
    void this.#advance();
    await stored;
  }

  /** Asks another; nothing is stored. */
  skip(): void {
    void this.#advance();
  }

  /** Takes the last label back and asks it again; what is asked now comes after it. */
  async undo(): Promise<void> {
    const saved = this.#saved;
    if (!saved || !this.canUndo) return;
    this.#saved = null;
    const { task, failure } = this;
    this.#turn += 1;
    if (task && !failure) this.#next = Promise.resolve({ type: 'task', task });
    this.#ask(saved.task);
    await this.labels.remove(saved.ids, saved.setId);
  }

  /** The time of a label says nothing when the page was out of sight. */
  away(): void {
    this.#wasAway = true;
  }

  async #advance(numStopped = 0): Promise<void> {
    const turn = ++this.#turn;
    const drawn = this.#next ?? this.#draw();
    this.#next = null;
    this.task = null;
    this.failure = null;
    const outcome = await drawn;
    if (turn !== this.#turn) return;
    switch (outcome.type) {
      case 'task':
        this.#ask(outcome.task);
        break;
      case 'failed':
        this.failure = outcome;
        break;
      case 'stopped':
        // Somebody else wanted the models; what they were drawing for us has to be drawn again.
        if (numStopped < MAX_TRIES) void this.#advance(numStopped + 1);
        else this.failure = { type: 'failed', code: 'bad-request', detail: m.label_stopped_again() };
        break;
      default:
        outcome satisfies never;
    }
  }

  #ask(task: LabelTask): void {
    this.task = task;
    this.failure = null;
    this.verdict = null;
    this.strength = null;
    this.note = '';
    this.places = task.answers.map(() => null);
    this.#startedMs = performance.now();
    this.#wasAway = false;
    this.#next ??= this.#draw();
  }

  /** Draws answers to the next prompt and chooses among them. */
  async #draw(): Promise<Drawn> {
    const { options } = this;
    const repeat = options.repeats && options.numAnswers === 2 ? repeatTask(this.labels.list, options.annotator, this.#random) : null;
    if (repeat) return { type: 'task', task: repeat };
    const wanted = options.models.filter((model) => model !== 'yours' || this.#help.hasYours());
    const models = wanted.length > 0 ? wanted : (['sft'] as const);
    for (let attempt = 1; ; attempt++) {
      const prompt = this.#prompt();
      const candidates: Candidate[] = [];
      for (const { model, temperature, name } of sourcesOf(models, options)) {
        const outcome = await this.#client.sampleGroup({
          model,
          prompt,
          numSamples: NUM_DRAWN,
          seed: this.#random.integer(1_000_000),
          temperature,
          maxTokens: MAX_TOKENS,
        });
        if (outcome.type !== 'completed') return outcome;
        for (const completion of outcome.completions) this.#help.drawn(prompt, completion);
        candidates.push(...outcome.completions.map((completion) => ({ text: completion.text, model: name, completion })));
      }
      const different = distinct(candidates);
      if (different.length < options.numAnswers && attempt < MAX_TRIES) continue;
      if (different.length < 2) {
        return {
          type: 'failed',
          code: 'bad-request',
          detail: m.label_all_alike({ prompt }),
        };
      }
      const count = Math.min(options.numAnswers, different.length);
      const answers = chooseAnswers(different, count, options.strategy, this.#help.score(), this.#random);
      return { type: 'task', task: { id: crypto.randomUUID(), prompt, answers, repeatOf: null } };
    }
  }

  #prompt(): string {
    const { options } = this;
    const own = ownPromptsOf(options, MAX_PROMPT_LENGTH);
    this.#draws += 1;
    if (options.prompts === 'own' && own.length > 0) return own[this.#draws % own.length]!;
    if (options.prompts === 'suggestions') return SUGGESTED_PROMPTS[this.#draws % SUGGESTED_PROMPTS.length]!;
    return this.#help.worldPrompt(this.#random);
  }
}
