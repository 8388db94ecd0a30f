/** @file Several answers to one prompt, or one to each of many, drawn side by side and measured. */
import type { Engine } from '../src/core/graph/engine';
import { promptTokens } from '../src/core/model/loaded-model';
import { Random } from '../src/core/random';
import { RolloutSampler, type SamplerShape } from '../src/core/rl/rollout';
import type { DeviceEnd } from '../src/engine/device';
import type { JobQueue } from '../src/engine/queue';
import type { Completion, SampleAnswersRequest, SampleGroupOutcome, SampleGroupRequest } from '../src/protocol/generate';
import type { ModelId } from '../src/protocol/load';
import { BadRequest, failureOf } from './failures';
import type { HeldModel } from './held-model';
import { remember } from './remember';
import { measure } from './world-judge';

const MAX_GROUP = 16;
/** Prompts answered in one turn. */
const BATCH = 32;
/** Prompts that one call answers at most. */
const MAX_PROMPTS = 4000;
/** Prompt lengths are rounded up to a multiple, so that prompts of all lengths share few programs. */
const LENGTH_MULTIPLE = 32;

/** What is borrowed of the trainer. */
interface AnswerHost {
  readonly turns: JobQueue;
  /** @throws BadRequest before it is loaded */
  engine(): Engine;
  /** @throws BadRequest when there is none */
  model(id: ModelId): Promise<HeldModel>;
  /** How often answers were stopped so far. */
  stops(): number;
  /** Why the device can no longer be used, if so. */
  lost(): DeviceEnd | null;
}

/** Rows to draw: one answer each, with uniforms of its own. */
interface Rows {
  readonly prompts: readonly string[];
  readonly randoms: readonly Random[];
  /** Programs are made for this many rows, and for this many different prompts among them. */
  readonly batch: number;
  readonly numPrompts: number;
  readonly temperature: number;
  readonly maxTokens: number;
}

/** Draws answers; the programs made for it are kept. */
export class AnswerDraws {
  readonly #samplers = new Map<string, Promise<RolloutSampler>>();

  constructor(readonly host: AnswerHost) {}

  /** See `TrainerApi`. Answer i of a seed is the same in groups of any size. */
  sampleGroup({ model, prompt, seed, temperature, maxTokens, ...request }: SampleGroupRequest): Promise<SampleGroupOutcome> {
    const batch = Math.min(MAX_GROUP, Math.max(1, Math.round(request.numSamples)));
    const randoms = Array.from({ length: batch }, (_, row) => new Random(seed).split(`sample ${row}`));
    return this.#draw(model, [{ prompts: randoms.map(() => prompt), randoms, batch, numPrompts: 1, temperature, maxTokens }]);
  }

  /** See `TrainerApi`. Answer i of a seed is the same whatever is asked beside it. */
  sampleAnswers({ model, prompts, seed, temperature, maxTokens }: SampleAnswersRequest): Promise<SampleGroupOutcome> {
    const parts = Array.from({ length: Math.ceil(Math.min(MAX_PROMPTS, prompts.length) / BATCH) }, (_, i): Rows => {
      const asked = prompts.slice(i * BATCH, (i + 1) * BATCH);
      const randoms = asked.map((__, row) => new Random(seed).split(`answer ${i * BATCH + row}`));
      return { prompts: asked, randoms, batch: BATCH, numPrompts: BATCH, temperature, maxTokens };
    });
    return this.#draw(model, parts);
  }

  /** A turn for each part, so that whoever waits for an answer does not wait for all of them. */
  async #draw(id: ModelId, parts: readonly Rows[]): Promise<SampleGroupOutcome> {
    const { turns, stops, lost } = this.host;
    const before = stops();
    const completions: Completion[] = [];
    try {
      for (const rows of parts) {
        const drawn = await turns.run(async () => (stops() === before ? this.#rows(await this.host.model(id), rows) : null));
        if (!drawn) return { type: 'stopped' };
        completions.push(...drawn);
      }
      return { type: 'completed', completions };
    } catch (error) {
      return failureOf(error, lost());
    }
  }

  async #rows(model: HeldModel, { prompts, randoms, batch, numPrompts, temperature, maxTokens }: Rows): Promise<Completion[]> {
    const tokens = prompts.map((prompt) => promptTokens(model.tokenizer, model.config.bosTokenId, prompt));
    const longest = Math.max(...tokens.map(({ length }) => length));
    const room = model.config.maxPositions - longest;
    if (room < 1) throw new BadRequest(`The prompt has ${longest} tokens; this model takes at most ${model.config.maxPositions - 1}.`);
    const maxPromptTokens = Math.ceil(longest / LENGTH_MULTIPLE) * LENGTH_MULTIPLE;
    const sampler = await this.#sampler(model, { batch, numPrompts, maxPromptTokens, maxCompletionTokens: maxTokens });
    const maxCompletionTokens = Math.min(maxTokens, room);
    const rollouts = await sampler.sample({ theta: model.theta, prompts: tokens, randoms, temperature, maxCompletionTokens });
    return rollouts.map(({ completionTokens, finished }, row) => {
      const text = model.tokenizer.decode(completionTokens, { skipSpecial: true });
      return measure(prompts[row]!, text, completionTokens.length, finished);
    });
  }

  #sampler({ config }: HeldModel, shape: SamplerShape): Promise<RolloutSampler> {
    return remember(this.#samplers, JSON.stringify([config, shape]), () => RolloutSampler.create(this.host.engine(), config, shape));
  }
}
