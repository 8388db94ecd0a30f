/**
 * @file Two models on the same prompts: which answer gold prefers, and how far one has moved from the other.
 */
import type { Engine } from '../../src/core/graph/engine';
import type { LoadedModel } from '../../src/core/model/loaded-model';
import { meanOf, type Figure } from '../../src/core/eval/intervals';
import type { World } from '../../src/core/world/world';
import { Asker, promptOf, type EvaluationOptions, type JudgedAnswer } from './asker';
import { heldOutRequests } from './prompts';

/** Which of two lists of answers to the same prompts gold prefers; ties count half. */
function winsOf(a: readonly JudgedAnswer[], b: readonly JudgedAnswer[]): Figure {
  return meanOf(a.map(({ judgement }, i) => (Math.sign(judgement.gold - b[i]!.judgement.gold) + 1) / 2));
}

/** Share of held-out prompts where gold prefers `a`'s answer to `b`'s; ties count half. */
export async function compareModels(
  engine: Engine,
  world: World,
  a: LoadedModel,
  b: LoadedModel,
  options: EvaluationOptions,
): Promise<Figure> {
  const requests = heldOutRequests(world, [a, b], options);
  const answers: JudgedAnswer[][] = [];
  for (const model of [a, b]) {
    const asker = await Asker.create(engine, world, model, options);
    answers.push(await asker.answer(requests, 'answers'));
    await asker.release();
  }
  return winsOf(answers[0]!, answers[1]!);
}

/** KL(asker's model ‖ reference) of whole answers to held-out prompts, nats: the mean of log π − log ref of sampled answers. */
export async function measureKl(asker: Asker, reference: LoadedModel): Promise<Figure> {
  const { model, options, world, engine } = asker;
  const requests = heldOutRequests(world, [model], { ...options, numPrompts: Math.ceil(options.numPrompts / 2) });
  const prompts = requests.map((request) => promptOf(model, request));
  const rollouts = await asker.complete(prompts, 'kl', { ...options, temperature: 1 });
  const other = await Asker.create(engine, world, reference, options);
  const [own, theirs] = [await asker.logprobs(rollouts), await other.logprobs(rollouts)];
  await other.release();
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  return meanOf(rollouts.map((_, i) => sum(own[i]!) - sum(theirs[i]!)));
}
