/**
 * @file Every algorithm end to end on a tiny model: golden trajectories, reproducibility, continuing, learning, and what must
 * hold before the first step. (GRPO has more in a file of its own.)
 */
import { describe, expect, it } from 'vitest';
import { createNodeEngine } from '../../../src/engine/ort-node';
import { StepZeroError } from '../../../src/core/algorithms/step-zero';
import type { MetricName } from '../../../src/core/algorithms/step';
import { Interpreter } from '../../../src/core/graph/interpreter';
import { NonFiniteLossError } from '../../../src/core/model/training-state';
import { mean } from '../../../src/core/rl/advantages';
import { expectAllclose } from '../../helpers/allclose';
import { livelyTheta } from '../../helpers/tiny-config';
import { countAlive } from '../../helpers/counted-engine';
import { GOLDEN } from './golden-trajectories';
import { ALGORITHMS, MODEL, runSmall, shareOfSevens, type SmallResult, type SmallRun } from './small-runs';

const engine = createNodeEngine({ numThreads: 1 });
const NAMES = Object.keys(ALGORITHMS);
const ONLINE = NAMES.filter((name) => name !== 'dpo');
const series = ({ steps }: SmallResult, name: MetricName) => steps.map((step) => step.metrics[name]);

describe.each(NAMES)('twenty updates of %s', (name) => {
  if (name in GOLDEN)
    it('take the golden path', async () => {
      const { steps } = await runSmall(engine, name);
      expect(steps.length).toBe(20);
      for (const [update, golden] of GOLDEN[name]!) {
        expect(steps[update - 1]!.update).toBe(update);
        for (const [metric, number] of Object.entries(golden))
          expect(Math.abs(steps[update - 1]!.metrics[metric as MetricName] - number), `${metric} at update ${update}`).toBeLessThan(2e-4);
      }
    });

  it('take the same path on the interpreter, without ONNX Runtime', async () => {
    const [found, expected] = [await runSmall(new Interpreter(), name, { stopAfter: 8 }), await runSmall(engine, name, { stopAfter: 8 })];
    expect(found.steps.map((step) => step.rollouts.map((rollout) => rollout.completionTokens))).toEqual(
      expected.steps.map((step) => step.rollouts.map((rollout) => rollout.completionTokens)),
    );
    for (const metric of Object.keys(expected.steps[0]!.metrics) as MetricName[])
      series(found, metric).forEach((number, i) => expect(Math.abs(number - series(expected, metric)[i]!), metric).toBeLessThan(1e-4));
    expectAllclose(found.final.theta, expected.final.theta, 1e-4);
  });

  it('with the same seed are the same to the last bit, with another seed others', async () => {
    const [first, again] = [await runSmall(engine, name, { stopAfter: 4 }), await runSmall(engine, name, { stopAfter: 4 })];
    expect(again).toEqual(first);
    expect((await runSmall(engine, name, { stopAfter: 4, seed: 2 })).final.theta).not.toEqual(first.final.theta);
  });

  it('stopped after seven and continued from there end where they would have', async () => {
    const settings = name === 'ppo' ? { adaptiveKl: true, klTarget: 0.5, klHorizon: 100, ptxCoef: 0.5, numMiniBatches: 2 } : {};
    const [whole, start] = [await runSmall(engine, name, { settings }), await runSmall(engine, name, { settings, stopAfter: 7 })];
    const { memory } = start.steps.at(-1)!;
    const rest = await runSmall(engine, name, { settings, from: start.final, criticFrom: start.critic, memory, firstUpdate: 7 });
    expect([...start.steps, ...rest.steps]).toEqual(whole.steps);
    expect(rest.final).toEqual(whole.final);
    expect(rest.critic).toEqual(whole.critic);
  });
});

