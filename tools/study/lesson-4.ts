/** @file Lesson 4 measured: GRPO on the reward model for 60 updates; what becomes of proxy, gold and KL on held-out prompts. */
import type { Lesson } from '../../src/lessons/lesson';
import { lesson, type RunData } from '../../src/lessons/lesson-4';
import { runOnce } from './algorithms-study';
import type { LessonMeasure } from './lesson-study';
import { Testbed } from './testbed';

const NUM_UPDATES = 60;

/** How it is measured. */
export const measure: LessonMeasure = {
  lesson: lesson as Lesson,
  open: async ({ engine, world, models, say }) => {
    const bed = await Testbed.open(engine, world, models);
    return {
      close: () => bed.release(),
      run: async (seed) => {
        const rows: { update: number; reward: number; gold: number; kl: number }[] = [];
        const row = await runOnce(bed, { stage: 'grpo', seed, changes: { numUpdates: NUM_UPDATES }, pairs: [] }, (update, metrics) => {
          const { reward = NaN, gold_reward: gold = NaN, 'objective/kl': kl = 0 } = metrics;
          rows.push({ update, reward, gold, kl });
          if (update % 10 === 0) say(`update ${update}: reward ${reward.toFixed(2)}, gold ${gold.toFixed(2)}, KL ${kl.toFixed(1)}`);
        });
        const data: RunData = {
          updates: rows.map(({ update }) => update),
          reward: rows.map(({ reward }) => reward),
          gold: rows.map(({ gold }) => gold),
          kl: rows.map(({ kl }) => kl),
        };
        const { before, after } = row;
        return { values: { proxy: after.proxy - before.proxy, gold: after.gold - before.gold, kl: after.kl }, data, answers: [] };
      },
    };
  },
};
