/** @file Lesson 12 measured: EAD of sixteen answers to a prompt, by model, and after RL with a small and a large KL weight. */
import { join } from 'node:path';
import { trainStage } from '../../src/core/algorithms/catalogue';
import { expectationAdjustedDistinctness } from '../../src/core/eval/diversity';
import type { Tensor } from '../../src/core/graph/engine';
import type { LoadedModel } from '../../src/core/model/loaded-model';
import { TrainingState } from '../../src/core/model/training-state';
import { Random } from '../../src/core/random';
import { mean } from '../../src/core/rl/advantages';
import { RolloutSampler, type Rollout } from '../../src/core/rl/rollout';
import { featureValues } from '../../src/core/reward/features';
import { interpretRequest } from '../../src/core/world/interpret';
import { answerText } from '../../src/core/text/chat-answer';
import type { Request } from '../../src/core/world/subjects';
import type { Lesson } from '../../src/lessons/lesson';
import { CLOUD_RUN, lesson, type Cloud, type CloudData } from '../../src/lessons/lesson-12';
import { placesOf, varietyOf } from '../../src/lessons/variety';
import { EVALUATION_DEFAULTS, MAX_PROMPT_TOKENS as MAX_TOKENS, promptOf } from '../evaluate/asker';
import { heldOutRequests } from '../evaluate/prompts';
import { loadLanguageModelFolder } from '../model-folder';
import { settingsOf } from './algorithms-study';
import type { LessonMeasure } from './lesson-study';
import { MAX_PROMPT_TOKENS, Testbed, type WorldPrompt } from './testbed';

const NUM_SAMPLES = 16;
const NUM_PROMPTS = 12;
const MAX_COMPLETION_TOKENS = 96;
const KL_WEIGHTS = [0, 0.3] as const;
const RECORDED = 'Please give me a simple chili recipe.';

/** Sixteen answers to each request. */
async function draw(
  sampler: RolloutSampler,
  theta: Tensor,
  model: LoadedModel,
  requests: readonly Request[],
  random: Random,
): Promise<Rollout[][]> {
  const drawn: Rollout[][] = [];
  for (const [at, request] of requests.entries()) {
    const prompts = Array<number[]>(NUM_SAMPLES).fill(promptOf(model, request));
    const randoms = prompts.map((_, row) => random.split(`${at} ${row}`));
    drawn.push(await sampler.sample({ theta, prompts, randoms, temperature: 1, maxCompletionTokens: MAX_COMPLETION_TOKENS }));
  }
  return drawn;
}

/** How it is measured. */
export const measure: LessonMeasure = {
  lesson: lesson as Lesson,
  open: async ({ engine, world, models, say }) => {
    const bed = await Testbed.open(engine, world, models);
    const shipped = (['base', 'sft', 'rlhf'] as const).map((id) => ({ id, model: loadLanguageModelFolder(join(models, id)) }));
    const recorded = interpretRequest(world, RECORDED)!;
    return {
      close: () => bed.release(),
      run: async (seed) => {
        const random = new Random(seed);
        const options = { ...EVALUATION_DEFAULTS, numPrompts: NUM_PROMPTS, seed };
        const requests = [
          recorded,
          ...heldOutRequests(
            world,
            shipped.map(({ model }) => model),
            options,
          ),
        ];
        const ead: Record<string, number> = {};
        const kept: { model: Cloud['model']; klCoef: number | null; rollouts: readonly Rollout[]; from: LoadedModel }[] = [];
        const look = async (name: Cloud['model'], klCoef: number | null, from: LoadedModel, theta: Tensor) => {
          const sampler = await RolloutSampler.create(engine, from.config, {
            batch: NUM_SAMPLES,
            maxPromptTokens: MAX_TOKENS,
            maxCompletionTokens: MAX_COMPLETION_TOKENS,
          });
          const [own, ...groups] = await draw(sampler, theta, from, requests, random.split('answers'));
          await sampler.release();
          const size = from.tokenizer.vocabularySize;
          const key = klCoef === null ? name : `${name} ${klCoef}`;
          ead[key] = mean(
            groups.map((group) =>
              expectationAdjustedDistinctness(
                group.map(({ completionTokens }) => completionTokens),
                size,
              ),
            ),
          );
          kept.push({ model: name, klCoef, rollouts: own!, from });
          say(`${key}: EAD ${ead[key].toFixed(3)}`);
        };
        for (const { id, model } of shipped) {
          const theta = engine.upload({ dims: [model.theta.length], data: model.theta });
          await look(id, null, model, theta);
          theta.dispose();
        }
        for (const klCoef of KL_WEIGHTS) {
          const state = new TrainingState(engine, { theta: bed.sft.theta });
          const steps = trainStage<WorldPrompt>(settingsOf('grpo', { ...CLOUD_RUN, klCoef }), {
            engine,
            model: bed.sft.config,
            state,
            reference: bed.reference,
            firstUpdate: 0,
            seed,
            maxPromptTokens: MAX_PROMPT_TOKENS,
            samplePrompt: (source) => bed.samplePrompt(source),
            reward: (prompts, rollouts) => bed.reward(prompts, rollouts),
            maxTokens: MAX_PROMPT_TOKENS + MAX_COMPLETION_TOKENS,
          });
          for await (const { update } of steps) if (update % 10 === 0) say(`KL weight ${klCoef}, update ${update}`);
          await look('yours', klCoef, bed.sft, state.theta);
          state.dispose();
        }
        const answers = kept.map(({ model, klCoef, rollouts, from }) => ({
          model,
          klCoef,
          answers: rollouts.map(({ completionTokens, finished }) => {
            const text = answerText(from.tokenizer, completionTokens).trim();
            const numTokens = completionTokens.length;
            return { text, features: featureValues({ world, request: recorded, text, finished, numTokens }) };
          }),
        }));
        const places = placesOf(answers.flatMap((group) => group.answers));
        let at = 0;
        const data: CloudData = {
          prompt: RECORDED,
          clouds: answers.map(({ model, klCoef, answers: own }) => ({
            model,
            klCoef,
            variety: varietyOf(own),
            points: own.map(({ text }) => ({ ...places[at++]!, text })),
          })),
        };
        return {
          values: {
            'base-over-sft': ead.base! - ead.sft!,
            'sft-over-rlhf': ead.sft! - ead.rlhf!,
            'kl-keeps': ead[`yours ${KL_WEIGHTS[1]}`]! - ead[`yours ${KL_WEIGHTS[0]}`]!,
          },
          data,
          answers: [],
        };
      },
    };
  },
};
