/**
 * @file Where algorithms are compared: a family's SFT model, a reward, and the same held-out prompts for all. What is measured
 * before and after a run is measured here.
 *
 * Which standard deviation is a gain counted in? That of the reward within the SFT model's answers to one held-out prompt (TRL's
 * reward_std): what there is to learn from, and what the best of 16 answers is told in too. That some prompts are harder than
 * others, no training changes; with it the deviation over all answers is larger by a quarter or so, and is told beside (`Scale`).
 */
import { join } from 'node:path';
import type { Stage } from '../../src/core/algorithms/catalogue';
import { crossEntropy } from '../../src/core/algorithms/objectives';
import { countTokens, PackedPolicy } from '../../src/core/algorithms/packed-policy';
import { RewardScorer, type TokenComparison } from '../../src/core/algorithms/reward-model';
import { dialogueSequence } from '../../src/core/algorithms/sft';
import type { PolicyPrompt } from '../../src/core/algorithms/step';
import type { Engine, EngineTensor, Tensor } from '../../src/core/graph/engine';
import { promptTokens, type LoadedModel } from '../../src/core/model/loaded-model';
import { TrainingState } from '../../src/core/model/training-state';
import { Random } from '../../src/core/random';
import type { Sequence } from '../../src/core/rl/batch';
import { RolloutSampler, type Rollout } from '../../src/core/rl/rollout';
import { DEFAULT_WEIGHTS, featureValues, FEATURES, type RewardWeights } from '../../src/core/reward/features';
import { linearReward } from '../../src/core/reward/linear';
import { groupsOf, mean, standardDeviation } from '../../src/core/rl/advantages';
import { demonstrateDialogue } from '../../src/core/world/dialogues';
import { sampleDocument } from '../../src/core/world/documents';
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
/** Answers to each prompt of which the best is taken, to see what there is to gain. */
const BEST_OF = 16;

const NO_WEIGHTS = Object.fromEntries(FEATURES.map(({ name }) => [name, 0])) as unknown as RewardWeights;
/** Sliders that answers may be rewarded by, in points: as the page first has them, or a reward that invites trouble. */
const SLIDERS: Readonly<Record<'sliders' | 'length', RewardWeights>> = { sliders: DEFAULT_WEIGHTS, length: { ...NO_WEIGHTS, length: 2 } };
/** What answers may be rewarded by: the family's reward model, standardised, or sliders. */
export const REWARDS = ['model', 'sliders', 'length'] as const;
/** Name of a reward. */
export type RewardName = (typeof REWARDS)[number];

/** A prompt and what it asks. */
export interface WorldPrompt extends PolicyPrompt {
  readonly request: Request;
}

/** What a policy does on the held-out prompts. */
export interface Measurement {
  /** Mean reward above the SFT model's, in standard deviations of its answers to one prompt. */
  readonly proxy: number;
  /** The same in standard deviations over all of its answers. */
  readonly proxyOverAll: number;
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

/** The reward over the SFT model's held-out answers, in its own points but for the last. */
export interface Scale {
  readonly middle: number;
  /** Over all answers to all prompts. */
  readonly deviation: number;
  /** Within the answers to one prompt, root mean square: what gains are counted in. */
  readonly withinPrompts: number;
  /** How far above the middle the best of 16 answers to a prompt is, on average, in deviations within prompts. */
  readonly bestOf16: number;
}

/** The models, the reward and the prompts. */
export class Testbed {
  #base: LoadedModel | null = null;
  readonly #measured = new Map<LoadedModel, Measurement>();
  scale: Scale = { middle: 0, deviation: 1, withinPrompts: 1, bestOf16: 0 };

  private constructor(
    readonly engine: Engine,
    readonly world: World,
    readonly sft: LoadedModel,
    readonly reference: EngineTensor,
    readonly rewardTheta: EngineTensor,
    readonly scorer: RewardScorer,
    readonly sampler: RolloutSampler,
    readonly rewardName: RewardName,
    readonly folder: string,
  ) {}

  /** Reads `sft` and `reward-model` in the folder of a family. @throws ClearError when one is missing */
  static async open(engine: Engine, world: World, folder: string, rewardName: RewardName = 'model'): Promise<Testbed> {
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
    const bed = new Testbed(engine, world, sft, upload(sft.theta), upload(rewardModel.theta), scorer, sampler, rewardName, folder);
    bed.scale = await bed.#measureScale();
    return bed;
  }

