/**
 * @file GRPO end to end on a tiny model: a golden trajectory, reproducibility, continuing, learning, several passes a batch.
 */
import { describe, expect, it } from 'vitest';
import { createNodeEngine } from '../../../src/engine/ort-node';
import { Interpreter } from '../../../src/core/graph/interpreter';
import type { Engine } from '../../../src/core/graph/engine';
import type { GrpoMetric } from '../../../src/core/algorithms/grpo';
import { TrainingState, NonFiniteLossError } from '../../../src/core/model/training-state';
import { mean } from '../../../src/core/rl/advantages';
import { k1, k3 } from '../../../src/core/rl/kl';
import { expectAllclose } from '../../helpers/allclose';
import { score } from '../../helpers/rollouts';
import { MODEL, runGrpo, SETTINGS, shareOfSevens, START, type RunResult } from './grpo-runs';

const engine = createNodeEngine({ numThreads: 1 });
const series = ({ steps }: RunResult, name: GrpoMetric) => steps.map((step) => step.metrics[name]);

/** Updates 1, 2, 6, 11 and 20 of a run of 20. */
const GOLDEN: readonly (readonly [update: number, Partial<Record<GrpoMetric, number>>])[] = [
  [1, { reward: 0.025, kl: 0, 'objective/kl': 0, entropy: 2.1302154, loss: 0, grad_norm: 0.4041948 }],
  [2, { reward: 0.05, kl: 0.062465, 'objective/kl': 0.2853798, entropy: 2.1552877, loss: -0.0254135, grad_norm: 0.5906585 }],
  [6, { reward: 0.025, kl: 0.1267299, 'objective/kl': 0.2818754, entropy: 2.2050724, loss: 0.0050692, grad_norm: 0.614971 }],
  [11, { reward: 0.33125, kl: 0.3021855, 'objective/kl': 1.2721114, entropy: 2.0203409, loss: 0.0022328, grad_norm: 0.6523686 }],
  [20, { reward: 0.875, kl: 0.7978218, 'objective/kl': 5.9289016, entropy: 1.1949964, loss: 0.0319129, grad_norm: 0.4513909 }],
];

describe('twenty updates', () => {
  it('take the golden path', async () => {
    const { steps } = await runGrpo(engine);
    for (const [update, golden] of GOLDEN) {
      expect(steps[update - 1]!.update).toBe(update);
      for (const [name, number] of Object.entries(golden))
        expect(Math.abs(steps[update - 1]!.metrics[name as GrpoMetric] - number), `${name} at update ${update}`).toBeLessThan(1e-4);
    }
    expect(steps.length).toBe(20);
  });

  it('take the same path on the interpreter, without ONNX Runtime: same tokens, numbers and weights to 1e-4', async () => {
    const [found, expected] = [await runGrpo(new Interpreter()), await runGrpo(engine)];
    expect(found.steps.map((step) => step.rollouts.map((rollout) => rollout.completionTokens))).toEqual(
      expected.steps.map((step) => step.rollouts.map((rollout) => rollout.completionTokens)),
    );
    for (const name of Object.keys(expected.steps[0]!.metrics) as GrpoMetric[])
      series(found, name).forEach((number, i) => expect(Math.abs(number - series(expected, name)[i]!), name).toBeLessThan(1e-4));
    expectAllclose(found.final.theta, expected.final.theta, 1e-4);
  });

  it('with the same seed are the same to the last bit, with another seed others', async () => {
    const [first, again, other] = [await runGrpo(engine), await runGrpo(engine), await runGrpo(engine, { seed: 2, stopAfter: 2 })];
    expect(again).toEqual(first);
    expect(other.steps[1]!.rollouts).not.toEqual(first.steps[1]!.rollouts);
  });

  it.each([1, 2])('stopped after seven and continued from there end where they would have: %i passes a batch', async (numIterations) => {
    const settings = { numIterations };
    const [whole, start] = [await runGrpo(engine, { settings }), await runGrpo(engine, { settings, stopAfter: 7 })];
    expect(start.final.step).toBe(7 * numIterations);
    const rest = await runGrpo(engine, { settings, from: start.final, firstUpdate: 7 });
    expect([...start.steps, ...rest.steps]).toEqual(whole.steps);
    expect(rest.final).toEqual(whole.final);
  });

  it('raise the reward, whatever the seed, and move away from the reference', async () => {
    for (const seed of [1, 2, 3]) {
      const run = await runGrpo(engine, { seed, settings: { numUpdates: 40 } });
      const reward = series(run, 'reward');
      expect(mean(reward.slice(0, 5)), `seed ${seed}`).toBeLessThan(0.3);
      expect(mean(reward.slice(-5)), `seed ${seed}`).toBeGreaterThan(0.8);
      expect(mean(series(run, 'objective/kl').slice(-5))).toBeGreaterThan(1);
    }
  });

  it('under a heavy KL weight stay nearer to the reference and earn less', async () => {
    const [free, held] = await Promise.all([0, 3].map((klCoef) => runGrpo(engine, { settings: { numUpdates: 40, klCoef } })));
    for (const name of ['kl', 'reward'] as const)
      expect(mean(series(held!, name).slice(-5)), name).toBeLessThan(0.5 * mean(series(free!, name).slice(-5)));
  });
});

