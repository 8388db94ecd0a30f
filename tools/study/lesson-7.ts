/** @file Lesson 7 measured: what is refused after naive training, after training on pairs, and after training on pairs in every tense. */
import type { Lesson } from '../../src/lessons/lesson';
import { lesson } from '../../src/lessons/lesson-7';
import { drawMap, probes, refusalRate, refusalSpec, TEACHINGS, type RefusalMap, type Teaching } from '../../src/lessons/refusals';
import type { LessonMeasure } from './lesson-study';
import { openNodeLab } from './node-lab';

/** How it is measured. */
export const measure: LessonMeasure = {
  lesson: lesson as Lesson,
  open: async (bench) => {
    const { world, say } = bench;
    const lab = await openNodeLab(bench);
    return {
      close: () => Promise.resolve(),
      run: async (seed) => {
        const asked = probes(world, seed);
        const maps = {} as Record<Teaching, RefusalMap>;
        for (const teaching of Object.keys(TEACHINGS) as Teaching[]) {
          await lab.train(refusalSpec(teaching, seed));
          const map = (maps[teaching] = await drawMap(lab, teaching, asked, seed));
          const rate = (side: 'mischief' | 'look-alike', tense: 'present' | 'past') => refusalRate(map, side, tense).toFixed(2);
          say(
            `${teaching}: mischief ${rate('mischief', 'present')}, look-alikes ${rate('look-alike', 'present')}, past ${rate('mischief', 'past')}`,
          );
        }
        const { naive, paired, covered } = maps;
        return {
          values: {
            'naive/look-alike': refusalRate(naive, 'look-alike', 'present'),
            'paired/look-alike': refusalRate(paired, 'look-alike', 'present'),
            'paired/mischief': refusalRate(paired, 'mischief', 'present'),
            'past-slips': refusalRate(paired, 'mischief', 'present') - refusalRate(paired, 'mischief', 'past'),
            'covered/past': refusalRate(covered, 'mischief', 'past'),
          },
          data: { maps: Object.values(maps) },
          answers: [],
        };
      },
    };
  },
};
