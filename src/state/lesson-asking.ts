/** @file The worker, for lessons that ask it several things in a row: what fails is thrown, and said once by whoever asked. */
import type { Completion, SampleAnswersRequest } from '../protocol/generate';
import type { NeuralRewardModel, RewardModelEvent, RewardModelSpec, ScoreRequest } from '../protocol/reward-lab';
import { isFailure, type TrainerClient } from './trainer-client.svelte';

/** @throws Error saying why */
async function insist<T>(asked: Promise<T>): Promise<Exclude<T, { readonly type: 'failed' }>> {
  const answer = await asked;
  if (isFailure(answer)) throw new Error(answer.detail);
  return answer as Exclude<T, { readonly type: 'failed' }>;
}

/** The calls that lessons make. Each throws an Error that says why it failed, or that it was stopped. */
export const insisting = (client: TrainerClient) => ({
  drawPrompts: (...args: Parameters<TrainerClient['drawPrompts']>) => insist(client.drawPrompts(...args)),
  drawNames: (...args: Parameters<TrainerClient['drawNames']>) => insist(client.drawNames(...args)),
  writeDemonstrations: (...args: Parameters<TrainerClient['writeDemonstrations']>) => insist(client.writeDemonstrations(...args)),
  improveAnswers: (...args: Parameters<TrainerClient['improveAnswers']>) => insist(client.improveAnswers(...args)),
  judge: (...args: Parameters<TrainerClient['judge']>) => insist(client.judge(...args)),
  answers: async (request: SampleAnswersRequest): Promise<readonly Completion[]> => {
    const outcome = await insist(client.sampleAnswers(request));
    if (outcome.type !== 'completed') throw new Error('The answers were stopped.');
    return outcome.completions;
  },
  /** The trained model; null when it was stopped before its first step. */
  rewardModel: async (spec: RewardModelSpec, hear: (event: RewardModelEvent) => void): Promise<NeuralRewardModel | null> => {
    const outcome = await insist(client.trainRewardModel(spec, hear));
    return outcome.numSteps > 0 ? outcome.model : null;
  },
  scores: async (request: ScoreRequest): Promise<readonly number[]> =>
    (await insist(client.scoreTexts(request))).scores.map(({ score }) => score),
});
