/**
 * @file Where algorithms are compared: a family's SFT model, its reward model as the reward, and the same held-out prompts for
 * all. What is measured before and after a run is measured here.
 */
import { join } from 'node:path';
import { crossEntropy } from '../../src/core/algorithms/objectives';
import { countTokens, PackedPolicy } from '../../src/core/algorithms/packed-policy';
import { RewardScorer, type TokenComparison } from '../../src/core/algorithms/reward-model';
import type { PolicyPrompt } from '../../src/core/algorithms/step';
import type { Engine, EngineTensor, Tensor } from '../../src/core/graph/engine';
import { promptTokens, type LoadedModel } from '../../src/core/model/loaded-model';
import { TrainingState } from '../../src/core/model/training-state';
import { Random } from '../../src/core/random';
import { mean, standardDeviation } from '../../src/core/rl/advantages';
import { RolloutSampler, type Rollout } from '../../src/core/rl/rollout';
import { judge } from '../../src/core/world/judges';
import { sampleRequest } from '../../src/core/world/requests';
import type { Request } from '../../src/core/world/subjects';
import type { World } from '../../src/core/world/world';
import { loadLanguageModelFolder, loadModelFolder } from '../model-folder';

/** Longest prompt, in tokens; longer ones are drawn again. */
export const MAX_PROMPT_TOKENS = 40;
const MAX_COMPLETION_TOKENS = 96;
const NUM_PROMPTS = 64;
/** Answers to each held-out prompt. */
const NUM_ANSWERS = 4;
const BATCH = 64;
const DPO_PROMPTS = 512;

/** A prompt and what it asks. */
export interface WorldPrompt extends PolicyPrompt {
  readonly request: Request;
}

/** What a policy does on the held-out prompts. */
export interface Measurement {
  /** Mean reward, where the SFT model has mean 0 and standard deviation 1. */
  readonly proxy: number;
  /** Mean verdict of the world, 0 to 1. */
  readonly gold: number;
  /** KL(policy ‖ SFT) of whole answers, nats, estimator k1. */
  readonly kl: number;
  /** Mean surprise of the policy at its own tokens, nats: its entropy. */
  readonly entropy: number;
  /** Share of answers that differ from the other answers to the same prompt. */
  readonly distinct: number;
  readonly meanTokens: number;
}

/** The models, the reward and the prompts. */
export class Testbed {
  #scale = { middle: 0, deviation: 1 };

  private constructor(
    readonly engine: Engine,
    readonly world: World,
    readonly sft: LoadedModel,
    readonly reference: EngineTensor,
    readonly rewardTheta: EngineTensor,
    readonly scorer: RewardScorer,
    readonly sampler: RolloutSampler,
  ) {}

