/** @file Lesson 8 measured: the gap between two groups in leaning labels, the reward model, and the policy after RL, plain and paired. */
import { drawPairs, fit, gapOf, label, LEANING, measurePolicy, rlSpec, startSpec, type GapData } from '../../src/lessons/leaning';
import type { Lesson } from '../../src/lessons/lesson';
import { lesson } from '../../src/lessons/lesson-8';
import type { LessonMeasure } from './lesson-study';
import { openNodeLab } from './node-lab';

/** How it is measured. */
export const measure: LessonMeasure = {
  lesson: lesson as Lesson,
  open: async (bench) => {
    const { say } = bench;
    const lab = await openNodeLab(bench);
    return {
      close: () => Promise.resolve(),
      run: async (seed) => {
        const { checkpoint } = await lab.train(startSpec(seed));
        const start = await measurePolicy(lab, seed);
        const labelled = label(await drawPairs(lab, seed), LEANING, seed);
        const rewardModel = await fit(lab, labelled, seed);
        const after = async (symmetric: boolean) => {
          await lab.train(rlSpec(symmetric, seed), checkpoint);
          return measurePolicy(lab, seed);
        };
        const [rl, symmetric] = [await after(false), await after(true)];
        const stages: GapData['stages'] = [
          { stage: 'labels', ...labelled.rates },
          { stage: 'reward-model', ...rewardModel },
          { stage: 'start', ...start },
          { stage: 'rl', ...rl },
          { stage: 'symmetric', ...symmetric },
        ];
        for (const { stage, owls, risers } of stages) say(`${stage}: night owls ${owls.toFixed(2)}, early risers ${risers.toFixed(2)}`);
        return {
          values: { labels: gapOf(labelled.rates), rl: gapOf(rl), symmetric: Math.abs(gapOf(symmetric)) },
          data: { stages } satisfies GapData,
          answers: [],
        };
      },
    };
  },
};
