/**
 * @file The comparison: one prompt, one answer from each model, streamed side by side.
 *
 * Tokens arrive faster than screens are drawn, so they are added once per animation frame. A newer question makes
 * everything an older one still says void. While a run trains, `yours` answers again now and then, in one piece.
 */
import type { Completion, GeneratedToken } from '../protocol/generate';
import { broughtFamily } from '../protocol/brought';
import { isEngineLoss, type Failure, type ModelId } from '../protocol/load';
import type { Survey } from '../protocol/survey';
import { SAMPLING_DEFAULTS, type Sampling } from './sampling';
import type { TrainerClient } from './trainer-client.svelte';

/** The columns, left to right, where all are shown. */
const MODEL_IDS: readonly ModelId[] = ['base', 'sft', 'rlhf', 'dpo', 'yours'];

/** How many alternatives are asked for with each token. */
const NUM_ALTERNATIVES = 5;
/** `yours` answers again at most this often while a run trains. */
const REFRESH_MS = 3000;

/** One column. `waiting`: asked, nothing heard yet. */
export type AnswerStatus = 'empty' | 'waiting' | 'streaming' | 'done' | 'stopped' | 'failed';

/** One model's answer as it comes in. */
export class Answer {
  status = $state<AnswerStatus>('empty');
  tokens = $state.raw<readonly GeneratedToken[]>([]);
  completion = $state.raw<Completion | null>(null);
  failure = $state.raw<Failure | null>(null);
  /** KL from another model before each token, nats, once asked for (see `Compare.measureDisagreement`). */
  disagreement = $state.raw<readonly number[] | null>(null);
  /** For `yours`: the update after which it answered. */
  update = $state<number | null>(null);

  #arrived: GeneratedToken[] = [];
  #frame = 0;

  begin(): void {
    this.#drop();
    this.status = 'waiting';
    this.tokens = [];
    this.completion = null;
    this.failure = null;
    this.disagreement = null;
    this.update = null;
  }

  /** Adds tokens at the next frame. */
  add(tokens: readonly GeneratedToken[]): void {
    this.#arrived.push(...tokens);
    this.#frame ||= requestAnimationFrame(() => this.#show());
  }

  end(status: AnswerStatus, completion: Completion | null, failure: Failure | null): void {
    this.#show();
    this.status = status;
    this.completion = completion;
    this.failure = failure;
  }

  /** Puts a whole answer in place of the one before. */
  replace(tokens: readonly GeneratedToken[], completion: Completion, update: number): void {
    this.#drop();
    this.tokens = tokens;
    this.completion = completion;
    this.disagreement = null;
    this.failure = null;
    this.update = update;
    this.status = 'done';
  }

  clear(): void {
    this.begin();
    this.status = 'empty';
  }

  #show(): void {
    const arrived = this.#arrived;
    this.#drop();
    if (arrived.length === 0) return;
    this.tokens = [...this.tokens, ...arrived];
    this.status = 'streaming';
  }

  #drop(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#arrived = [];
  }
}

/** The prompt, how answers are drawn, and the four answers. */
export class Compare {
  prompt = $state('');
  sampling = $state<Sampling>({ ...SAMPLING_DEFAULTS });
  running = $state(false);
  /** The prompt the answers on screen belong to. */
  asked = $state('');
  /** What was found of the prompt asked when it is off the map; null otherwise, and until the answers are there. */
  offMap = $state.raw<Survey | null>(null);
  /** True once there is a trained policy to ask. */
  hasYours = $state(false);
  readonly answers: Readonly<Record<ModelId, Answer>> = {
    base: new Answer(),
    sft: new Answer(),
    rlhf: new Answer(),
    dpo: new Answer(),
    yours: new Answer(),
  };
  /** True when the DPO model was asked for: it is fetched with its first answer. */
  wantsDpo = $state(false);
  /** The DPO model as the family has it; null where it has none. */
  dpo = $derived.by(() => this.#client.later.find(({ id }) => id === 'dpo') ?? null);
  /** The columns, left to right. */
  columns: readonly ModelId[] = $derived(this.#columns());

  /** A family of one model has one column beside the reader's own. */
  #columns(): readonly ModelId[] {
    const { brought, family, models } = this.#client;
    const isBrought = brought !== null && family === broughtFamily(brought);
    if (isBrought) return MODEL_IDS.filter((id) => id === 'yours' || models.some((model) => model.id === id));
    return MODEL_IDS.filter((id) => id !== 'dpo' || (this.wantsDpo && this.dpo));
  }

  #client: TrainerClient;
  /** Number of the current question; answers to earlier ones are ignored. */
  #turn = 0;
  /** Columns whose answer broke off when the engine was lost. */
  #interrupted: readonly ModelId[] = [];
  #refreshing = false;
  #refreshedAt = -Infinity;
  /** Update to answer after, when one came while another answer was under way. */
  #due: number | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(client: TrainerClient) {
    this.#client = client;
  }