describe.each(ONLINE)('%s', (name) => {
  it('raises the reward, whatever the seed', async () => {
    for (const seed of [1, 2, 3]) {
      const reward = series(await runSmall(engine, name, { seed, settings: { numUpdates: 60 } }), 'reward');
      expect(mean(reward.slice(0, 5)), `seed ${seed}`).toBeLessThan(0.3);
      expect(mean(reward.slice(-5)), `seed ${seed}`).toBeGreaterThan(0.6);
    }
  });

  it('starts where the reference is, and reports numbers of every token', async () => {
    const { steps } = await runSmall(engine, name, { stopAfter: 2 });
    expect(Math.abs(steps[0]!.metrics.kl)).toBeLessThan(1e-5);
    expect(Math.abs(steps[0]!.metrics['objective/kl'])).toBeLessThan(1e-5);
    expect(steps[1]!.metrics.kl).toBeGreaterThan(1e-3);
    for (const { rollouts, tokens, metrics, cost, rewards, prompts, groupSize } of steps) {
      const lengths = rollouts.map(({ completionTokens }) => completionTokens.length);
      for (const rows of [tokens!.logprobs, tokens!.refLogprobs, tokens!.newLogprobs, tokens!.advantages])
        expect(rows.map((row) => row.length)).toEqual(lengths);
      rollouts.forEach(({ samplingLogprobs }, row) =>
        samplingLogprobs.forEach((drawn, t) => expect(Math.abs(drawn - tokens!.logprobs[row]![t]!)).toBeLessThan(1e-4)),
      );
      expect(metrics['completions/mean_length']).toBeCloseTo(mean(lengths), 10);
      expect(rewards).toEqual(rollouts.map(shareOfSevens));
      expect(rollouts.map((rollout) => rollout.promptTokens)).toEqual(prompts.map((prompt) => prompt.promptTokens));
      expect(rollouts.length % groupSize).toBe(0);
      expect(cost.sampledTokens).toBe(lengths.reduce((sum, length) => sum + length, 0));
      expect(cost.flops).toBeGreaterThan(0);
      expect(cost.trainedTokens).toBeGreaterThan(0);
    }
  });

  it('refuses to train when the policy is said to be its reference and is not', async () => {
    await expect(runSmall(engine, name, { reference: livelyTheta(MODEL, 3), stopAfter: 1 })).rejects.toThrow(StepZeroError);
  });

  it('stops on a reward that is not a number', async () => {
    await expect(runSmall(engine, name, { reward: (_, rollouts) => Promise.resolve(rollouts.map(() => NaN)) })).rejects.toThrow(
      NonFiniteLossError,
    );
  });
});

it.each(NAMES)('%s gives back all it took, however it ends', async (name) => {
  for (const stopAfter of [1, Infinity]) {
    const counted = createNodeEngine({ numThreads: 1 });
    const alive = countAlive(counted);
    await runSmall(counted, name, { settings: { numUpdates: 2 }, stopAfter });
    expect(alive()).toEqual({ tensors: 0, programs: 0 });
  }
});

describe('DPO', () => {
  it('starts at ln 2, puts its pairs in order, and moves away from the rejected', async () => {
    const run = await runSmall(engine, 'dpo', { settings: { numUpdates: 40 } });
    expect(series(run, 'loss')[0]).toBeCloseTo(Math.LN2, 6);
    expect(mean(series(run, 'rewards/accuracies').slice(-5))).toBeGreaterThan(0.95);
    expect(series(run, 'rewards/margins').at(-1)!).toBeGreaterThan(0.5);
  });

  it.each([
    ['ipo', (0.5 / 0.1) ** 2],
    ['hinge', 1],
    ['robust', Math.LN2],
  ])('with the %s loss starts at %d', async (lossType, expected) => {
    const { steps } = await runSmall(engine, 'dpo', { settings: { lossType }, stopAfter: 1 });
    expect(steps[0]!.metrics.loss).toBeCloseTo(expected, 4);
  });

  it('refuses to train when the policy is said to be its reference and is not', async () => {
    const distant = livelyTheta(MODEL, 3).map((weight) => 3 * weight);
    await expect(runSmall(engine, 'dpo', { reference: distant, stopAfter: 1 })).rejects.toThrow(StepZeroError);
  });
});

