/**
 * @file The evals of a model: everything the world can say of it, as `evals.json`.
 *
 * A base model is also measured as a writer of pages, and for telling what is off the map; a reward model by the answers
 * it prefers; a model trained further by RL against the one it began as.
 */
import type { Engine } from '../../src/core/graph/engine';
import type { Evals } from '../../src/core/eval/evals';
import type { Figure } from '../../src/core/eval/intervals';
import { CheckpointError } from '../../src/core/model/checkpoint-error';
import type { LoadedModel } from '../../src/core/model/loaded-model';
import type { World } from '../../src/core/world/world';
import { compareModels, measureKl } from './against';
import { Asker, type EvaluationOptions } from './asker';
import { measureGroups, measureRefusals } from './boundary';
import { measureBitsPerByte, measureFreeDocuments } from './documents';
import { measureDiversity } from './diversity';
import { measureFacts, measureNames } from './knowledge';
import { measureOffMap } from './off-map';
import { measurePrompts, type Figures } from './prompts';
import { measureRewardModel } from './reward-model';

/** What to measure a model with. */
export interface EvaluateOptions extends EvaluationOptions {
  /** The command that measures this again, for the record. */
  readonly command: string;
  /** The model to compare with: the SFT model, for one trained further and for a reward model, whose answers it judges. */
  readonly against?: LoadedModel | undefined;
  /** Hears what is being measured. */
  readonly onPart?: (part: string) => void;
}

/** Rounded, so that the file is small and the last bits of another machine do not show. */
function rounded(figures: Figures): Record<string, Figure> {
  const round = (value: number) => Number(value.toPrecision(5));
  return Object.fromEntries(
    Object.entries(figures).map(([name, { value, low, high, n }]) => [
      name,
      { value: round(value), low: round(low), high: round(high), n },
    ]),
  );
}

/**
 * Measures a model.
 * @throws CheckpointError when a reward model has no answers to judge
 */
export async function evaluate(engine: Engine, world: World, model: LoadedModel, options: EvaluateOptions): Promise<Evals> {
  const { command, against, seed, temperature, numPrompts, maxTokens, onPart } = options;
  const about = { version: 1, command, seed, temperature, numPrompts, maxTokens } as const;
  if (model.config.numLabels > 0) {
    if (!against) throw new CheckpointError('A reward model is measured on the answers of another model: name it with --against.');
    onPart?.('answers to prefer between');
    const policy = await Asker.create(engine, world, against, options);
    const { figures, reliability } = await measureRewardModel(policy, model);
    await policy.release();
    return { ...about, figures: rounded(figures), reliability };
  }
  const asker = await Asker.create(engine, world, model, options);
  const figures: Figures = {};
  const measure = async (part: string, run: () => Promise<Figures>) => {
    onPart?.(part);
    Object.assign(figures, await run());
  };
  onPart?.('held-out prompts');
  const { figures: headline, answers } = await measurePrompts(asker);
  Object.assign(figures, headline);
  await measure('diversity', () => measureDiversity(asker, answers));
  await measure('held-out pages', () => measureBitsPerByte(asker));
  if (model.tokenizer.hasChatTemplate) {
    await measure('facts', () => measureFacts(asker));
    await measure('names', () => measureNames(asker));
    await measure('refusals', () => measureRefusals(asker));
    await measure('groups', () => measureGroups(asker));
  } else {
    await measure('free pages', () => measureFreeDocuments(asker));
    await measure('prompts off the map', () => measureOffMap(asker));
  }
  if (against && model.tokenizer.hasChatTemplate)
    await measure('against the other model', async () => ({
      wins: await compareModels(engine, world, model, against, options),
      kl: await measureKl(asker, against),
    }));
  await asker.release();
  return { ...about, figures: rounded(figures) };
}
