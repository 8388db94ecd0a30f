/**
 * @file Reward models: where they start, that they learn a preference, and that a score depends on its conversation only.
 */
import { describe, expect, it } from 'vitest';
import { createNodeEngine } from '../../../src/engine/ort-node';
import {
  RewardScorer,
  TokenScorer,
  rewardModelConfig,
  rewardModelTheta,
  trainRewardModel,
  type RewardModelConfig,
  type RewardModelStep,
  type TokenComparison,
} from '../../../src/core/algorithms/reward-model';
import { ADAMW_DEFAULTS } from '../../../src/core/model/adamw';
import { initialTheta, parameterLayout, parameterView } from '../../../src/core/model/parameters';
import { TrainingState, type TrainingSnapshot } from '../../../src/core/model/training-state';
import { Random } from '../../../src/core/random';
import type { Sequence } from '../../../src/core/rl/batch';
import { expectAllclose } from '../../helpers/allclose';
import { floats } from '../../helpers/graphs';
import { tinyConfig, VARIED_CONFIGS } from '../../helpers/tiny-config';

const engine = createNodeEngine({ numThreads: 1 });
const policy = tinyConfig();
const model = rewardModelConfig(policy);
const POLICY_THETA = initialTheta(policy, new Random('policy'));
const START = rewardModelTheta(policy, POLICY_THETA, new Random('head'));
const upload = (theta: Float32Array) => floats([theta.length], theta);

/** Answers of two to six tokens; the one with more sevens is preferred. */
function comparison(random: Random): TokenComparison {
  const answer = (): Sequence => ({
    promptTokens: [0, 2 + random.integer(3)],
    completionTokens: Array.from({ length: 2 + random.integer(5) }, () => (random.chance(0.4) ? 7 : 2 + random.integer(9))),
  });
  const sevens = ({ completionTokens }: Sequence) => completionTokens.filter((token) => token === 7).length;
  for (;;) {
    const [a, b] = [answer(), answer()];
    if (sevens(a) !== sevens(b))
      return sevens(a) > sevens(b) ? { chosen: a, rejected: b, margin: 0 } : { chosen: b, rejected: a, margin: 0 };
  }
}
const comparisons = (seed: string, count: number) => {
  const random = new Random(seed);
  return Array.from({ length: count }, () => comparison(random));
};

const CONFIG: RewardModelConfig = { numEpochs: 3, numPairs: 16, length: 8, learningRate: 0.01, centring: 0.01, optimiser: ADAMW_DEFAULTS };

async function train(
  data: readonly TokenComparison[],
  from: { theta: Float32Array } & Partial<TrainingSnapshot> = { theta: START },
  { stopAfter = Infinity, ...changes }: Partial<RewardModelConfig> & { stopAfter?: number } = {},
): Promise<{ steps: RewardModelStep[]; final: TrainingSnapshot }> {
  const state = new TrainingState(engine, from);
  const steps: RewardModelStep[] = [];
  for await (const step of trainRewardModel({ engine, model, state, config: { ...CONFIG, ...changes }, seed: 1, comparisons: data }))
    if (steps.push(step) === stopAfter) break;
  return { steps, final: await state.snapshot() };
}

async function scores(theta: Float32Array, sequences: readonly Sequence[], batch = 4, length = 8): Promise<number[]> {
  const scorer = await RewardScorer.create(engine, model, batch, length);
  try {
    return await scorer.score(upload(theta), sequences);
  } finally {
    await scorer.release();
  }
}