describe('rejection sampling', () => {
  it('keeps the best by reward less KL, and stays nearer to its reference for it', async () => {
    const klCoef = 0.3;
    const [free, held] = [
      await runSmall(engine, 'rejection-sampling'),
      await runSmall(engine, 'rejection-sampling', { settings: { klCoef } }),
    ];
    let differs = false;
    for (const { groupSize, rollouts, rewards, tokens, advantages } of held.steps) {
      const scores = rewards.map(
        (reward, row) =>
          reward - klCoef * rollouts[row]!.samplingLogprobs.reduce((sum, each, t) => sum + each - tokens!.refLogprobs[row]![t]!, 0),
      );
      for (let first = 0; first < scores.length; first += groupSize) {
        const best = (numbers: readonly number[]) => numbers.indexOf(Math.max(...numbers.slice(first, first + groupSize)), first);
        expect(advantages.indexOf(1, first)).toBe(best(scores));
        differs ||= best(scores) !== best(rewards);
      }
    }
    expect(differs).toBe(true);
    const last = ({ steps }: typeof free) => mean(steps.slice(-5).map(({ metrics }) => metrics['objective/kl']!));
    expect(last(held)).toBeLessThan(last(free));
  });
});

describe('PPO', () => {
  it('takes a penalty off answers that did not end, and only off those', async () => {
    const { steps } = await runSmall(engine, 'ppo', { stopAfter: 1, settings: { missingEosPenalty: 0.7 } });
    const { metrics, rollouts, rewards } = steps[0]!;
    const expected = mean(rewards.map((reward, i) => reward - (rollouts[i]!.finished ? 0 : 0.7)));
    expect(metrics['objective/scores']).toBeCloseTo(expected, 10);
    expect(metrics['val/num_eos_tokens']).toBe(rollouts.filter(({ finished }) => finished).length);
    expect(metrics['objective/scores']).toBeLessThan(metrics.reward);
  });

  it('under an adaptive weight raises it while KL is above its target', async () => {
    const settings = { adaptiveKl: true, klTarget: 0.5, klHorizon: 100, numUpdates: 30 };
    const run = await runSmall(engine, 'ppo', { settings });
    const [kl, coef] = [series(run, 'objective/kl'), series(run, 'kl_coef')];
    for (let i = 1; i < coef.length; i++) {
      if (kl[i - 1]! > 0.5) expect(coef[i]).toBeGreaterThan(coef[i - 1]!);
      if (kl[i - 1]! < 0.5) expect(coef[i]).toBeLessThan(coef[i - 1]!);
    }
    expect(Math.max(...kl)).toBeGreaterThan(0.5);
  });

  it('rehearses documents when told to: their loss falls', async () => {
    const losses = series(await runSmall(engine, 'ppo', { settings: { ptxCoef: 1, numUpdates: 30 } }), 'loss/rehearsal_avg');
    expect(losses.at(-1)!).toBeLessThan(0.6 * losses[0]!);
    expect(series(await runSmall(engine, 'ppo', { stopAfter: 1 }), 'loss/rehearsal_avg')).toEqual([0]);
  });

  it('learns to foresee rewards that can be foreseen: here those of the prompt', async () => {
    const reward: SmallRun['reward'] = (prompts) => Promise.resolve(prompts.map(({ promptTokens }) => promptTokens.length - 2));
    const settings = { numUpdates: 80, learningRate: 1e-7, valueLearningRate: 0.01 };
    const explained = series(await runSmall(engine, 'ppo', { settings, reward }), 'val/explained_variance');
    expect(Math.abs(explained[0]!)).toBeLessThan(0.01);
    expect(mean(explained.slice(-10))).toBeGreaterThan(0.3);
  });
});