  /** Reads `sft` and `reward-model` in the folder of a family. @throws ClearError when one is missing */
  static async open(engine: Engine, world: World, folder: string): Promise<Testbed> {
    const sft = loadLanguageModelFolder(join(folder, 'sft'));
    const rewardModel = loadModelFolder(join(folder, 'reward-model'));
    const upload = (theta: Float32Array) => engine.upload({ dims: [theta.length], data: theta });
    const length = MAX_PROMPT_TOKENS + MAX_COMPLETION_TOKENS;
    const scorer = await RewardScorer.create(engine, rewardModel.config, 32, length);
    const sampler = await RolloutSampler.create(engine, sft.config, {
      batch: BATCH,
      maxPromptTokens: MAX_PROMPT_TOKENS,
      maxCompletionTokens: MAX_COMPLETION_TOKENS,
    });
    const bed = new Testbed(engine, world, sft, upload(sft.theta), upload(rewardModel.theta), scorer, sampler);
    const scores = await scorer.score(bed.rewardTheta, (await bed.#answers(bed.reference)).rollouts);
    bed.#scale = { middle: mean(scores), deviation: standardDeviation(scores) };
    return bed;
  }

  /** A random prompt of a split. */
  samplePrompt(random: Random, split: 'train' | 'heldout' = 'train'): WorldPrompt {
    const { tokenizer, config } = this.sft;
    for (;;) {
      const request = sampleRequest(this.world, random, split);
      const tokens = promptTokens(tokenizer, config.bosTokenId, request.prompt);
      if (tokens.length <= MAX_PROMPT_TOKENS) return { request, promptTokens: tokens };
    }
  }

  /** The reward model's scores, scaled so that the SFT model's answers have mean 0 and standard deviation 1. */
  async proxy(rollouts: readonly Rollout[]): Promise<number[]> {
    const { middle, deviation } = this.#scale;
    return (await this.scorer.score(this.rewardTheta, rollouts)).map((score) => (score - middle) / deviation);
  }

  /** Answers of a model to prompts, one each. */
  async draw(theta: Tensor, prompts: readonly PolicyPrompt[], random: Random, temperature = 1): Promise<Rollout[]> {
    const rollouts: Rollout[] = [];
    for (let start = 0; start < prompts.length; start += BATCH) {
      const rows = prompts.slice(start, start + BATCH);
      const request = { temperature, maxCompletionTokens: MAX_COMPLETION_TOKENS, theta };
      const randoms = rows.map((_, row) => random.split(start + row));
      rollouts.push(...(await this.sampler.sample({ ...request, prompts: rows.map((prompt) => prompt.promptTokens), randoms })));
    }
    return rollouts;
  }

  /** Answers to the held-out prompts, with the same uniforms for every policy. */
  async #answers(theta: Tensor): Promise<{ prompts: WorldPrompt[]; rollouts: Rollout[] }> {
    const random = new Random('study').split('held-out');
    const prompts = Array.from({ length: NUM_PROMPTS }, () => this.samplePrompt(random, 'heldout')).flatMap((prompt) =>
      Array<WorldPrompt>(NUM_ANSWERS).fill(prompt),
    );
    return { prompts, rollouts: await this.draw(theta, prompts, random.split('answers')) };
  }

  /** Measures a policy. */
  async measure(state: TrainingState): Promise<Measurement> {
    const { prompts, rollouts } = await this.#answers(state.theta);
    const longest = MAX_PROMPT_TOKENS + MAX_COMPLETION_TOKENS;
    const scoring = new PackedPolicy({ engine: this.engine, model: this.sft.config, state }, { objective: crossEntropy, longest });
    let kl = 0;
    for (let start = 0; start < rollouts.length; start += BATCH) {
      const part = rollouts.slice(start, start + BATCH);
      const reference = await scoring.logprobs(this.reference, part, 1);
      part.forEach(({ samplingLogprobs }, i) => samplingLogprobs.forEach((logprob, t) => (kl += logprob - reference[i]![t]!)));
    }
    await scoring.release();
    const gold = rollouts.map(({ completionTokens, finished }, i) => {
      const text = this.sft.tokenizer.decode(completionTokens, { skipSpecial: true });
      return judge(this.world, prompts[i]!.request, text, finished).gold;
    });
    const surprise = rollouts.reduce((sum, { samplingLogprobs }) => samplingLogprobs.reduce((total, logprob) => total - logprob, sum), 0);
    const answers = new Set(rollouts.map(({ completionTokens }, i) => `${Math.floor(i / NUM_ANSWERS)}:${completionTokens.join()}`));
    return {
      proxy: mean(await this.proxy(rollouts)),
      gold: mean(gold),
      kl: kl / rollouts.length,
      entropy: surprise / countTokens(rollouts),
      distinct: answers.size / rollouts.length,
      meanTokens: countTokens(rollouts) / rollouts.length,
    };
  }

  /** Pairs for DPO: two answers of the SFT model to each of many prompts, labelled with Bradley–Terry noise by the reward. */
  async comparisons(): Promise<TokenComparison[]> {
    const random = new Random('study').split('pairs');
    const prompts = Array.from({ length: DPO_PROMPTS }, () => this.samplePrompt(random)).flatMap((prompt) => [prompt, prompt]);
    const rollouts = await this.draw(this.reference, prompts, random.split('answers'));
    const scores = await this.proxy(rollouts);
    return Array.from({ length: DPO_PROMPTS }, (_, i) => {
      const [first, second] = [2 * i, 2 * i + 1];
      const prefersFirst = random.chance(1 / (1 + Math.exp(scores[second]! - scores[first]!)));
      const [chosen, rejected] = prefersFirst ? [first, second] : [second, first];
      return { chosen: rollouts[chosen]!, rejected: rollouts[rejected]!, margin: 0 };
    });
  }

  async release(): Promise<void> {
    await this.scorer.release();
    await this.sampler.release();
    this.reference.dispose();
    this.rewardTheta.dispose();
  }
}