describe('a new reward model', () => {
  it.each(VARIED_CONFIGS)('shares every parameter with its policy but the head, which is fresh: %s', (_, config) => {
    const theta = initialTheta(config, new Random(3));
    const reward = rewardModelConfig(config);
    const [layout, result] = [parameterLayout(reward), rewardModelTheta(config, theta, new Random(4))];
    expect(result.length).toBe(layout.numParameters);
    expect(layout.entries.map(({ name }) => name)).toContain('score');
    for (const { name } of layout.entries) {
      const numbers = parameterView(layout, result, name);
      if (name !== 'score') expect(numbers).toEqual(parameterView(parameterLayout(config), theta, name));
      else expect(numbers.every((number) => number !== 0)).toBe(true);
    }
  });

  it('has a head N(0, 1 / √(D + 1)), another for another seed', () => {
    const wide = tinyConfig({ width: 2000, numLayers: 1 });
    const head = (seed: number) => {
      const theta = rewardModelTheta(wide, new Float32Array(parameterLayout(wide).numParameters), new Random(seed));
      return parameterView(parameterLayout(rewardModelConfig(wide)), theta, 'score');
    };
    const deviation = Math.sqrt(head(1).reduce((sum, number) => sum + number ** 2, 0) / 2000);
    expect(Math.abs(deviation * Math.sqrt(2001) - 1)).toBeLessThan(0.06);
    expect(Math.abs(head(1).reduce((sum, number) => sum + number, 0) / 2000)).toBeLessThan(4 * (1 / 2001));
    expect(head(2)).not.toEqual(head(1));
  });
});

describe('a scorer', () => {
  it('reads many conversations in few rows, and says of each what it says of it alone', async () => {
    const random = new Random('packed');
    const prompts = [
      [0, 3],
      [0, 4, 5],
      [0, 6, 7, 8],
    ];
    const sequences = Array.from({ length: 41 }, (_, i): Sequence => ({
      promptTokens: prompts[i % 3]!,
      completionTokens: Array.from({ length: random.integer(5) }, () => 2 + random.integer(9)),
    }));
    const alone: number[] = [];
    for (const sequence of sequences) alone.push((await scores(START, [sequence], 2, 12))[0]!);
    for (const rows of [2, 3, 7]) expectAllclose(await scores(START, sequences, rows, 12), alone, 1e-5);
  });

  it('cuts what is longer than its rows, and has nothing to say of nothing', async () => {
    const long: Sequence = { promptTokens: [0, 3], completionTokens: [4, 5, 6, 7, 8, 9, 10] };
    const short: Sequence = { promptTokens: [0, 3], completionTokens: [4, 5] };
    expectAllclose(await scores(START, [long], 2, 4), await scores(START, [short], 2, 12), 1e-5);
    expect(await scores(START, [])).toEqual([]);
  });
});

