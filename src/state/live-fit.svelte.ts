/**
 * @file The fit that follows the labels: after each change they are gathered as numbers, a little at a time, and fitted in a thread
 * of their own. However many there are, the page goes on answering; what is looked at is as of the latest fit.
 */
import { marginOf, type Comparison } from '../core/preferences/comparison';
import type { BradleyTerryFit } from '../core/reward/bradley-terry';
import { FEATURES } from '../core/reward/features';
import { numPairsOf, PairTableBuilder, type PairTable } from '../core/reward/pair-table';
import { differenceOf } from './fitted';
import type { LabelMaths } from './label-maths';
import type { Measurements } from './measurements.svelte';
import { breather } from './next-task';

/** What is fitted. */
export interface FitMaterial {
  /** Of which set: another one's fit says nothing about it. */
  readonly setId: string;
  readonly labels: readonly Comparison[];
  readonly useStrength: boolean;
}

const ZEROS = FEATURES.map(() => 0);
const NOTHING: PairTable = new PairTableBuilder(FEATURES.length).table;
/** Before anything is known every weight is 0, give or take what the prior says. */
const NO_FIT: BradleyTerryFit = {
  weights: ZEROS,
  standardErrors: FEATURES.map(() => 2),
  numPairs: 0,
  numTies: 0,
  tieThreshold: null,
  loss: Math.LN2,
};

/** Labels as numbers, and the fit to them. */
export class LiveFit {
  /** The labels of the latest change that have a winner or are ties, as far as their texts are measured. */
  table = $state.raw<PairTable>(NOTHING);
  fit = $state.raw<BradleyTerryFit>(NO_FIT);
  /** True while there are labels that the fit does not know of. */
  isBehind = $state(false);
  /** True when the latest fit could not be made. */
  hasFailed = $state(false);

  #measurements: Pick<Measurements, 'of'>;
  #maths: LabelMaths;
  #setId = '';
  /** What is to be fitted next, and whether somebody is at it. */
  #wish: FitMaterial | null = null;
  #isWorking = false;
  /** What the fit was made of. */
  #fitted: FitMaterial | null = null;
  /** x_a − x_b of labels that were gathered before. */
  #differences = new WeakMap<Comparison, readonly number[]>();

  constructor(measurements: Pick<Measurements, 'of'>, maths: LabelMaths) {
    this.#measurements = measurements;
    this.#maths = maths;
  }

  /** Labels, or what is known of their texts, have changed: fits them, after what is being fitted now. */
  follow(material: FitMaterial): void {
    if (material.setId !== this.#setId) this.#forget();
    this.#setId = material.setId;
    this.#wish = material;
    this.isBehind = true;
    if (!this.#isWorking) void this.#work();
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    for (let wish = this.#next(); wish; wish = this.#next()) {
      const table = await this.#gather(wish);
      if (!table || wish.setId !== this.#setId) continue;
      if (this.#isFitted(wish, table)) continue; // other texts have been measured
      this.table = table;
      if (numPairsOf(table) + table.ties.length === 0) {
        [this.fit, this.hasFailed] = [NO_FIT, false];
        continue;
      }
      const fit = await this.#maths.fit(table, this.fit === NO_FIT ? null : this.fit);
      if (wish.setId !== this.#setId) continue;
      this.hasFailed = fit === null;
      if (!fit) continue;
      this.fit = fit;
      this.#fitted = wish;
    }
    this.#isWorking = this.isBehind = false;
  }

  #next(): FitMaterial | null {
    const wish = this.#wish;
    this.#wish = null;
    return wish;
  }

  /** Null when something newer is wished for meanwhile. */
  async #gather({ labels, useStrength }: FitMaterial): Promise<PairTable | null> {
    const breathe = breather();
    const builder = new PairTableBuilder(FEATURES.length);
    for (const label of labels) {
      const pause = breathe();
      if (pause) {
        await pause;
        if (this.#wish) return null;
      }
      const { verdict, strength } = label;
      if (verdict === 'both-bad') continue;
      const difference = this.#differenceOf(label);
      if (!difference) continue;
      if (verdict === 'tie') builder.addTie(difference);
      else builder.addPair(difference, verdict === 'a' ? 1 : -1, useStrength ? marginOf(strength) : 0);
    }
    return builder.table;
  }

  #differenceOf(label: Comparison): readonly number[] | null {
    const known = this.#differences.get(label);
    if (known) return known;
    const difference = differenceOf(label, this.#measurements);
    if (difference) this.#differences.set(label, difference);
    return difference;
  }

  #isFitted({ labels, useStrength }: FitMaterial, { margins, ties }: PairTable): boolean {
    if (labels !== this.#fitted?.labels || useStrength !== this.#fitted.useStrength) return false;
    return margins.length === this.table.margins.length && ties.length === this.table.ties.length;
  }

  #forget(): void {
    this.#fitted = null;
    [this.table, this.fit, this.hasFailed] = [NOTHING, NO_FIT, false];
  }
}
