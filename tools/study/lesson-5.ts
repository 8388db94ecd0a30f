/** @file Lesson 5 measured: reward models from few and from ten times as many comparisons, best of n and RL against each, Gao's fits. */
import type { Lesson } from '../../src/lessons/lesson';
import { lesson, riseOf } from '../../src/lessons/lesson-5';
import {
  bestOfN,
  curveOf,
  drawComparisons,
  drawPool,
  fitGao,
  fitRewardModel,
  rlSpec,
  SIZES,
  type GaoCurve,
} from '../../src/lessons/overoptimisation';
import type { LessonMeasure } from './lesson-study';
import { openNodeLab } from './node-lab';

/** How it is measured. */
export const measure: LessonMeasure = {
  lesson: lesson as Lesson,
  open: async (bench) => {
    const { world } = bench;
    const lab = await openNodeLab(bench);
    return {
      close: () => Promise.resolve(),
      run: async (seed) => {
        const pairs = await drawComparisons(lab, world, seed);
        const pool = await drawPool(lab, world, seed);
        const best: GaoCurve[] = [];
        const rl: GaoCurve[] = [];
        for (const size of SIZES) {
          await fitRewardModel(lab, pairs, size, seed);
          const { curve, scale } = await bestOfN(lab, pool, size);
          best.push(curve);
          const { history } = await lab.train(rlSpec(size, 0, seed));
          rl.push(curveOf(history, scale, { size, klCoef: 0 }));
        }
        const [few, many] = rl as [GaoCurve, GaoCurve];
        const peakOf = (curve: GaoCurve) => fitGao(curve.points, 'rl')?.peak ?? { d: 0, gold: 0 };
        return {
          values: {
            'proxy-rises': riseOf(few, 'proxy'),
            'gold-falls': riseOf(few, 'gold'),
            later: peakOf(many).d - peakOf(few).d,
            higher: peakOf(many).gold - peakOf(few).gold,
          },
          data: { bestOfN: best, rl },
          answers: [],
        };
      },
    };
  },
};
