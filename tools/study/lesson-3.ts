/** @file Lesson 3 measured: accuracy of fitted reward models by number of comparisons and by noise, against Bradley–Terry's ceiling. */
import { DEFAULT_POOL } from '../../src/core/preferences/annotators';
import { Random } from '../../src/core/random';
import { featureValues } from '../../src/core/reward/features';
import { worldPairs } from '../../src/core/reward/world-pairs';
import { judge } from '../../src/core/world/judges';
import { wordsOf } from '../../src/core/world/words';
import { labelExperiment, NUM_HELD_OUT, SIZES, type GradedPair } from '../../src/lessons/label-experiment';
import type { Lesson } from '../../src/lessons/lesson';
import { lesson } from '../../src/lessons/lesson-3';
import type { LessonMeasure } from './lesson-study';

const PER_CATEGORY = Math.ceil((SIZES.at(-1)! + NUM_HELD_OUT) / 6);

/** How it is measured. */
export const measure: LessonMeasure = {
  lesson: lesson as Lesson,
  open: ({ world }) =>
    Promise.resolve({
      close: () => Promise.resolve(),
      run: (seed) => {
        const random = new Random(seed);
        const pairs = [...worldPairs(world, random.split('pairs'), PER_CATEGORY)].map(({ request, chosen, rejected }): GradedPair => {
          const graded = (text: string) => ({
            text,
            // The trainer counts tokens; about four to three words is what its tokenizer gives for the world's text.
            features: featureValues({ world, request, text, finished: true, numTokens: Math.round((4 * wordsOf(text).length) / 3) }),
            goldReward: judge(world, request, text, true).gold,
          });
          return { chosen: graded(chosen), rejected: graded(rejected) };
        });
        const data = labelExperiment(random.split('order').shuffle(pairs), DEFAULT_POOL, random.split('labels'));
        const [first, last] = [data.bySize[0]!, data.bySize.at(-1)!];
        const [quiet, loud] = [data.byNoise[0]!, data.byNoise.at(-1)!];
        return Promise.resolve({
          values: {
            'more-comparisons': last.gold - first.gold,
            'more-noise': loud.labels - quiet.labels,
            'below-ceiling': Math.max(...data.byNoise.map(({ ceiling, labels }) => ceiling - labels)),
          },
          data,
          answers: [],
        });
      },
    }),
};
