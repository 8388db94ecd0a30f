/** @file Lesson 2 measured: the form by the number of demonstrations, and the model's typos by theirs. */
import type { Lesson } from '../../src/lessons/lesson';
import { lesson } from '../../src/lessons/lesson-2';
import {
  ANSWER_TOKENS,
  COUNTS,
  demonstrationsOf,
  HELD_OUT_SEED,
  NUM_COUNTED,
  NUM_HELD_OUT,
  shownTypos,
  TAUGHT_KINDS,
  taughtBy,
  taughtOutcome,
  type DemonstrationChoice,
  type TaughtData,
  type TaughtOutcome,
  type TaughtRun,
} from '../../src/lessons/demonstrations-experiment';
import type { LessonMeasure } from './lesson-study';
import { openNodeLab } from './node-lab';

const MOST = COUNTS.at(-1)!;
const CHOICES: readonly DemonstrationChoice[] = [
  ...COUNTS.map((count) => ({ count, typoShare: 0, wrongFactShare: 0 })),
  { count: MOST, typoShare: 0.5, wrongFactShare: 0 },
  { count: MOST, typoShare: 1, wrongFactShare: 0 },
];

/** How it is measured. */
export const measure: LessonMeasure = {
  lesson: lesson as Lesson,
  open: async (bench) => {
    const { say } = bench;
    const lab = await openNodeLab(bench);
    const prompts = await lab.trainer.drawPrompts({ kinds: TAUGHT_KINDS, split: 'heldout', seed: HELD_OUT_SEED, count: NUM_HELD_OUT });
    const look = async (model: 'base' | 'yours', name: string): Promise<TaughtOutcome> => {
      const outcome = taughtOutcome(await lab.answers({ model, prompts, seed: HELD_OUT_SEED, temperature: 1, maxTokens: ANSWER_TOKENS }));
      say(`${name}: in form ${outcome.inForm.toFixed(2)}, right ${outcome.right.toFixed(2)}, typos ${outcome.typos.toFixed(4)}`);
      return outcome;
    };
    const base = await look('base', 'base');
    return {
      close: () => Promise.resolve(),
      run: async (seed) => {
        const runs: TaughtRun[] = [];
        for (const choice of CHOICES) {
          const data = demonstrationsOf(choice);
          const written = await lab.trainer.writeDemonstrations(data, seed, NUM_COUNTED);
          const typos = await shownTypos(written, (...text) => lab.trainer.judge(...text));
          await lab.train(taughtBy(seed, data));
          const outcome = await look('yours', `${choice.count} demonstrations, typos in ${choice.typoShare} (${typos.toFixed(3)} a word)`);
          runs.push({ ...choice, own: false, shownTypos: typos, outcome });
        }
        const data: TaughtData = { base, runs };
        const of = (count: number, typoShare: number) => runs.find((run) => run.count === count && run.typoShare === typoShare)!;
        const [clean, spoilt] = [of(MOST, 0), of(MOST, 1)];
        return {
          values: {
            'form-by-count': clean.outcome.inForm - of(COUNTS[0], 0).outcome.inForm,
            'form-many': clean.outcome.inForm,
            'typos-follow': (spoilt.outcome.typos - clean.outcome.typos) / (spoilt.shownTypos - clean.shownTypos),
          },
          data,
          answers: [],
        };
      },
    };
  },
};