describe('training', () => {
  it('learns from all pairs of a prompt in one step, each answer read once', async () => {
    const prompts = [2, 3, 4, 5].map((token, p): TokenComparison[] => {
      const random = new Random('together').split(p);
      const answers = [0, 1, 2].map((): Sequence => ({
        promptTokens: [0, token],
        completionTokens: Array.from({ length: 3 }, () => 2 + random.integer(9)),
      }));
      return [
        [0, 1],
        [0, 2],
        [1, 2],
      ].map(([chosen, rejected]) => ({ chosen: answers[chosen!]!, rejected: answers[rejected!]!, margin: 0 }));
    });
    const marginOf = async (pairs: readonly TokenComparison[]) => {
      const chosen = await scores(
        START,
        pairs.map((pair) => pair.chosen),
      );
      const rejected = await scores(
        START,
        pairs.map((pair) => pair.rejected),
      );
      return chosen.reduce((sum, score, i) => sum + score - rejected[i]!, 0) / pairs.length;
    };
    const margins = await Promise.all(prompts.map(marginOf));
    // Pairs as a person labels them: the prompts' first pairs, then the second ones, then the third.
    const mixed = [0, 1, 2].flatMap((pair) => prompts.map((pairs) => pairs[pair]!));
    const { steps } = await train(mixed, { theta: START }, { numPairs: 3, numEpochs: 1, learningRate: 0 });
    expect(steps).toHaveLength(4);
    const sorted = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b);
    expectAllclose(sorted(steps.map((step) => step.margin)), sorted(margins), 1e-5);
  });

  it('learns a simple preference: over 95 % of unseen pairs are told right', async () => {
    const unseen = comparisons('held out', 300);
    const accuracy = async (theta: Float32Array) => {
      const [chosen, rejected] = [
        await scores(
          theta,
          unseen.map((pair) => pair.chosen),
          50,
        ),
        await scores(
          theta,
          unseen.map((pair) => pair.rejected),
          50,
        ),
      ];
      return unseen.filter((_, i) => chosen[i]! > rejected[i]!).length / unseen.length;
    };
    const { steps, final } = await train(comparisons('training', 1600));
    expect(steps.length).toBe(300);
    expect(steps[0]!.loss).toBeGreaterThan(0.4);
    expect(await accuracy(START)).toBeLessThan(0.8);
    expect(await accuracy(final.theta)).toBeGreaterThan(0.95);
    const last = steps.slice(-20);
    expect(last.reduce((sum, step) => sum + step.accuracy, 0) / 20).toBeGreaterThan(0.95);
  });

  it('learns from noisy annotators: over 85 % of the accuracy that knowing the truth would have', async () => {
    const sevens = ({ completionTokens }: Sequence) => completionTokens.filter((token) => token === 7).length;
    const chance = ({ chosen, rejected }: TokenComparison) => 1 / (1 + Math.exp(-0.7 * (sevens(chosen) - sevens(rejected))));
    const noise = new Random('noise');
    const data = comparisons('noisy', 2000).map((pair) =>
      noise.chance(chance(pair)) ? pair : { chosen: pair.rejected, rejected: pair.chosen, margin: 0 },
    );
    const unseen = comparisons('noisy, held out', 300);
    // Chances that an annotator agrees: with the model, and with who knows how the pairs are judged.
    const agreement = async (theta: Float32Array) => {
      const found = await scores(
        theta,
        unseen.flatMap(({ chosen, rejected }) => [chosen, rejected]),
        50,
      );
      const agrees = unseen.map((pair, i) => (found[2 * i]! > found[2 * i + 1]! ? chance(pair) : 1 - chance(pair)));
      return agrees.reduce((sum, one) => sum + one, 0) / unseen.length;
    };
    const ceiling = unseen.reduce((sum, pair) => sum + chance(pair), 0) / unseen.length;
    expect(ceiling).toBeLessThan(0.8); // there is noise
    const { final } = await train(data, undefined, { numEpochs: 2 });
    expect((await agreement(START)) / ceiling).toBeLessThan(0.85);
    expect((await agreement(final.theta)) / ceiling).toBeGreaterThan(0.85);
  });

  it('reports the share of pairs told right before the step', async () => {
    const data = comparisons('once', CONFIG.numPairs);
    const { steps } = await train(data, undefined, { stopAfter: 1 });
    const [chosen, rejected] = [
      await scores(
        START,
        data.map((pair) => pair.chosen),
      ),
      await scores(
        START,
        data.map((pair) => pair.rejected),
      ),
    ];
    expect(steps[0]!.accuracy).toBe(data.filter((_, i) => chosen[i]! > rejected[i]!).length / data.length);
    const loss = data.reduce(
      (sum, _, i) => sum + Math.log1p(Math.exp(rejected[i]! - chosen[i]!)) + 0.01 * (chosen[i]! + rejected[i]!) ** 2,
      0,
    );
    expect(steps[0]!.loss).toBeCloseTo(loss / data.length, 5);
  });

  it('asks for more distance where the margin is larger', async () => {
    const data = comparisons('margins', CONFIG.numPairs);
    const strong = data.map((pair) => ({ ...pair, margin: 1 }));
    const [plain, wide] = [await train(data, undefined, { stopAfter: 1 }), await train(strong, undefined, { stopAfter: 1 })];
    expect(wide.steps[0]!.loss).toBeGreaterThan(plain.steps[0]!.loss + 0.2);
    expect(wide.steps[0]!.accuracy).toBe(plain.steps[0]!.accuracy);
  });

  it('killed and continued, in the middle of an epoch, is the run never killed, to the last bit', async () => {
    const data = comparisons('resumed', 80); // five steps an epoch
    const [whole, start] = [await train(data), await train(data, undefined, { stopAfter: 7 })];
    expect(whole.steps.length).toBe(15);
    const rest = await train(data, start.final);
    expect([...start.steps, ...rest.steps]).toEqual(whole.steps);
    expect(rest.final).toEqual(whole.final);
  });

  it('sees every comparison once an epoch, in another order each time', async () => {
    const seen = new Map<TokenComparison, number>();
    const order: TokenComparison[] = [];
    const data = comparisons('counted', 48).map((pair) => {
      const counted: TokenComparison = {
        chosen: pair.chosen,
        rejected: pair.rejected,
        get margin() {
          order.push(counted);
          seen.set(counted, (seen.get(counted) ?? 0) + 1);
          return 0;
        },
      };
      return counted;
    });
    await train(data, undefined, { numEpochs: 2 });
    expect(data.map((pair) => seen.get(pair))).toEqual(data.map(() => 2));
    const indices = order.map((pair) => data.indexOf(pair));
    expect(new Set(indices.slice(0, 48)).size).toBe(48);
    expect(indices.slice(48)).not.toEqual(indices.slice(0, 48));
  });
});

