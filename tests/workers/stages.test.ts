/**
 * @file Every algorithm, run by the trainer over a real MessageChannel with a tiny family: reports
 * that the page understands, and checkpoints that continue exactly.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALGORITHMS, type RewardStage } from '../../src/core/algorithms/catalogue';
import { createNodeEngine } from '../../src/engine/ort-node';
import { METRICS } from '../../src/protocol/metrics';
import type { LiveConfig, RunCheckpoint, RunEvent, RunSpec } from '../../src/protocol/run';
import { startTinyTrainer, type TinyTrainer } from '../helpers/trainer-channel';

const STAGES: readonly RewardStage[] = ['reinforce', 'rloo', 'ppo', 'grpo', 'rejection-sampling', 'online-dpo'];
const SMALL = { numUpdates: 4, promptsPerUpdate: 2, groupSize: 2, maxCompletionTokens: 16, learningRate: 0.01 };
const PPO = { adaptiveKl: true, klTarget: 0.5, klHorizon: 100, numMiniBatches: 2 };

const specOf = (stage: RewardStage): RunSpec => {
  const { defaults } = ALGORITHMS[stage];
  const sizes = Object.fromEntries(Object.entries(SMALL).filter(([key]) => key in defaults));
  const config = { ...defaults, ...sizes, ...(stage === 'ppo' ? PPO : {}) };
  return { stage, seed: 1, start: 'sft', reward: { length: -1, ending: 1 }, config, fixedPrompts: ['Hello!'] } as RunSpec;
};
const checkpointsOf = (events: readonly RunEvent[]): RunCheckpoint[] =>
  events.flatMap((event) => (event.type === 'checkpoint' ? [event.checkpoint] : []));

let trainer: TinyTrainer;
beforeAll(async () => {
  trainer = await startTinyTrainer(createNodeEngine({ numThreads: 1 }));
});
afterAll(() => trainer.close());

describe.each(STAGES)('%s', (stage) => {
  it('trains to its end, reports known metrics and examples, and continues from a checkpoint exactly', async () => {
    const whole = await trainer.run(specOf(stage));
    expect(whole.outcome).toEqual({ type: 'completed', update: 4 });
    const updates = whole.events.flatMap((event) => (event.type === 'update' && event.example ? [event] : []));
    expect(updates.map(({ update }) => update)).toEqual([1, 2, 3, 4]);
    for (const { metrics, example } of updates) {
      for (const [name, value] of Object.entries(metrics)) {
        expect(Object.keys(METRICS)).toContain(name);
        expect(Number.isFinite(value), name).toBe(true);
      }
      expect(example!.completions.length).toBeGreaterThan(0);
      expect(example!.rewards).toHaveLength(example!.completions.length);
      const points = Object.entries(metrics).flatMap(([name, value]) => (name.startsWith('contribution/') ? [value] : []));
      expect(points.length).toBe(2); // one a weight, and together they are the reward
      expect(points.reduce((sum, value) => sum + value, 0)).toBeCloseTo(metrics.reward!, 5);
    }
    const checkpoints = checkpointsOf(whole.events);
    expect(checkpoints.map(({ update }) => update)).toEqual([1, 2, 3, 4]);
    const rest = await trainer.run(specOf(stage), checkpoints[1]!);
    expect(rest.outcome).toEqual({ type: 'completed', update: 4 });
    expect(checkpointsOf(rest.events).at(-1)!).toEqual(checkpoints[3]!);
  });

  it('lets its last update be read token by token, in agreement with what it reported', async () => {
    const { events } = await trainer.run(specOf(stage));
    const last = events.findLast((event) => event.type === 'update')!;
    const outcome = await trainer.api.inspectUpdate();
    if (outcome.type !== 'completed' || !outcome.detail) throw new Error(JSON.stringify(outcome));
    const { update, answers, metrics, clipRange, groupSize } = outcome.detail;
    expect(update).toBe(4);
    expect(metrics).toEqual(last.metrics);
    expect(answers.map(({ reward }) => reward)).toEqual(last.batch!.rewards);
    expect(answers.map(({ tokens }) => tokens.length)).toEqual(last.batch!.lengths);
    expect(answers.length % groupSize).toBe(0);
    expect(clipRange).toBe(stage === 'ppo' || stage === 'grpo' ? 0.2 : null);
    const kl = answers.map(({ logprobs, refLogprobs }) => logprobs.reduce((sum, logprob, t) => sum + logprob - refLogprobs[t]!, 0));
    expect(kl.reduce((sum, one) => sum + one, 0) / kl.length).toBeCloseTo(metrics['objective/kl']!, 4);
    for (const { tokens, completion, afterLogprobs, logprobs, values, advantages } of answers) {
      expect(tokens.slice(0, completion.finished ? -1 : undefined).join('')).toBe(completion.text);
      expect(advantages.length).toBe(tokens.length);
      expect(values === null).toBe(stage !== 'ppo');
      expect(afterLogprobs.every((logprob) => logprob <= 0)).toBe(true);
      expect(afterLogprobs.length).toBe(logprobs.length);
    }
    // It moved something if there was anything to learn, and forgetting the policy forgets the update.
    const taught = events.some((event) => event.type === 'update' && (event.metrics.grad_norm ?? 0) > 1e-6);
    const moved = answers.some(({ afterLogprobs, logprobs }) => afterLogprobs.some((after, t) => Math.abs(after - logprobs[t]!) > 1e-3));
    expect(moved).toBe(taught);
    await trainer.api.reset();
    expect(await trainer.api.inspectUpdate()).toEqual({ type: 'completed', detail: null });
  });

  it('takes changes of its live settings, and refuses others', async () => {
    const answers: unknown[] = [];
    const { events } = await trainer.run(specOf(stage), null, (event) => {
      if (event.type !== 'update' || event.update !== 1) return;
      void trainer.api.setConfig({ learningRate: 0.001 } as LiveConfig).then((answer) => answers.push(answer));
      void trainer.api.setConfig({ promptsPerUpdate: 4 } as LiveConfig).then((answer) => answers.push(answer));
    });
    expect(answers).toEqual([
      null,
      { type: 'failed', code: 'bad-request', detail: '"promptsPerUpdate" cannot be changed while a run goes on.' },
    ]);
    expect(checkpointsOf(events).at(-1)!.spec.config.learningRate).toBe(0.001);
  });
});

it('PPO’s checkpoints carry its value model and its adapted KL weight', async () => {
  const { events } = await trainer.run(specOf('ppo'));
  const last = checkpointsOf(events).at(-1)!;
  expect(last.critic!.theta.length).toBe(last.theta.length + 16); // the head, one weight a feature
  expect(last.memory!.klCoef).toBeGreaterThan(0);
  expect(checkpointsOf((await trainer.run(specOf('grpo'))).events).at(-1)!).not.toHaveProperty('critic');
});
