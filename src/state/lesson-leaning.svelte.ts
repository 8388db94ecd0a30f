/** @file Lesson 8's panel: labels that lean, the reward model they make, and RL with it as it is and made symmetric. */
import {
  drawPairs,
  fit,
  label,
  LEANING,
  measurePolicy,
  rlSpec,
  startSpec,
  type GapData,
  type GapStage,
  type GroupRates,
  type TornPair,
} from '../lessons/leaning';
import type { RunCheckpoint } from '../protocol/run';
import { PageLab } from './lesson-lab.svelte';
import type { LessonPage } from './lessons.svelte';

const SEED = 3;
const ORDER: readonly GapStage[] = ['labels', 'reward-model', 'start', 'rl', 'symmetric'];

/** What is labelled and trained. */
export class LessonLeaning {
  readonly lab: PageLab;
  /** Gold points. */
  leaning = $state(LEANING);
  stages = $state.raw<Readonly<Partial<Record<GapStage, GroupRates>>>>({});
  data: GapData | null = $derived.by(() => {
    const stages = ORDER.flatMap((stage) => (this.stages[stage] ? [{ stage, ...this.stages[stage] }] : []));
    return stages.length > 0 ? { stages } : null;
  });
  /** Whether there is a reward model, and a policy for RL to start from. */
  canTrain = $derived(this.stages['reward-model'] !== undefined);

  #start: RunCheckpoint | null = null;
  /** What that policy answers. */
  #torn: readonly TornPair[] = [];

  constructor(page: LessonPage) {
    this.lab = new PageLab(page);
  }

  /** Labels pairs of the starting policy's answers and fits the reward model; what was trained on an earlier one goes. */
  async label(): Promise<void> {
    const found = await this.lab.carryOut(async (lab) => {
      if (this.#torn.length === 0) {
        this.#start = (await lab.train(startSpec(SEED))).checkpoint;
        this.stages = { ...this.stages, start: await measurePolicy(lab, SEED) };
        this.#torn = await drawPairs(lab, SEED);
      }
      const labelled = label(this.#torn, this.leaning, SEED);
      return { labels: labelled.rates, 'reward-model': await fit(lab, labelled, SEED) };
    });
    if (!found) return;
    const { start } = this.stages;
    this.stages = { ...found, ...(start ? { start } : {}) };
  }

  /** RL from the same start, with the reward model as it is or made symmetric. */
  async train(symmetric: boolean): Promise<void> {
    const start = this.#start;
    if (!start) return;
    const found = await this.lab.carryOut(async (lab) => {
      await lab.train(rlSpec(symmetric, SEED), start);
      return measurePolicy(lab, SEED);
    });
    if (found) this.stages = { ...this.stages, [symmetric ? 'symmetric' : 'rl']: found };
  }
}