  /** Asks all models. Resolves to true when all have answered, false when stopped or replaced by a newer question. */
  async ask(prompt = this.prompt): Promise<boolean> {
    const trimmed = prompt.trim();
    if (trimmed === '' || this.#client.phase !== 'ready') return false;
    const turn = ++this.#turn;
    if (this.running) await this.#client.stopGenerating();
    if (turn !== this.#turn) return false;
    this.prompt = prompt;
    this.asked = trimmed;
    this.offMap = null;
    return this.#askAll(this.columns.filter((id) => id !== 'yours' || this.hasYours));
  }

  /** Shows the column of the DPO model, and asks it what the others were asked; or puts the column away. */
  async showDpo(wanted: boolean): Promise<void> {
    this.wantsDpo = wanted;
    if (!wanted) this.answers.dpo.clear();
    else if (this.asked !== '' && !this.running && this.#client.phase === 'ready') await this.#askAll(['dpo']);
  }

  /** Asks again for the answers that broke off when the engine was lost; the others stay. Resolves as `ask` does. */
  async resume(): Promise<boolean> {
    if (this.#client.phase !== 'ready') return false;
    return this.#interrupted.length === 0 || this.#askAll(this.#interrupted);
  }

  async #askAll(ids: readonly ModelId[]): Promise<boolean> {
    const turn = ++this.#turn;
    this.running = true;
    this.#interrupted = [];
    for (const id of ids) this.answers[id].begin();
    const endings = await Promise.all(ids.map((id) => this.#answer(id, turn)));
    if (turn !== this.#turn) return false;
    this.running = false;
    const isAnswered = endings.every(Boolean);
    if (isAnswered) void this.#survey(turn); // only now, so that it delays no answer
    return isAnswered;
  }

  /** Looks whether the world covers the prompt asked. One that cannot be looked up is taken to be on the map. */
  async #survey(turn: number): Promise<void> {
    const outcome = await this.#client.survey(this.asked);
    if (turn === this.#turn && outcome.type === 'completed') this.offMap = outcome.verdict === 'on-map' ? null : outcome;
  }

  /** Measures how far the model of each whole answer disagrees with the base model, and the base model with SFT. */
  async measureDisagreement(): Promise<void> {
    const { asked } = this;
    for (const id of this.columns) {
      const answer = this.answers[id];
      const { tokens } = answer;
      if (answer.status !== 'done' || answer.disagreement) continue;
      const against = id === 'base' ? 'sft' : 'base';
      const outcome = await this.#client.disagreement({ model: id, against, prompt: asked, tokens: tokens.map((token) => token.id) });
      if (outcome.type === 'completed' && answer.tokens === tokens) answer.disagreement = outcome.kl;
    }
  }

  /** Stops every answer where it is. */
  async stop(): Promise<void> {
    this.#turn += 1;
    this.running = false;
    for (const answer of Object.values(this.answers)) {
      if (answer.status === 'waiting' || answer.status === 'streaming') answer.end('stopped', null, null);
    }
    await this.#client.stopGenerating();
  }

  /** Lets `yours` answer again after `update`; when asked too often the last wish is granted later. */
  refreshYours(update: number, now = performance.now()): void {
    this.hasYours = true;
    if (this.asked === '') return;
    clearTimeout(this.#timer);
    const wait = this.#refreshedAt + REFRESH_MS - now;
    if (this.#refreshing || this.running) this.#due = update;
    else if (wait > 0) this.#timer = setTimeout(() => this.refreshYours(update), wait);
    else void this.#refresh(update);
  }

  /** Empties the column of the trained policy. */
  forgetYours(): void {
    clearTimeout(this.#timer);
    this.#due = null;
    this.hasYours = false;
    this.answers.yours.clear();
  }

  async #answer(id: ModelId, turn: number): Promise<boolean> {
    const answer = this.answers[id];
    const outcome = await this.#client.generate(
      { model: id, prompt: this.asked, ...this.sampling, numAlternatives: NUM_ALTERNATIVES },
      ({ tokens }) => {
        if (turn === this.#turn) answer.add(tokens);
      },
    );
    if (turn !== this.#turn) return false;
    switch (outcome.type) {
      case 'completed':
        answer.end('done', outcome.completion, null);
        return true;
      case 'stopped':
        answer.end('stopped', null, null);
        return false;
      case 'failed':
        if (isEngineLoss(outcome)) {
          this.#interrupted = [...this.#interrupted, id];
          answer.end('stopped', null, null); // the page says once, for all columns, what happened
        } else answer.end('failed', null, outcome);
        return false;
      default:
        return outcome satisfies never;
    }
  }

  async #refresh(update: number): Promise<void> {
    const turn = this.#turn;
    const tokens: GeneratedToken[] = [];
    this.#refreshing = true;
    if (this.answers.yours.status === 'empty') this.answers.yours.status = 'waiting';
    const outcome = await this.#client.generate(
      { model: 'yours', prompt: this.asked, ...this.sampling, numAlternatives: NUM_ALTERNATIVES },
      (event) => void tokens.push(...event.tokens),
    );
    this.#refreshing = false;
    this.#refreshedAt = performance.now();
    if (turn === this.#turn && this.hasYours) {
      if (outcome.type === 'completed') this.answers.yours.replace(tokens, outcome.completion, update);
      else if (this.answers.yours.status === 'waiting') this.answers.yours.clear();
    }
    const due = this.#due;
    this.#due = null;
    if (due !== null && this.hasYours) this.refreshYours(due);
  }
}