describe('an update', () => {
  it('starts with ratio 1, step KL 0, KL to the reference 0 and nothing clipped', async () => {
    const { metrics } = (await runGrpo(engine, { stopAfter: 1 })).steps[0]!;
    expect(metrics['val/ratio']).toBeCloseTo(1, 6);
    for (const name of ['policy/approxkl_avg', 'kl', 'objective/kl', 'clip_ratio/region_mean'] as const)
      expect(Math.abs(metrics[name]), name).toBeLessThan(1e-6);
  });

  it('reports what its own rollouts say, worked out again from the weights before it', async () => {
    const before = (await runGrpo(engine, { stopAfter: 3 })).final;
    const settings = { temperature: 0.8 };
    const { metrics, rollouts, rewards, prompts } = (await runGrpo(engine, { from: before, firstUpdate: 3, stopAfter: 1, settings }))
      .steps[0]!;
    let [numTokens, sumK1, sumK3, sumEntropy] = [0, 0, 0, 0];
    for (const { promptTokens, completionTokens } of rollouts) {
      const row = [...promptTokens, ...completionTokens];
      const now = await score(engine, MODEL, before.theta, [row], 0.8);
      const ref = await score(engine, MODEL, START, [row], 0.8);
      for (let t = promptTokens.length - 1; t < row.length - 1; t++) {
        numTokens++;
        sumK1 += k1(now.logprobs[0]![t]!, ref.logprobs[0]![t]!);
        sumK3 += k3(now.logprobs[0]![t]!, ref.logprobs[0]![t]!);
        sumEntropy += now.entropies[0]![t]!;
      }
    }
    expect(rewards).toEqual(rollouts.map(shareOfSevens));
    expect(rollouts.map((rollout) => rollout.promptTokens)).toEqual(prompts.map((prompt) => prompt.promptTokens));
    expect(metrics.reward).toBeCloseTo(mean(rewards), 12);
    expect(metrics.kl).toBeCloseTo(sumK3 / numTokens, 5);
    expect(metrics['objective/kl']).toBeCloseTo(sumK1 / rollouts.length, 5);
    expect(metrics.entropy).toBeCloseTo(sumEntropy / numTokens, 5);
    expect(metrics['completions/mean_length']).toBeCloseTo(numTokens / rollouts.length, 12);
    expect(metrics['completions/clipped_ratio']).toBe(mean(rollouts.map((rollout) => Number(!rollout.finished))));
    expect(metrics['sampling/sampling_logp_difference/max']).toBeLessThan(1e-4);
    expect(Math.abs(sumK1)).toBeGreaterThan(0.1);
  });

  it('gives a group one prompt, and its members different numbers', async () => {
    const { steps } = await runGrpo(engine, { stopAfter: 3 });
    for (const { prompts, rollouts, advantages } of steps) {
      for (const start of [0, 4]) {
        expect(new Set(prompts.slice(start, start + 4)).size).toBe(1);
        expect(new Set(rollouts.slice(start, start + 4).map((rollout) => rollout.completionTokens.join())).size).toBeGreaterThan(1);
        expect(Math.abs(mean(advantages.slice(start, start + 4)))).toBeLessThan(1e-9);
      }
      expect(Math.max(...rollouts.map((rollout) => rollout.completionTokens.length))).toBeLessThanOrEqual(SETTINGS.maxCompletionTokens);
    }
  });

  it('without contrast and penalty moves nothing', async () => {
    const reward = () => Promise.resolve(new Array<number>(8).fill(0.3));
    const { steps, final } = await runGrpo(engine, { stopAfter: 3, reward, settings: { klCoef: 0 } });
    expect(steps.map((step) => step.metrics.frac_reward_zero_std)).toEqual([1, 1, 1]);
    // Adam divides by its own scale, so a rounding error of a gradient would be a full step: the gradient must be 0.
    expect(steps.map((step) => step.metrics.grad_norm)).toEqual([0, 0, 0]);
    expect(final.theta).toEqual(START);
  });

  it('learns from a batch as often as asked, clipping what went too far', async () => {
    const [once, twice] = [await runGrpo(engine), await runGrpo(engine, { settings: { numIterations: 2 } })];
    expect([once.final.step, twice.final.step]).toEqual([20, 40]);
    expect(Math.max(...series(once, 'clip_ratio/region_mean'))).toBe(0);
    expect(Math.max(...series(twice, 'clip_ratio/region_mean'))).toBeGreaterThan(0.05);
    expect(Math.max(...series(twice, 'clip_ratio/region_mean'))).toBeLessThanOrEqual(0.5); // the first of the passes is never clipped
    expect(Math.min(...series(twice, 'policy/approxkl_avg'))).toBeGreaterThan(0);
    expect(mean(series(twice, 'reward').slice(-5))).toBeGreaterThan(mean(series(once, 'reward').slice(-5)));
    const loose = await runGrpo(engine, { settings: { numIterations: 2, clipRange: 0.5 } });
    expect(mean(series(loose, 'clip_ratio/region_mean'))).toBeLessThan(mean(series(twice, 'clip_ratio/region_mean')));
  });

  it('of a batch learned from twice takes the first pass that a single one would', async () => {
    // A learning rate so small that the second pass starts where the first did: both gradients are REINFORCE's.
    const settings = { learningRate: 1e-7, klCoef: 0.5 };
    const [once, twice] = [
      await runGrpo(engine, { settings, stopAfter: 1 }),
      await runGrpo(engine, { settings: { ...settings, numIterations: 2 }, stopAfter: 1 }),
    ];
    expect(twice.steps[0]!.metrics.grad_norm).toBeCloseTo(once.steps[0]!.metrics.grad_norm, 5);
    expect(twice.steps[0]!.rollouts).toEqual(once.steps[0]!.rollouts);
  });

  it('hears of live settings, and of no change in sizes', async () => {
    const sizes: number[] = [];
    const isLate = () => sizes.length >= 2;
    const { steps } = await runGrpo(engine, {
      stopAfter: 4,
      // These settings are spread at every update, so their getters are asked again.
      settings: {
        get learningRate() {
          return isLate() ? 0.003 : 0.01;
        },
        get groupSize() {
          return isLate() ? 6 : 4;
        },
      },
      reward: (_, rollouts) => {
        sizes.push(rollouts.length);
        return Promise.resolve(rollouts.map(shareOfSevens));
      },
    });
    expect(steps.map((step) => step.metrics.learning_rate)).toEqual([0.01, 0.01, 0.003, 0.003]);
    expect(sizes).toEqual([8, 8, 8, 8]);
  });
});

