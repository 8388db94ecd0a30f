/**
 * @file Sample sets: named collections of answers to held-out prompts, on which rewards are compared. Drawn once, kept,
 * and ranked again by whatever reward is looked at.
 */
import * as v from 'valibot';
import { FEATURES, type FeatureName } from '../core/reward/features';
import { Random } from '../core/random';
import type { Completion } from '../protocol/generate';
import type { Failure, ModelId } from '../protocol/load';
import { OpenShelf } from './open-shelf.svelte';
import { stopwatch, type ShareDone } from './share-done';
import type { Storage } from './storage.svelte';
import type { TrainerClient } from './trainer-client.svelte';

/** Most answers that the trainer draws at once; and how many where few are wanted. Two programs do for all. */
const GROUP = 16;
const SMALL_GROUP = 4;
const MAX_TOKENS = 112;

const completionSchema = v.object({
  text: v.string(),
  numTokens: v.number(),
  finished: v.boolean(),
  // A set measured with other features than this page has is of no use.
  features: v.object(Object.fromEntries(FEATURES.map(({ name }) => [name, v.number()])) as Record<FeatureName, v.NumberSchema<undefined>>),
  goldReward: v.nullable(v.number()),
});
const bodySchema = v.object({
  model: v.picklist(['base', 'sft', 'rlhf', 'dpo', 'yours']),
  temperature: v.number(),
  groups: v.array(v.object({ prompt: v.string(), completions: v.array(completionSchema) })),
});

/** Answers to one prompt. */
export interface SampleGroup {
  readonly prompt: string;
  readonly completions: readonly Completion[];
}

/** What a set holds: who answered, how warm, and what. */
export interface SampleSet {
  readonly model: ModelId;
  readonly temperature: number;
  readonly groups: readonly SampleGroup[];
}

/** What is drawn. */
export interface SampleWish {
  readonly model: ModelId;
  readonly temperature: number;
  readonly numPrompts: number;
  readonly numPerPrompt: number;
}

/** The sets, one of them open. */
export class SampleSets extends OpenShelf<SampleSet> {
  /** In answers; not null while a set is drawn. */
  progress = $state.raw<ShareDone | null>(null);
  failure = $state.raw<Failure | null>(null);

  #client: TrainerClient;
  #prompts: (random: Random) => string;
  #drawn: (prompt: string, completion: Completion) => void;
  #stopped = false;

  constructor(
    client: TrainerClient,
    storage: Storage,
    prompts: (random: Random) => string,
    drawn: (prompt: string, completion: Completion) => void,
  ) {
    super(storage, 'sample-set', (body) => v.parse(bodySchema, body));
    this.#drawn = drawn;
    this.#client = client;
    this.#prompts = prompts;
  }

  /** Draws a set; stopped early it holds what was drawn by then. */
  async draw(name: string, { model, temperature, numPrompts, numPerPrompt }: SampleWish): Promise<void> {
    const random = new Random(Date.now());
    const groups: SampleGroup[] = [];
    this.#stopped = false;
    this.failure = null;
    const tell = stopwatch(numPrompts * numPerPrompt);
    this.progress = tell(0);
    for (let index = 0; index < numPrompts && !this.#stopped && !this.failure; index++) {
      const prompt = this.#prompts(random);
      const completions = await this.#group(prompt, model, temperature, numPerPrompt, random, tell);
      if (completions.length > 1) groups.push({ prompt, completions });
    }
    this.progress = null;
    if (groups.length === 0) return;
    await this.keep(name, { model, temperature, groups });
  }

  /** Ends the drawing after the answers that are under way. */
  stop(): void {
    this.#stopped = true;
  }

  async #group(
    prompt: string,
    model: ModelId,
    temperature: number,
    wanted: number,
    random: Random,
    tell: (numDone: number) => ShareDone,
  ): Promise<readonly Completion[]> {
    const completions: Completion[] = [];
    const numSamples = wanted <= SMALL_GROUP ? SMALL_GROUP : GROUP;
    while (completions.length < wanted && !this.#stopped) {
      const seed = random.integer(1_000_000);
      // Always whole groups, so that no other program is compiled.
      const outcome = await this.#client.sampleGroup({ model, prompt, numSamples, seed, temperature, maxTokens: MAX_TOKENS });
      if (outcome.type === 'failed') this.failure = outcome;
      if (outcome.type !== 'completed') break;
      for (const completion of outcome.completions) this.#drawn(prompt, completion);
      completions.push(...outcome.completions.slice(0, wanted - completions.length));
      this.progress = tell(this.progress!.numDone + outcome.completions.length);
    }
    return completions;
  }
}
