/** @file What lessons are given of the world: bounded lists, made when asked for. */
import { worldDemonstrations } from '../src/core/data/demonstrations';
import { improvedAnswers } from '../src/core/data/improved';
import { namePrompts } from '../src/core/data/name-prompts';
import { worldPrompts } from '../src/core/data/prompts';
import type { RunDataOf } from '../src/core/data/run-data';
import { Random } from '../src/core/random';
import type { LessonDataApi, PromptsWish, WrittenDemonstration } from '../src/protocol/lesson-data';
import { world } from './world-judge';

/** Most of anything at once. */
const MAX_COUNT = 2000;
/** Longer prompts are drawn again: about as many words as a run's longest prompt has. */
const MAX_PROMPT_LENGTH = 120;

const bounded = (count: number) => Math.min(MAX_COUNT, Math.max(0, Math.round(count)));

/** See `LessonDataApi`. */
export class LessonData implements LessonDataApi {
  drawPrompts({ kinds, split, seed, count }: PromptsWish): Promise<readonly string[]> {
    const data: RunDataOf['rewards'] = { split, paired: false, tenses: 'all', aboutGroups: false, ...(kinds ? { kinds } : {}) };
    const draw = worldPrompts(world, data, (prompt) => prompt.length <= MAX_PROMPT_LENGTH);
    const random = new Random(seed).split('lesson prompts');
    return Promise.resolve(Array.from({ length: bounded(count) }, (_, i) => draw(random.split(i), 0).prompt));
  }

  drawNames(seed: number, perGroup: number) {
    return Promise.resolve(namePrompts(world, seed, bounded(perGroup)));
  }

  writeDemonstrations(data: RunDataOf['demonstrations'], seed: number, count: number): Promise<readonly WrittenDemonstration[]> {
    const at = worldDemonstrations(world, data, seed);
    return Promise.resolve(
      Array.from({ length: bounded(count) }, (_, place) => {
        const { messages } = at(place);
        return { prompt: messages.findLast(({ role }) => role === 'user')!.content, completion: messages.at(-1)!.content };
      }),
    );
  }

  improveAnswers(prompts: readonly string[], typos: number, seed: number) {
    return Promise.resolve(improvedAnswers(world, prompts.slice(0, MAX_COUNT), typos, seed));
  }
}
