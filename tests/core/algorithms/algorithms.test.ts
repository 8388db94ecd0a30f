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
import { ALGORITHMS, MODEL, runSmall, shareOfSevens, type SmallResult, type SmallRun } from './small-runs';

const engine = createNodeEngine({ numThreads: 1 });
const NAMES = Object.keys(ALGORITHMS);
const ONLINE = NAMES.filter((name) => name !== 'dpo');
const series = ({ steps }: SmallResult, name: MetricName) => steps.map((step) => step.metrics[name]);

/** Updates 1, 2, 11 and 20 of a run of 20. */
const GOLDEN: Readonly<Record<string, readonly (readonly [update: number, Partial<Record<MetricName, number>>])[]>> = {
  reinforce: [
    [
      1,
      {
        reward: 0.03125,
        'objective/kl': 0,
        'completions/mean_length': 4.875,
        entropy: 2.15957,
        'policy/approxkl_avg': 0,
        'val/ratio': 1,
        loss: 0.03125,
        grad_norm: 0.415866,
        'objective/non_score_reward': 0,
      },
    ],
    [
      2,
      {
        reward: 0.05,
        'objective/kl': 0.193918,
        'completions/mean_length': 4.625,
        entropy: 2.153818,
        'policy/approxkl_avg': 0,
        'val/ratio': 1,
        loss: -0.005424,
        grad_norm: 0.440151,
        'objective/non_score_reward': -0.009696,
      },
    ],
    [
      11,
      {
        reward: 0.08125,
        'objective/kl': 0.859077,
        'completions/mean_length': 4.125,
        entropy: 2.226408,
        'policy/approxkl_avg': 0,
        'val/ratio': 1,
        loss: -0.016965,
        grad_norm: 0.450184,
        'objective/non_score_reward': -0.042954,
      },
    ],
    [
      20,
      {
        reward: 0.116667,
        'objective/kl': 0.962009,
        'completions/mean_length': 3.5,
        entropy: 2.071883,
        'policy/approxkl_avg': 0,
        'val/ratio': 1,
        loss: -0.089759,
        grad_norm: 0.23231,
        'objective/non_score_reward': -0.0481,
      },
    ],
  ],
  rloo: [
    [
      1,
      {
        reward: 0.025,
        'objective/kl': 0,
        'completions/mean_length': 4.25,
        entropy: 2.140087,
        'policy/approxkl_avg': 0,
        'val/ratio': 1,
        loss: -0.05,
        grad_norm: 0.376386,
        'objective/non_score_reward': 0,
      },
    ],
    [
      2,
      {
        reward: 0.075,
        'objective/kl': 0.205688,
        'completions/mean_length': 4.5,
        entropy: 2.159365,
        'policy/approxkl_avg': 0,
        'val/ratio': 1,
        loss: -0.030043,
        grad_norm: 0.777704,
        'objective/non_score_reward': -0.010284,
      },
    ],
    [
      11,
      {
        reward: 0.4375,
        'objective/kl': 3.189995,
        'completions/mean_length': 4.625,
        entropy: 1.947107,
        'policy/approxkl_avg': 0,
        'val/ratio': 1,
        loss: 0.077648,
        grad_norm: 0.339585,
        'objective/non_score_reward': -0.1595,
      },
    ],
    [
      20,
      {
        reward: 0.7625,
        'objective/kl': 5.088859,
        'completions/mean_length': 4.625,
        entropy: 0.845257,
        'policy/approxkl_avg': 0,
        'val/ratio': 1,
        loss: -0.01696,
        grad_norm: 0.26857,
        'objective/non_score_reward': -0.254443,
      },
    ],
  ],
  ppo: [
    [
      1,
      {
        reward: 0.05,
        'objective/kl': 0,
        'completions/mean_length': 4.625,
        entropy: 2.127107,
        'policy/approxkl_avg': 0.027554,
        'val/ratio': 0.977084,
        loss: -0.05859,
        grad_norm: 0.608091,
        kl_coef: 0.05,
        'objective/non_score_reward': 0,
        'loss/value_avg': 0.003729,
        'val/explained_variance': 0.000002,
      },
    ],
    [
      2,
      {
        reward: 0.05,
        'objective/kl': 0.379465,
        'completions/mean_length': 4.5,
        entropy: 2.116413,
        'policy/approxkl_avg': 0.019896,
        'val/ratio': 1.043693,
        loss: -0.027295,
        grad_norm: 0.728016,
        kl_coef: 0.05,
        'objective/non_score_reward': -0.018973,
        'loss/value_avg': 0.005514,
        'val/explained_variance': -0.636148,
      },
    ],
    [
      11,
      {
        reward: 0.40625,
        'objective/kl': 2.076061,
        'completions/mean_length': 4.875,
        entropy: 1.633663,
        'policy/approxkl_avg': 0.009446,
        'val/ratio': 0.983619,
        loss: -0.024551,
        grad_norm: 0.53741,
        kl_coef: 0.05,
        'objective/non_score_reward': -0.103803,
        'loss/value_avg': 0.018059,
        'val/explained_variance': 0.143274,
      },
    ],
    [
      20,
      {
        reward: 1,
        'objective/kl': 9.210438,
        'completions/mean_length': 5,
        entropy: 0.092571,
        'policy/approxkl_avg': 0,
        'val/ratio': 1.000681,
        loss: 0.000008,
        grad_norm: 0.001871,
        kl_coef: 0.05,
        'objective/non_score_reward': -0.460522,
        'loss/value_avg': 0.00108,
        'val/explained_variance': 0.876625,
      },
    ],
  ],
  'rejection-sampling': [
    [
      1,
      {
        reward: 0.125,
        'objective/kl': 0,
        'completions/mean_length': 4.75,
        entropy: 2.106781,
        best_reward: 0.3,
        loss: 2.102294,
        grad_norm: 1.317133,
      },
    ],
    [
      2,
      {
        reward: 0.083333,
        'objective/kl': -0.029852,
        'completions/mean_length': 3.875,
        entropy: 2.244597,
        best_reward: 0.333333,
        loss: 2.112064,
        grad_norm: 3.171614,
      },
    ],
    [
      11,
      {
        reward: 0.191667,
        'objective/kl': 1.786775,
        'completions/mean_length': 3.625,
        entropy: 1.850124,
        best_reward: 0.3,
        loss: 1.556741,
        grad_norm: 0.754163,
      },
    ],
    [
      20,
      {
        reward: 0.429167,
        'objective/kl': 2.819639,
        'completions/mean_length': 4.125,
        entropy: 1.222378,
        best_reward: 0.55,
        loss: 1.497463,
        grad_norm: 0.561481,
      },
    ],
  ],
  'online-dpo': [
    [
      1,
      {
        reward: 0.147917,
        'objective/kl': 0,
        'completions/mean_length': 4.375,
        'rewards/chosen': 0,
        'rewards/rejected': 0,
        'rewards/margins': 0,
        'rewards/accuracies': 0,
        loss: 0.693147,
        grad_norm: 0.572924,
      },
    ],
    [
      2,
      {
        reward: 0.05,
        'objective/kl': 0.122442,
        'completions/mean_length': 4.125,
        'rewards/chosen': -0.010327,
        'rewards/rejected': -0.017494,
        'rewards/margins': 0.007167,
        'rewards/accuracies': 0.5,
        loss: 0.364758,
        grad_norm: 0.45323,
      },
    ],
    [
      11,
      {
        reward: 0.45,
        'objective/kl': 3.65639,
        'completions/mean_length': 5,
        'rewards/chosen': 0.510583,
        'rewards/rejected': 0.310271,
        'rewards/margins': 0.200312,
        'rewards/accuracies': 1,
        loss: 0.600641,
        grad_norm: 0.397752,
      },
    ],
    [
      20,
      {
        reward: 0.85,
        'objective/kl': 6.927591,
        'completions/mean_length': 5,
        'rewards/chosen': 0.823228,
        'rewards/rejected': 0.489164,
        'rewards/margins': 0.334064,
        'rewards/accuracies': 1,
        loss: 0.547577,
        grad_norm: 0.329628,
      },
    ],
  ],
  dpo: [
    [1, { 'rewards/chosen': 0, 'rewards/rejected': 0, 'rewards/margins': 0, 'rewards/accuracies': 0, loss: 0.693147, grad_norm: 0.404079 }],
    [
      2,
      {
        'rewards/chosen': 0.070431,
        'rewards/rejected': 0.046079,
        'rewards/margins': 0.024352,
        'rewards/accuracies': 0.75,
        loss: 0.681474,
        grad_norm: 0.656774,
      },
    ],
    [
      11,
      {
        'rewards/chosen': 0.391074,
        'rewards/rejected': -0.138657,
        'rewards/margins': 0.529731,
        'rewards/accuracies': 1,
        loss: 0.472805,
        grad_norm: 0.229301,
      },
    ],
    [
      20,
      {
        'rewards/chosen': 0.362994,
        'rewards/rejected': -0.590471,
        'rewards/margins': 0.953465,
        'rewards/accuracies': 1,
        loss: 0.332546,
        grad_norm: 0.255272,
      },
    ],
  ],
};

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
