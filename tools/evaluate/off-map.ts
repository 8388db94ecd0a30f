/**
 * @file Does the base model notice prompts from outside the world? Its limit is calibrated on held-out prompts of the
 * world, and measured on others of them and on ordinary English prompts.
 */
import { auroc } from '../../src/core/eval/auroc';
import { bootstrap, shareOf, type Figure } from '../../src/core/eval/intervals';
import { Random } from '../../src/core/random';
import { offMapScore } from '../../src/core/world/off-map';
import { sampleRequest } from '../../src/core/world/requests';
import type { Asker } from './asker';
import { OUTSIDE_PROMPTS } from './outside-prompts';
import type { Figures } from './prompts';

/** Share of the world's own prompts that may be sent away. */
const FALSE_ALARMS = 0.02;

/** How far off the map each prompt is, to a base model. */
async function scores(asker: Asker, prompts: readonly string[]): Promise<number[]> {
  const { world, model } = asker;
  const sequences = prompts.map((prompt) => ({
    promptTokens: [model.config.bosTokenId],
    completionTokens: model.tokenizer.encode(prompt),
  }));
  const logprobs = await asker.logprobs(sequences);
  return prompts.map((prompt, i) => offMapScore(world, prompt, logprobs[i]!));
}

/** The limit above which a prompt counts as off the map, and how well it does. */
export async function measureOffMap(asker: Asker): Promise<Figures> {
  const { world, options } = asker;
  const random = new Random(options.seed).split('on the map');
  const draw = () => Array.from({ length: OUTSIDE_PROMPTS.length }, () => sampleRequest(world, random, 'heldout').prompt);
  const calibration = (await scores(asker, draw())).sort((a, b) => a - b);
  const limit = calibration[Math.floor((1 - FALSE_ALARMS) * calibration.length)]!;
  const [inside, outside] = [await scores(asker, draw()), await scores(asker, OUTSIDE_PROMPTS)];
  const items = [...inside.map((score) => ({ score, isOutside: false })), ...outside.map((score) => ({ score, isOutside: true }))];
  const side = (of: readonly (typeof items)[number][], isOutside: boolean) =>
    of.filter((item) => item.isOutside === isOutside).map(({ score }) => score);
  const exactly = (value: number): Figure => ({ value, low: value, high: value, n: calibration.length });
  return {
    'off-map/limit': exactly(limit),
    'off-map/auroc': bootstrap(items, (of) => auroc(side(of, true), side(of, false))),
    'off-map/sent-away-inside': shareOf(inside.map((score) => score > limit)),
    'off-map/sent-away-outside': shareOf(outside.map((score) => score > limit)),
  };
}