describe('a run', () => {
  it('gives back every program, however it ends', async () => {
    for (const ending of ['completed', 'left', 'failed'] as const) {
      const counts = { compiled: 0, released: 0 };
      const counting: Engine = {
        name: engine.name,
        isGpu: engine.isGpu,
        upload: (tensor) => engine.upload(tensor),
        copy: (tensor) => engine.copy(tensor),
        readAll: (tensors) => engine.readAll(tensors),
        stats: () => engine.stats(),
        compile: async (graph) => {
          const program = await engine.compile(graph);
          counts.compiled++;
          return { run: (feeds) => program.run(feeds), release: () => (counts.released++, program.release()) };
        },
      };
      const reward = () =>
        ending === 'failed' ? Promise.reject(new Error('the judge is ill')) : Promise.resolve([1, 0, 0, 0, 0, 0, 0, 1]);
      const run = runGrpo(counting, { settings: { numUpdates: 2 }, stopAfter: ending === 'left' ? 1 : Infinity, reward });
      if (ending === 'failed') await expect(run).rejects.toThrow('the judge is ill');
      else expect((await run).steps.length).toBe(ending === 'left' ? 1 : 2);
      expect(counts.compiled, ending).toBeGreaterThan(0);
      expect(counts.released, ending).toBe(counts.compiled);
    }
  });

  it('whose loss is not a number says so, and leaves the policy as it was', async () => {
    const state = new TrainingState(engine, { theta: START });
    const reward = () => Promise.resolve([NaN, 0, 0, 0, 0, 0, 0, 1]);
    await expect(runGrpo(engine, { reward, state })).rejects.toThrow(NonFiniteLossError);
    const snapshot = await state.snapshot();
    expect(snapshot.theta).toEqual(START);
    expect(snapshot.step).toBe(0);
  });
});
