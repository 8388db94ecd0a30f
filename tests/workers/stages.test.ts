/**
 * @file Every algorithm that learns from a reward, run by the trainer over a real MessageChannel with a tiny family: reports
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
    }
    const checkpoints = checkpointsOf(whole.events);
    expect(checkpoints.map(({ update }) => update)).toEqual([1, 2, 3, 4]);
    const rest = await trainer.run(specOf(stage), checkpoints[1]!);
    expect(rest.outcome).toEqual({ type: 'completed', update: 4 });
    expect(checkpointsOf(rest.events).at(-1)!).toEqual(checkpoints[3]!);
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
