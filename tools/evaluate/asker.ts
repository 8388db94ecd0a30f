/**
 * @file Asks a model many things and scores its texts, with programs compiled once for a whole evaluation.
 *
 * Every model is asked as it is used: chat models through their template, the base model with the plain prompt. Prompts
 * and uniforms are the same for every model and seed, so two models can be compared pair by pair.
 */
import type { Engine, EngineTensor, Program } from '../../src/core/graph/engine';
import type { LoadedModel } from '../../src/core/model/loaded-model';
import { scoreProgram } from '../../src/core/model/programs';
import { Random } from '../../src/core/random';
import { packSequences, type Sequence } from '../../src/core/rl/batch';
import { RolloutSampler, type Rollout } from '../../src/core/rl/rollout';
import { answerText } from '../../src/core/text/chat-answer';
import { messagesOf } from '../../src/core/world/dialogues';
import { judge, type Judgement } from '../../src/core/world/judges';
import type { Request, RequestKind } from '../../src/core/world/subjects';
import type { World } from '../../src/core/world/world';

const BATCH = 32;
/** Longest prompt in tokens, earlier turns included. */
export const MAX_PROMPT_TOKENS = 96;
/** Rows and tokens of a batch that is only scored. */
const SCORE_BATCH = 16;
const SCORE_LENGTH = 160;

/** How to ask. */
export interface EvaluationOptions {
  /** Held-out prompts of the headline figures; the other figures take their share of it. */
  readonly numPrompts: number;
  readonly seed: number;
  readonly temperature: number;
  readonly maxTokens: number;
  /** Kinds of request of the headline figures, every one alike; as users ask when left out. */
  readonly kinds?: readonly RequestKind[] | undefined;
}

/** What evals are measured with, unless asked otherwise. */
export const EVALUATION_DEFAULTS: EvaluationOptions = { numPrompts: 400, seed: 1, temperature: 0.8, maxTokens: 112 };

/** One answer, judged. */
export interface JudgedAnswer {
  readonly request: Request;
  readonly text: string;
  readonly rollout: Rollout;
  readonly judgement: Judgement;
}

/** Token ids that make a model answer a request, or continue its prompt. */
export function promptOf({ tokenizer, config }: LoadedModel, request: Request): number[] {
  if (tokenizer.hasChatTemplate) return tokenizer.encodeChat(messagesOf(request), { addGenerationPrompt: true });
  const ids = tokenizer.encode(request.prompt);
  return tokenizer.addsBosToken ? [config.bosTokenId, ...ids] : ids;
}

/** One model on an engine, ready to be asked. Release it when done. */
export class Asker {
  #scorer: Program | null = null;

  private constructor(
    readonly engine: Engine,
    readonly world: World,
    readonly model: LoadedModel,
    readonly options: EvaluationOptions,
    readonly sampler: RolloutSampler,
    readonly theta: EngineTensor,
  ) {}

  static async create(engine: Engine, world: World, model: LoadedModel, options: EvaluationOptions): Promise<Asker> {
    const sampler = await RolloutSampler.create(engine, model.config, {
      batch: BATCH,
      maxPromptTokens: MAX_PROMPT_TOKENS,
      maxCompletionTokens: options.maxTokens,
    });
    const theta = engine.upload({ dims: [model.theta.length], data: model.theta });
    return new Asker(engine, world, model, options, sampler, theta);
  }

  /** Draws a completion of each prompt. @param purpose names the uniforms: the same name, the same draws */
  async complete(
    prompts: readonly (readonly number[])[],
    purpose: string,
    { temperature, maxTokens }: { temperature: number; maxTokens: number } = this.options,
  ): Promise<Rollout[]> {
    const random = new Random(this.options.seed).split(purpose);
    const rollouts: Rollout[] = [];
    for (let start = 0; start < prompts.length; start += BATCH) {
      const rows = prompts.slice(start, start + BATCH);
      const randoms = rows.map((_, row) => random.split(start + row));
      rollouts.push(
        ...(await this.sampler.sample({ theta: this.theta, prompts: rows, randoms, temperature, maxCompletionTokens: maxTokens })),
      );
    }
    return rollouts;
  }

  /** Answers to requests, judged. */
  async answer(requests: readonly Request[], purpose: string, options: EvaluationOptions = this.options): Promise<JudgedAnswer[]> {
    const { model, world } = this;
    const rollouts = await this.complete(
      requests.map((request) => promptOf(model, request)),
      purpose,
      options,
    );
    return rollouts.map((rollout, i) => {
      const request = requests[i]!;
      const text = this.textOf(rollout);
      return { request, text, rollout, judgement: judge(world, request, text, rollout.finished) };
    });
  }

  /** The text of a completion. */
  textOf({ completionTokens }: Rollout): string {
    return answerText(this.model.tokenizer, completionTokens);
  }

  /** log p of each completion token of sequences that fit 161 tokens (what is longer is cut), nats, at temperature 1. */
  async logprobs(sequences: readonly Sequence[]): Promise<number[][]> {
    const { model } = this;
    const shape = { batch: SCORE_BATCH, length: SCORE_LENGTH };
    this.#scorer ??= await this.engine.compile(scoreProgram(model.config, shape, { entropies: false }));
    const scored: number[][] = [];
    for (let start = 0; start < sequences.length; start += SCORE_BATCH) {
      const rows = sequences.slice(start, start + SCORE_BATCH);
      const { tokens } = packSequences(rows, SCORE_BATCH, SCORE_LENGTH, model.config.padTokenId);
      const results = await this.#scorer.run({
        theta: this.theta,
        tokens: { dims: [SCORE_BATCH, SCORE_LENGTH + 1], data: tokens },
        inverse_temperature: { dims: [], data: Float32Array.of(1) },
      });
      const all = await results.logprobs!.read();
      results.logprobs!.dispose();
      rows.forEach(({ promptTokens, completionTokens }, row) => {
        const first = row * SCORE_LENGTH + promptTokens.length - 1;
        const end = Math.min((row + 1) * SCORE_LENGTH, first + completionTokens.length);
        scored.push(Array.from(all.slice(first, end)));
      });
    }
    return scored;
  }

  async release(): Promise<void> {
    await this.sampler.release();
    await this.#scorer?.release();
    this.theta.dispose();
  }
}