describe('training on little', () => {
  it('learns from fewer comparisons than a step has room for, all in one step a pass', async () => {
    const { steps, final } = await train(comparisons('few', 3), undefined, { numEpochs: 4 });
    expect(steps.map(({ step, numSteps }) => `${step} of ${numSteps}`)).toEqual(['1 of 4', '2 of 4', '3 of 4', '4 of 4']);
    expect(steps[3]!.loss).toBeLessThan(steps[0]!.loss);
    expect(final.theta).not.toEqual(START);
  });

  it('refuses to learn from nothing', async () => {
    await expect(train([])).rejects.toThrow(/at least one comparison/);
  });

  it('takes conversations that are too long, a prompt longer than a row too, as the scorer reads them', async () => {
    const data = [...comparisons('long', 1)].map(({ chosen, rejected }) => ({
      chosen: { ...chosen, completionTokens: [...chosen.completionTokens, 2, 3, 4, 5, 6, 7, 8] },
      rejected: { promptTokens: [0, 2, 3, 4, 5, 6, 7, 8, 9, 10], completionTokens: rejected.completionTokens },
      margin: 0,
    }));
    const { steps } = await train(data, undefined, { stopAfter: 1 });
    const [chosen, rejected] = await scores(START, [data[0]!.chosen, data[0]!.rejected]);
    expect(steps[0]!.margin).toBeCloseTo(chosen! - rejected!, 5);
    expect(steps[0]!.minReward).toBeCloseTo(Math.min(chosen!, rejected!), 5);
    expect(steps[0]!.maxReward).toBeCloseTo(Math.max(chosen!, rejected!), 5);
  });
});

describe('a score', () => {
  const conversations = comparisons('scored', 7).map((pair) => pair.chosen);

  it('does not depend on batch mates, batch size or padding', async () => {
    const together = await scores(START, conversations);
    expect(together.length).toBe(7);
    for (const [i, conversation] of conversations.entries()) {
      const [alone] = await scores(START, [conversation], 1, 13);
      expect(Math.abs(alone! - together[i]!), `conversation ${i}`).toBeLessThan(1e-5);
    }
    expectAllclose(await scores(START, [...conversations].reverse(), 3), [...together].reverse(), 1e-5);
    expect(Math.max(...together) - Math.min(...together)).toBeGreaterThan(0.05);
  });

  it('is read at the last token: a further token changes it', async () => {
    const [{ promptTokens, completionTokens }] = [conversations[0]!];
    const [short, long] = await scores(START, [conversations[0]!, { promptTokens, completionTokens: [...completionTokens, 6] }], 2, 12);
    expect(Math.abs(short! - long!)).toBeGreaterThan(1e-3);
  });

  it('of a conversation that is too long is that of its beginning', async () => {
    const tokens = [0, 2, 7, 3, 7, 8, 9, 4, 6, 6];
    const [cut] = await scores(START, [{ promptTokens: tokens.slice(0, 2), completionTokens: tokens.slice(2) }], 1, 6);
    const [beginning] = await scores(START, [{ promptTokens: tokens.slice(0, 2), completionTokens: tokens.slice(2, 6) }], 1, 6);
    expect(cut).toBe(beginning);
  });

  it('of nothing is nothing', async () => {
    expect(await scores(START, [])).toEqual([]);
  });

  it('read at every token ends with the conversation’s own, and is that of its beginnings before', async () => {
    const scorer = await TokenScorer.create(engine, model, 12);
    for (const conversation of conversations.slice(0, 3)) {
      const { promptTokens, completionTokens } = conversation;
      const byToken = await scorer.scores(upload(START), conversation);
      const beginnings = completionTokens.map((_, i) => ({ promptTokens, completionTokens: completionTokens.slice(0, i + 1) }));
      expectAllclose(byToken, await scores(START, beginnings, 8, 12), 1e-5);
    }
    await scorer.release();
  });
});
