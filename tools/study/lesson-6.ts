/** @file Lesson 6 measured: typos after RL on a pipeline that counts improved answers as best, and on the same one mended. */
import type { Lesson } from '../../src/lessons/lesson';
import { lesson } from '../../src/lessons/lesson-6';
import {
  ANSWER_TOKENS,
  HELD_OUT_SEED,
  likesTypos,
  makeRows,
  NUM_HELD_OUT,
  pairsWith,
  rewardedBy,
  rewardModelSpec,
  twinsOf,
  typoRateOf,
  type Fix,
  type PipelineData,
  type PipelineRun,
} from '../../src/lessons/pipeline-experiment';
import type { LessonMeasure } from './lesson-study';
import { openNodeLab } from './node-lab';

/** What the recording and the targets compare: the pipeline as it was, and the three ways to mend it. */
const MEASURED: readonly Fix[] = ['none', 'leave-out', 'proofread', 'compare'];
/** The way that the second target speaks of. */
const CURE: Fix = 'leave-out';

/** How it is measured. */
export const measure: LessonMeasure = {
  lesson: lesson as Lesson,
  open: async (bench) => {
    const { say } = bench;
    const lab = await openNodeLab(bench);
    const { trainer } = lab;
    const prompts = await trainer.drawPrompts({ split: 'heldout', seed: HELD_OUT_SEED, count: NUM_HELD_OUT });
    const rate = async (model: 'sft' | 'yours') =>
      typoRateOf(await lab.answers({ model, prompts, seed: HELD_OUT_SEED, temperature: 1, maxTokens: ANSWER_TOKENS }));
    const before = await rate('sft');
    say(`SFT: ${(100 * before).toFixed(2)} typos a hundred words`);
    return {
      close: () => Promise.resolve(),
      run: async (seed) => {
        const rows = await makeRows(
          {
            drawPrompts: (wish) => trainer.drawPrompts(wish),
            answers: (request) => lab.answers(request),
            improveAnswers: (...wish) => trainer.improveAnswers(...wish),
            judge: (...text) => trainer.judge(...text),
          },
          seed,
        );
        const twins = twinsOf(rows);
        const runs: PipelineRun[] = [];
        for (const fix of MEASURED) {
          const id = `lesson 6 ${fix}`;
          await lab.trainRewardModel(rewardModelSpec(id, pairsWith(rows, fix, seed), seed));
          const mistyped = await lab.scores(
            id,
            twins.map(({ prompt, mistyped: completion }) => ({ prompt, completion })),
          );
          const right = await lab.scores(
            id,
            twins.map(({ prompt, right: completion }) => ({ prompt, completion })),
          );
          const { history } = await lab.train(rewardedBy(seed, { id }));
          const rates = history.filter(({ update }) => update > 0).map(({ metrics }) => metrics['completions/typo_rate'] ?? NaN);
          const run = { fix, likesTypos: likesTypos(mistyped, right), rates, after: await rate('yours') };
          say(
            `${fix}: the reward model likes typos in ${run.likesTypos.toFixed(2)}; ${(100 * run.after).toFixed(2)} typos a hundred words`,
          );
          runs.push(run);
        }
        const data: PipelineData = { before, runs };
        const after = (fix: Fix) => runs.find((run) => run.fix === fix)!.after / before;
        return {
          values: { broken: after('none'), mended: after(CURE), proofread: after('proofread'), compared: after('compare') },
          data,
          answers: [],
        };
      },
    };
  },
};
