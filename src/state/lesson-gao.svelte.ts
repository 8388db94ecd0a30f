/** @file Lesson 5's panel: comparisons drawn and labelled, reward models from few and many of them, best of n and RL against each. */
import type { PreferencePair } from '../core/preferences/preference-pairs';
import { createWorld } from '../core/world/world';
import {
  bestOfN,
  curveOf,
  drawComparisons,
  drawPool,
  fitRewardModel,
  rlSpec,
  type GaoCurve,
  type GaoData,
  type Scale,
} from '../lessons/overoptimisation';
import { PageLab } from './lesson-lab.svelte';
import type { LessonPage } from './lessons.svelte';

const SEED = 3;

/** What is drawn, fitted and trained. */
export class LessonGao {
  readonly lab: PageLab;
  klCoef = $state(0);
  bestOfN = $state.raw<readonly GaoCurve[]>([]);
  rl = $state.raw<readonly GaoCurve[]>([]);
  data: GaoData | null = $derived(this.bestOfN.length > 0 ? { bestOfN: this.bestOfN, rl: this.rl } : null);
  /** The size being optimised against in RL. */
  training = $state<number | null>(null);

  #world = createWorld();
  #pairs: readonly PreferencePair[] | null = null;
  #pool: Awaited<ReturnType<typeof drawPool>> | null = null;
  #scales = new Map<number, Scale>();

  constructor(page: LessonPage) {
    this.lab = new PageLab(page);
  }

  /** A reward model from so many comparisons, and best of n with it. What has been drawn is drawn once. */
  async fit(size: number): Promise<void> {
    const found = await this.lab.carryOut(async (lab) => {
      this.#pairs ??= await drawComparisons(lab, this.#world, SEED);
      this.#pool ??= await drawPool(lab, this.#world, SEED);
      await fitRewardModel(lab, this.#pairs, size, SEED);
      return bestOfN(lab, this.#pool, size);
    });
    if (!found) return;
    this.#scales.set(size, found.scale);
    this.bestOfN = bySize([...this.bestOfN.filter((curve) => curve.size !== size), found.curve]);
    this.rl = this.rl.filter((curve) => curve.size !== size);
  }

  /** RL against it, with the KL weight chosen. */
  async train(size: number): Promise<void> {
    const scale = this.#scales.get(size);
    if (!scale) return;
    const { klCoef } = this;
    this.training = size;
    const run = await this.lab.carryOut((lab) => lab.train(rlSpec(size, klCoef, SEED)));
    this.training = null;
    if (!run) return;
    const curve = curveOf(run.history, scale, { size, klCoef });
    this.rl = bySize([...this.rl.filter((one) => one.size !== size || one.klCoef !== klCoef), curve]);
  }
}

const bySize = (curves: readonly GaoCurve[]) => [...curves].sort((a, b) => a.size - b.size || (a.klCoef ?? 0) - (b.klCoef ?? 0));
