/** @file The sums over labels, answered with plain data. A fit is never kept waiting by a learning curve, which is hundreds of fits. */
import { Random } from '../src/core/random';
import { fitBradleyTerry, type BradleyTerryFit } from '../src/core/reward/bradley-terry';
import { learningSteps, type LearningPoint } from '../src/core/reward/learning-curve';
import { pairsIn, tiesIn, type PairTable } from '../src/core/reward/pair-table';
import type { LabelMathsApi } from '../src/protocol/label-maths';

/** Shuffles that a point of a learning curve is the mean of. */
const NUM_SHUFFLES = 6;

/** What is asked meanwhile has its turn. */
const nextTask = () => new Promise<void>((resolve) => setTimeout(resolve));

/** Fits labels. */
export class LabelMaths implements LabelMathsApi {
  /** Number of the latest wish for curves; earlier ones end. */
  #turn = 0;

  fit(table: PairTable, start: BradleyTerryFit | null): Promise<BradleyTerryFit> {
    const ties = tiesIn(table);
    return Promise.resolve(fitBradleyTerry(pairsIn(table), table.numFeatures, start ? { ties, start } : { ties }));
  }

  async learningCurves(table: PairTable, flipShares: readonly number[]): Promise<readonly (readonly LearningPoint[])[] | null> {
    const turn = ++this.#turn;
    const pairs = pairsIn(table);
    const curves: (readonly LearningPoint[])[] = [];
    for (const flipShare of flipShares) {
      const steps = learningSteps(pairs, table.numFeatures, new Random('learning curve'), { flipShare, numShuffles: NUM_SHUFFLES });
      let step = steps.next();
      for (; !step.done; step = steps.next()) {
        await nextTask();
        if (turn !== this.#turn) return null;
      }
      curves.push(step.value);
    }
    return curves;
  }
}
