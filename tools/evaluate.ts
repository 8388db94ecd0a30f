/**
 * @file Measuring a model on held-out prompts with the world's gold judges, and two models against each other.
 *
 * Every model is asked as it is used: chat models through their template, the base model with the plain text. Prompts
 * and uniforms are the same for every model and seed, so two models can be compared pair by pair.
 */
import type { Engine } from '../src/core/graph/engine';
import { CheckpointError } from '../src/core/model/checkpoint-error';
import { promptTokens, type LoadedModel } from '../src/core/model/loaded-model';
import { Random } from '../src/core/random';
import { mean } from '../src/core/rl/advantages';
import { RolloutSampler } from '../src/core/rl/rollout';
import { followsFormat, isCorrect, judge, worldWordRate, type Judgement } from '../src/core/world/judges';
import { sampleRequest } from '../src/core/world/requests';
import type { Request } from '../src/core/world/subjects';
import type { World } from '../src/core/world/world';

const BATCH = 32;
const MAX_PROMPT_TOKENS = 48;

/** How to ask. */
export interface EvaluationOptions {
  readonly numPrompts: number;
  readonly seed: number;
  readonly temperature: number;
  readonly maxTokens: number;
}

/** What an eval card is measured with, unless asked otherwise. */
export const EVALUATION_DEFAULTS: EvaluationOptions = { numPrompts: 400, seed: 1, temperature: 0.8, maxTokens: 112 };

/** One answer to a held-out prompt, judged. */
export interface JudgedAnswer {
  readonly request: Request;
  readonly text: string;
  readonly numTokens: number;
  readonly judgement: Judgement;
}

/** The numbers of an eval card; rates are 0 to 1. */
export interface EvalCard {
  readonly n: number;
  /** Share of answers in the assistant's form. */
  readonly format_rate: number;
  readonly correct_rate: number;
  /** Share of words no generator of the world writes, mean over answers. */
  readonly typo_rate: number;
  readonly gold_reward_mean: number;
  /** Share of the world's words in documents written freely from the start token (base) or in answers (chat). */
  readonly world_word_rate: number;
  readonly mean_tokens: number;
}

/** Draws completions of many prompts, a batch at a time. */
async function complete(
  engine: Engine,
  model: LoadedModel,
  prompts: readonly (readonly number[])[],
  options: EvaluationOptions,
  purpose: string,
) {
  const longest = Math.max(...prompts.map((prompt) => prompt.length));
  const sampler = await RolloutSampler.create(engine, model.config, {
    batch: BATCH,
    maxPromptTokens: longest,
    maxCompletionTokens: options.maxTokens,
  });
  const theta = engine.upload({ dims: [model.theta.length], data: model.theta });
  const random = new Random(options.seed).split(purpose);
  const answers: { text: string; numTokens: number; finished: boolean }[] = [];
  for (let start = 0; start < prompts.length; start += BATCH) {
    const rows = prompts.slice(start, start + BATCH);
    const rollouts = await sampler.sample({
      theta,
      prompts: rows,
      randoms: rows.map((_, row) => random.split(start + row)),
      temperature: options.temperature,
      maxCompletionTokens: options.maxTokens,
    });
    for (const { completionTokens, finished } of rollouts)
      answers.push({ text: model.tokenizer.decode(completionTokens, { skipSpecial: true }), numTokens: completionTokens.length, finished });
  }
  await sampler.release();
  theta.dispose();
  return answers;
}

/**
 * Held-out requests, the same for every model with the same tokenizer; short ones for each of `models`.
 * @throws CheckpointError when a tokenizer needs too many tokens for nearly every request
 */
function heldOutRequests(world: World, models: readonly LoadedModel[], { numPrompts, seed }: EvaluationOptions): Request[] {
  const random = new Random(seed).split('held-out');
  const requests: Request[] = [];
  for (let numDrawn = 0; requests.length < numPrompts; numDrawn++) {
    if (numDrawn >= 100 * numPrompts)
      throw new CheckpointError(`The prompts are longer than ${MAX_PROMPT_TOKENS} of this tokenizer's tokens.`);
    const request = sampleRequest(world, random, 'heldout');
    if (models.every(({ tokenizer }) => tokenizer.encode(request.prompt).length <= MAX_PROMPT_TOKENS)) requests.push(request);
  }
  return requests;
}

/** A model's answers, judged. */
async function answerRequests(
  engine: Engine,
  world: World,
  model: LoadedModel,
  requests: readonly Request[],
  options: EvaluationOptions,
): Promise<JudgedAnswer[]> {
  const prompts = requests.map((request) => promptTokens(model.tokenizer, model.config.bosTokenId, request.prompt));
  const answers = await complete(engine, model, prompts, options, 'answers');
  return answers.map(({ text, numTokens, finished }, i) => ({
    request: requests[i]!,
    text,
    numTokens,
    judgement: judge(world, requests[i]!, text, finished),
  }));
}

/** Answers to held-out prompts, judged. */
export function answerHeldOut(engine: Engine, world: World, model: LoadedModel, options: EvaluationOptions): Promise<JudgedAnswer[]> {
  return answerRequests(engine, world, model, heldOutRequests(world, [model], options), options);
}

/** The eval card of a model. */
export async function evaluate(engine: Engine, world: World, model: LoadedModel, options: EvaluationOptions): Promise<EvalCard> {
  const answers = await answerHeldOut(engine, world, model, options);
  const documents = model.tokenizer.hasChatTemplate
    ? answers
    : await complete(
        engine,
        model,
        answers.map(() => [model.config.bosTokenId]),
        options,
        'documents',
      );
  const rate = (holds: (answer: JudgedAnswer) => boolean) => mean(answers.map((answer) => Number(holds(answer))));
  return {
    n: answers.length,
    format_rate: rate(({ judgement }) => followsFormat(judgement)),
    correct_rate: rate(({ judgement }) => isCorrect(judgement)),
    typo_rate: mean(answers.map(({ judgement }) => judgement.typoRate)),
    gold_reward_mean: mean(answers.map(({ judgement }) => judgement.gold)),
    world_word_rate: mean(documents.map(({ text }) => worldWordRate(world, text))),
    mean_tokens: mean(answers.map(({ numTokens }) => numTokens)),
  };
}

/** A comparison of two models, `a` against `b`. */
export interface ComparisonResult {
  readonly n: number;
  /** Share of prompts where gold prefers `a`; ties count half. */
  readonly win_rate: number;
  /** 95 % interval of the win rate (normal approximation over prompts). */
  readonly ci95: readonly [number, number];
}

/** Which of two models gold prefers, prompt by prompt. */
export async function compareModels(
  engine: Engine,
  world: World,
  a: LoadedModel,
  b: LoadedModel,
  options: EvaluationOptions,
): Promise<ComparisonResult> {
  const requests = heldOutRequests(world, [a, b], options);
  const left = await answerRequests(engine, world, a, requests, options);
  const right = await answerRequests(engine, world, b, requests, options);
  const wins = left.map(({ judgement }, i) => (Math.sign(judgement.gold - right[i]!.judgement.gold) + 1) / 2);
  const winRate = mean(wins);
  const error = 1.96 * Math.sqrt(mean(wins.map((win) => (win - winRate) ** 2)) / wins.length);
  return { n: wins.length, win_rate: winRate, ci95: [Math.max(0, winRate - error), Math.min(1, winRate + error)] };
}
