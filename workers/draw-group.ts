/** @file Several answers to one prompt, drawn side by side and measured. */
import { promptTokens } from '../src/core/model/loaded-model';
import { Random } from '../src/core/random';
import type { RolloutSampler, SamplerShape } from '../src/core/rl/rollout';
import type { Completion, SampleGroupRequest } from '../src/protocol/generate';
import type { HeldModel } from './held-model';
import { measure } from './world-judge';

const MAX_GROUP = 16;

/** The group, in the order drawn: answer i of a seed is the same in groups of any size. `sampler` gives programs of a shape. */
export async function drawGroup(
  request: SampleGroupRequest,
  model: HeldModel,
  sampler: (shape: SamplerShape) => Promise<RolloutSampler>,
): Promise<Completion[]> {
  const numSamples = Math.min(MAX_GROUP, Math.max(1, Math.round(request.numSamples)));
  const prompt = promptTokens(model.tokenizer, model.config.bosTokenId, request.prompt);
  const maxPromptTokens = Math.ceil(prompt.length / 32) * 32; // so that prompts of all lengths share few programs
  const shape = { batch: numSamples, numPrompts: 1, maxPromptTokens, maxCompletionTokens: request.maxTokens };
  const randoms = Array.from({ length: numSamples }, (_, row) => new Random(request.seed).split(`sample ${row}`));
  const rollouts = await (
    await sampler(shape)
  ).sample({
    theta: model.theta,
    prompts: randoms.map(() => prompt),
    randoms,
    temperature: request.temperature,
    maxCompletionTokens: Math.min(request.maxTokens, model.config.maxPositions - prompt.length),
  });
  return rollouts.map(({ completionTokens, finished }) => {
    const text = model.tokenizer.decode(completionTokens, { skipSpecial: true });
    return measure(request.prompt, text, completionTokens.length, finished);
  });
}
