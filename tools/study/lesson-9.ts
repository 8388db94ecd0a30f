/** @file Lesson 9 measured: a model that always answers, rewarded with each cost of a wrong claim; what it says of names then. */
import type { Lesson } from '../../src/lessons/lesson';
import { lesson } from '../../src/lessons/lesson-9';
import {
  alwaysAnswer,
  COSTS,
  NAME_TOKENS,
  NAMES_PER_GROUP,
  NAMES_SEED,
  namesOutcome,
  rewarded,
  type NamesData,
  type NamesOutcome,
  type NamesRun,
} from '../../src/lessons/names-experiment';
import { afresh } from '../../src/lessons/specs';
import type { LessonMeasure } from './lesson-study';
import { openNodeLab } from './node-lab';

/** The cost that the targets speak of. */
const COST = 1;

/** How it is measured. */
export const measure: LessonMeasure = {
  lesson: lesson as Lesson,
  open: async (bench) => {
    const { say } = bench;
    const lab = await openNodeLab(bench);
    const prompts = await lab.trainer.drawNames(NAMES_SEED, NAMES_PER_GROUP);
    return {
      close: () => Promise.resolve(),
      run: async (seed) => {
        const look = async (name: string): Promise<NamesOutcome> => {
          const asked = prompts.map(({ prompt }) => prompt);
          const answers = await lab.answers({ model: 'yours', prompts: asked, seed: NAMES_SEED, temperature: 1, maxTokens: NAME_TOKENS });
          const outcome = namesOutcome(prompts, answers);
          const { famous, rare, nobody } = outcome.groups;
          const shares = [famous, rare, nobody].map(({ answered, right }) => `${answered.toFixed(2)}/${right.toFixed(2)}`);
          say(`${name}: answered/right of famous, rare, nobody ${shares.join(' ')}`);
          return outcome;
        };
        const { checkpoint: taught } = await lab.train(alwaysAnswer(seed));
        const start = await look('always answers');
        const runs: NamesRun[] = [];
        for (const cost of COSTS) {
          await lab.train({ ...rewarded(seed, cost, true), start: taught.spec.start, chat: true }, afresh(taught));
          runs.push({ cost, paired: true, outcome: await look(`c = ${cost}`) });
        }
        const data: NamesData = { start, runs };
        const of = (cost: number) => runs.find((run) => run.cost === cost)!.outcome;
        return {
          values: {
            invents: start.groups.nobody.answered,
            'wrong-left': of(COST).wrong / start.wrong,
            famous: of(COST).groups.famous.answered,
            'trade-off': of(COSTS.at(-1)!).correctness - of(0).correctness,
          },
          data,
          answers: [],
        };
      },
    };
  },
};
