/** @file The thread that does the sums over labels: its fits are the core's, and learning curves keep none of them waiting. */
import { describe, expect, it } from 'vitest';
import { Random } from '../../src/core/random';
import { fitBradleyTerry } from '../../src/core/reward/bradley-terry';
import { pairsIn, PairTableBuilder, tiesIn } from '../../src/core/reward/pair-table';
import { LabelMaths } from '../../workers/label-maths';

const random = new Random('pairs');
const builder = new PairTableBuilder(3);
for (let i = 0; i < 200; i++)
  builder.addPair([Math.abs(random.normal()), random.normal(), random.normal()], random.chance(0.1) ? -1 : 1, 0);
for (let i = 0; i < 20; i++) builder.addTie([random.normal() / 9, 0, 0]);
const { table } = builder;

describe('the sums over labels', () => {
  it('fit as the core does, from the fit before too', async () => {
    const maths = new LabelMaths();
    const cold = await maths.fit(table, null);
    expect(cold).toEqual(fitBradleyTerry(pairsIn(table), 3, { ties: tiesIn(table) }));
    const warm = await maths.fit(table, cold);
    warm.weights.forEach((weight, i) => expect(weight).toBeCloseTo(cold.weights[i]!, 6));
  });

  it('answer a fit while curves are drawn, and give curves up that are asked for anew', async () => {
    const maths = new LabelMaths();
    const order: string[] = [];
    const first = maths.learningCurves(table, [0, 0.3]).then((curves) => (order.push('first curves'), curves));
    const fit = maths.fit(table, null).then(() => order.push('fit'));
    const second = maths.learningCurves(table, [0]).then((curves) => (order.push('second curves'), curves));
    await Promise.all([first, fit, second]);
    expect([await first, (await second)?.length]).toEqual([null, 1]);
    expect((await second)![0]!.at(-1)).toMatchObject({ numPairs: 150 });
    expect(order.indexOf('fit')).toBeLessThan(order.indexOf('second curves'));
  });
});