  /** The model that an algorithm starts from: SFT from the base model, all others from the SFT model. */
  startOf(stage: Stage): LoadedModel {
    return stage === 'sft' ? (this.#base ??= loadLanguageModelFolder(join(this.folder, 'base'))) : this.sft;
  }

  /** What the model does that an algorithm starts from; measured once. */
  async measureStart(stage: Stage): Promise<Measurement> {
    const start = this.startOf(stage);
    const known = this.#measured.get(start);
    if (known) return known;
    const state = new TrainingState(this.engine, { theta: start.theta });
    const measured = await this.measure(state);
    state.dispose();
    this.#measured.set(start, measured);
    return measured;
  }

  /** One demonstrated dialogue. */
  demonstration(random: Random): Sequence {
    return dialogueSequence(this.sft.tokenizer, demonstrateDialogue(this.world, random));
  }

  /** One document, as the base model read it. */
  document(random: Random): Sequence {
    const { config, tokenizer } = this.startOf('sft');
    return {
      promptTokens: [config.bosTokenId],
      completionTokens: [...tokenizer.encode(sampleDocument(this.world, random).text), config.bosTokenId],
    };
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

  /** What an answer says. */
  text({ completionTokens }: Rollout): string {
    return this.sft.tokenizer.decode(completionTokens, { skipSpecial: true });
  }

  /** The reward in its own points. */
  async #points(prompts: readonly WorldPrompt[], rollouts: readonly Rollout[]): Promise<number[]> {
    if (this.rewardName === 'model') return this.scorer.score(this.rewardTheta, rollouts);
    const weights = SLIDERS[this.rewardName];
    return rollouts.map((rollout, i) => {
      const { finished, completionTokens } = rollout;
      const answer = { text: this.text(rollout), finished, numTokens: completionTokens.length };
      return linearReward(weights, featureValues({ world: this.world, request: prompts[i]!.request, ...answer }));
    });
  }

  /**
   * What runs learn from, as on the page: a reward model's scores are standardised there, over all prompts; the sliders' points
   * are taken as they are.
   */
  async reward(prompts: readonly WorldPrompt[], rollouts: readonly Rollout[]): Promise<number[]> {
    const { middle, deviation } = this.scale;
    const all = await this.#points(prompts, rollouts);
    return this.rewardName === 'model' ? all.map((points) => (points - middle) / deviation) : all;
  }

  /** The world's verdicts, 0 to 1. */
  gold(prompts: readonly WorldPrompt[], rollouts: readonly Rollout[]): number[] {
    return rollouts.map((rollout, i) => judge(this.world, prompts[i]!.request, this.text(rollout), rollout.finished).gold);
  }

  /** The reward over the SFT model's answers. */
  async #measureScale(): Promise<Scale> {
    const { prompts, rollouts } = await this.#answers(this.reference, BEST_OF);
    const points = await this.#points(prompts, rollouts);
    const [middle, deviation] = [mean(points), standardDeviation(points)];
    const groups = groupsOf(points, BEST_OF);
    const best = mean(groups.map((group) => Math.max(...group)));
    const withinPrompts = Math.sqrt(mean(groups.map((group) => standardDeviation(group) ** 2)));
    return { middle, deviation, withinPrompts, bestOf16: (best - middle) / withinPrompts };
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
  async #answers(theta: Tensor, numAnswers = NUM_ANSWERS): Promise<{ prompts: WorldPrompt[]; rollouts: Rollout[] }> {
    const random = new Random('study').split('held-out');
    const prompts = Array.from({ length: NUM_PROMPTS }, () => this.samplePrompt(random, 'heldout')).flatMap((prompt) =>
      Array<WorldPrompt>(numAnswers).fill(prompt),
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
    const surprise = rollouts.reduce((sum, { samplingLogprobs }) => samplingLogprobs.reduce((total, logprob) => total - logprob, sum), 0);
    const answers = new Set(rollouts.map(({ completionTokens }, i) => `${Math.floor(i / NUM_ANSWERS)}:${completionTokens.join()}`));
    const gained = mean(await this.#points(prompts, rollouts)) - this.scale.middle;
    return {
      proxy: gained / this.scale.withinPrompts,
      proxyOverAll: gained / this.scale.deviation,
      gold: mean(this.gold(prompts, rollouts)),
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
    const scores = await this.reward(prompts, rollouts);
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
