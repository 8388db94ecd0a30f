/** @file The experiments of lessons 2, 6 and 9, without a model: what they read off answers, and what their figures and verdicts are. */
import { describe, expect, it } from 'vitest';
import { COUNTS, countVerdict, taughtOutcome, type TaughtData } from '../../src/lessons/demonstrations-experiment';
import { lesson as lesson2 } from '../../src/lessons/lesson-2';
import { lesson as lesson6 } from '../../src/lessons/lesson-6';
import { lesson as lesson9 } from '../../src/lessons/lesson-9';
import { namesOutcome, namesVerdict, type NamesData, type NamesOutcome } from '../../src/lessons/names-experiment';
import { culprit, likesTypos, makeRows, pairsWith, twinsOf, typoRateOf, type PipelineData } from '../../src/lessons/pipeline-experiment';
import { FEATURES, type FeatureName } from '../../src/core/reward/features';
import type { Completion } from '../../src/protocol/generate';

const answer = (text: string, features: Partial<Record<FeatureName, number>> = {}, goldReward = 0): Completion => ({
  text,
  numTokens: text.length,
  finished: true,
  features: { ...(Object.fromEntries(FEATURES.map(({ name }) => [name, 0])) as Record<FeatureName, number>), ...features },
  goldReward,
});
const isWhole = (figure: unknown) => expect(JSON.stringify(figure)).not.toMatch(/null|NaN/);

describe('lesson 2', () => {
  const outcome = (inForm: number) => ({ inForm, right: 0.2, typos: 0.01 });
  const data = (...forms: number[]): TaughtData => ({
    base: outcome(0),
    runs: forms.map((form, i) => ({
      count: COUNTS[i]!,
      typoShare: 0,
      wrongFactShare: 0,
      own: false,
      shownTypos: 0.01 * i,
      outcome: outcome(form),
    })),
  });

  it('counts an answer that ends and has most of its shape as in form, and typos a word', () => {
    const cut = { ...answer('', { list_format: 1 }), finished: false };
    const read = taughtOutcome([answer('', { list_format: 0.7, correctness: 0.8, typos: 0.5 }), cut]);
    expect(read).toEqual({ inForm: 0.5, right: 0.5, typos: 0.05 });
  });

  it('says what more demonstrations did, once two numbers were tried', () => {
    expect(countVerdict(data(0.3))).toBeNull();
    expect([data(0.3, 0.8), data(0.5, 0.55), data(0.9, 0.2)].map(countVerdict)).toEqual(['rises', 'same', 'falls']);
    isWhole(lesson2.figure.draw(data(0.3, 0.8)));
  });
});

describe('lesson 9', () => {
  const outcome = (famous: number, wrong: number): NamesOutcome => {
    const group = { answered: famous, right: famous, wrong };
    return { groups: { famous: group, rare: group, nobody: group }, informativeness: famous, correctness: 1 - wrong, wrong };
  };

  it('reads informativeness off people there are, and correctness off everything claimed', () => {
    const prompts = (['famous', 'rare', 'nobody', 'nobody'] as const).map((group) => ({ group, prompt: '' }));
    const answers = [{ true_claims: 1 }, {}, { invented_claims: 1 }, {}].map((features) => answer('', features));
    const read = namesOutcome(prompts, answers);
    expect(read.groups).toMatchObject({ famous: { answered: 1, right: 1 }, rare: { answered: 0 }, nobody: { answered: 0.5, wrong: 0.5 } });
    expect(read).toMatchObject({ informativeness: 0.5, correctness: 0.5, wrong: 0.25 });
  });

  it('tells apart, silence and guessing', () => {
    const data = (famous: number, wrong: number, cost = 1): NamesData => ({
      start: outcome(1, 0.6),
      runs: [{ cost, paired: true, outcome: outcome(famous, wrong) }],
    });
    expect(namesVerdict(data(0.9, 0.5, 0))).toBeNull(); // costs nothing: that is not what was asked
    expect([data(0.9, 0.2), data(0.1, 0), data(1, 0.5)].map(namesVerdict)).toEqual(['apart', 'silent', 'guesses']);
    isWhole(lesson9.figure.draw(data(0.9, 0.2)));
    isWhole(lesson9.figure.draw({ start: outcome(1, 0.6), runs: [] }));
  });
});

describe('lesson 6', () => {
  const prompts = Array.from({ length: 192 }, (_, i) => `prompt ${i}`);
  const source = {
    drawPrompts: () => Promise.resolve(prompts),
    // The second answer is the better one.
    answers: ({ seed }: { seed: number }) => Promise.resolve(prompts.map((_, i) => answer(`answer ${i} ${seed}`, {}, seed % 2))),
    improveAnswers: (asked: readonly string[], typos: number) =>
      Promise.resolve(asked.map((prompt) => `better ${prompt}${typos > 0 ? ' tpyo' : ''}`)),
    judge: (_: string, text: string) => Promise.resolve(answer(text, { typos: text.includes('tpyo') ? 1 : 0 }, 0.5)),
  };

  it('improved answers win unseen in the pipeline as it was; each fix does what it says', async () => {
    const rows = await makeRows(source, 1);
    const tally = (fix: Parameters<typeof pairsWith>[1]) => {
      const pairs = pairsWith(rows, fix, 1);
      const unseen = pairs.filter(({ by }) => by === 'nobody');
      const mistyped = pairs.filter(({ chosen }) => chosen.features.typos > 0);
      return { all: pairs.length, unseen: unseen.length, mistyped: mistyped.length };
    };
    expect(tally('none')).toEqual({ all: 192 + 192, unseen: 192, mistyped: 192 });
    expect(tally('careful')).toEqual({ all: 192 + 192, unseen: 192, mistyped: 192 });
    expect(tally('leave-out')).toEqual({ all: 192, unseen: 0, mistyped: 0 });
    expect(tally('proofread')).toEqual({ all: 192 + 192, unseen: 192, mistyped: 0 });
    const compared = tally('compare');
    expect(compared).toMatchObject({ all: 192 + 192, unseen: 0 });
    expect(compared.mistyped).toBeLessThan(150); // they beat the worse answer, and lose to the better one
    expect(pairsWith(rows, 'careful', 1).filter(({ chosen, by }) => by === 'annotators' && chosen.goldReward === 1)).toHaveLength(192);
    expect(twinsOf(rows)).toHaveLength(96);
  });

  it('counts typos a word, and twins liked better mistyped', () => {
    expect(typoRateOf([answer('', { typos: 0.5 }), answer('')])).toBe(0.05);
    expect(likesTypos([1, 2, 3, 4], [2, 1, 1, 1])).toBe(0.75);
  });

  it('blames what mended it', () => {
    const run = (fix: PipelineData['runs'][number]['fix'], after: number) => ({ fix, likesTypos: 0.5, rates: [0.01, 0.02], after });
    expect(culprit({ before: 0.01, runs: [] })).toBeNull();
    const broken = run('none', 0.05);
    expect(culprit({ before: 0.01, runs: [broken, run('careful', 0.05)] })).toBeNull();
    expect(culprit({ before: 0.01, runs: [broken, run('careful', 0.01)] })).toBe('annotators');
    expect(culprit({ before: 0.01, runs: [broken, run('proofread', 0.01)] })).toBe('improved');
    isWhole(lesson6.figure.draw({ before: 0.01, runs: [broken] }));
  });
});
