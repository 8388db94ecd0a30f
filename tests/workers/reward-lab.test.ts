/**
 * @file The reward lab over a real MessageChannel: a reward model is trained on comparisons, kept, given to another worker,
 * and scores texts, whole and token by token. A tiny model, real programs.
 */
import { proxy } from 'comlink';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GRPO_DEFAULTS } from '../../src/core/algorithms/grpo';
import type { PreferencePair } from '../../src/core/preferences/preference-pairs';
import { Random } from '../../src/core/random';
import { WORLD_PAIR_CATEGORIES } from '../../src/core/reward/world-pairs';
import { createNodeEngine } from '../../src/engine/ort-node';
import type { NeuralRewardModel, RewardModelEvent, RewardModelSpec } from '../../src/protocol/reward-lab';
import type { RunSpec } from '../../src/protocol/run';
import { startTinyTrainer, type TinyTrainer } from '../helpers/trainer-channel';

const WORDS = ['soup', 'bread', 'onion', 'slowly', 'fry', 'the'];

/** Answers of a few words; the one with more onions is better. */
function pairs(seed: string, count: number): PreferencePair[] {
  const random = new Random(seed);
  const answer = () => Array.from({ length: 3 + random.integer(4) }, () => random.pick(WORDS)).join(' ');
  const onions = (text: string) => text.split('onion').length;
  const found: PreferencePair[] = [];
  while (found.length < count) {
    const [chosen, rejected] = [answer(), answer()];
    if (onions(chosen) > onions(rejected)) found.push({ prompt: `What is in dish ${random.integer(20)}?`, chosen, rejected, margin: 0 });
  }
  return found;
}

const SPEC: RewardModelSpec = {
  id: 'onions',
  start: 'sft',
  seed: 3,
  pairs: pairs('train', 240),
  config: { numEpochs: 8, numPairs: 16, learningRate: 0.01, centring: 0.01 },
  heldOutShare: 0.2,
};

describe('the reward lab', () => {
  let trainer: TinyTrainer;
  let trained: NeuralRewardModel;
  const events: RewardModelEvent[] = [];

  const train = (spec: RewardModelSpec, hear: (event: RewardModelEvent) => void = () => undefined) =>
    trainer.api.trainRewardModel(spec, proxy(hear));
  const scores = async (rewardModel: string, texts: readonly PreferencePair[], from = trainer) => {
    const request = texts.flatMap(({ prompt, chosen, rejected }) => [
      { prompt, completion: chosen },
      { prompt, completion: rejected },
    ]);
    const outcome = await from.api.scoreTexts({ rewardModel, texts: request, perToken: false });
    if (outcome.type === 'failed') throw new Error(outcome.detail);
    return outcome.scores.map(({ score }) => score);
  };

  beforeAll(async () => {
    trainer = await startTinyTrainer(createNodeEngine({ numThreads: 1 }));
    const outcome = await train(SPEC, (event) => void events.push(event));
    if (outcome.type !== 'completed') throw new Error(JSON.stringify(outcome));
    trained = outcome.model;
    expect(outcome.numPairs + outcome.heldOut!.accuracy.count).toBe(240);
  });

  afterAll(() => trainer.close());

  it('learns what the comparisons prefer: over 85 % of unseen pairs of unseen prompts', async () => {
    const unseen = pairs('unseen', 100).map((pair) => ({ ...pair, prompt: 'Tell me of another dish.' }));
    const found = await scores('onions', unseen);
    const numRight = unseen.filter((_, i) => found[2 * i]! > found[2 * i + 1]!).length;
    expect(numRight).toBeGreaterThan(85);
  });

  it('tells every step, and measures itself on what it keeps apart before, between and after', () => {
    const steps = events.flatMap((event) => (event.type === 'step' ? [event.step] : []));
    expect(steps.map(({ step }) => step)).toEqual(steps.map((_, i) => i + 1));
    expect(steps.at(-1)!.step).toBe(steps[0]!.numSteps);
    const heldOut = events.flatMap((event) => (event.type === 'heldOut' ? [event] : []));
    expect(heldOut[0]!.step).toBe(0);
    expect(heldOut.at(-1)!.step).toBe(steps.length);
    expect(heldOut.length).toBeGreaterThan(4);
    expect(heldOut.at(-1)!.evaluation.loss).toBeLessThan(heldOut[0]!.evaluation.loss);
    expect(heldOut.at(-1)!.evaluation.accuracy.share).toBeGreaterThan(0.8);
    expect(heldOut.at(-1)!.evaluation.reliability.length).toBeGreaterThan(0);
  });

  it('gives scores in standard deviations of the answers it learned from', async () => {
    const found = await scores('onions', SPEC.pairs);
    const mean = found.reduce((sum, score) => sum + score, 0) / found.length;
    const deviation = Math.sqrt(found.reduce((sum, score) => sum + (score - mean) ** 2, 0) / found.length);
    expect(Math.abs(mean)).toBeLessThan(0.2);
    expect(Math.abs(deviation - 1)).toBeLessThan(0.2);
  });

  it('scores every token: texts join to the answer, the last score is the answer’s', async () => {
    const text = { prompt: 'What is in it?', completion: 'the onion soup — slowly, jalapeño' };
    const whole = await trainer.api.scoreTexts({ rewardModel: 'onions', texts: [text], perToken: false });
    const each = await trainer.api.scoreTexts({ rewardModel: 'onions', texts: [text], perToken: true });
    if (whole.type === 'failed' || each.type === 'failed') throw new Error('failed');
    const tokens = each.scores[0]!.tokens!;
    expect(tokens.map((token) => token.text).join('')).toBe(text.completion);
    expect(tokens.at(-1)!.text).toBe('');
    expect(tokens.at(-1)!.score).toBeCloseTo(whole.scores[0]!.score, 4);
    expect(new Set(tokens.map(({ score }) => score.toFixed(3))).size).toBeGreaterThan(2);
  });

  it('is the same model from the same description, and another from another seed', async () => {
    const short = { ...SPEC, id: 'again', config: { ...SPEC.config, numEpochs: 1 } };
    const thetas = [];
    for (const seed of [3, 3, 4]) {
      const outcome = await train({ ...short, seed });
      if (outcome.type !== 'completed') throw new Error(JSON.stringify(outcome));
      thetas.push(outcome.model.theta);
    }
    expect(thetas[1]).toEqual(thetas[0]);
    expect(thetas[2]).not.toEqual(thetas[0]);
  });

  it('is installed in another worker, and scores there as here', async () => {
    const other = await startTinyTrainer(createNodeEngine({ numThreads: 1 }));
    const some = SPEC.pairs.slice(0, 20);
    expect(await other.api.scoreTexts({ rewardModel: 'mine', texts: [], perToken: false })).toMatchObject({ type: 'completed' });
    expect(await other.api.scoreTexts({ rewardModel: 'mine', texts: [{ prompt: '', completion: '' }], perToken: false })).toMatchObject({
      code: 'bad-request',
    });
    expect(await other.api.installRewardModel('mine', trained)).toBeNull();
    const [here, there] = [await scores('onions', some), await scores('mine', some, other)];
    there.forEach((score, i) => expect(score).toBeCloseTo(here[i]!, 4));
    other.close();
  });

  it('refuses damaged weights, and those of another size', async () => {
    const broken = trained.theta.map((weight, i) => (i === 5 ? Number.NaN : weight));
    expect(await trainer.api.installRewardModel('x', { ...trained, theta: broken })).toMatchObject({ code: 'bad-request' });
    const small = trained.theta.slice(1);
    expect(await trainer.api.installRewardModel('x', { ...trained, theta: small })).toMatchObject({ code: 'bad-request' });
  });

  it('stops between two steps, and keeps what it has', async () => {
    const stopped = await train({ ...SPEC, id: 'stopped' }, (event) => {
      if (event.type === 'step' && event.step.step === 3) void trainer.api.stopRewardModel();
    });
    if (stopped.type !== 'stopped') throw new Error(JSON.stringify(stopped));
    expect(stopped.numSteps).toBeGreaterThanOrEqual(3);
    expect(stopped.numSteps).toBeLessThan(12);
    expect(await scores('stopped', SPEC.pairs.slice(0, 1))).toHaveLength(2);
  });

  it('trains one model at a time, and answers meanwhile', async () => {
    let answered = false;
    const first = train({ ...SPEC, id: 'first', config: { ...SPEC.config, numEpochs: 2 } });
    expect(await train(SPEC)).toMatchObject({ type: 'failed', code: 'bad-request' });
    const answer = trainer.api
      .generate(
        { model: 'sft', prompt: 'Hello!', seed: 1, temperature: 1, maxTokens: 4, numAlternatives: 0 },
        proxy(() => undefined),
      )
      .then(({ type }) => ((answered = true), type));
    const outcome = await first;
    expect(outcome.type).toBe('completed');
    expect(answered).toBe(true);
    expect(await answer).toBe('completed');
  });

  it('rewards a run: points are its scores, times the weight, beside those of the features', async () => {
    const spec: RunSpec = {
      stage: 'grpo',
      seed: 1,
      start: 'sft',
      reward: { length: -1 },
      rewardModel: { id: 'onions', weight: 2 },
      config: { ...GRPO_DEFAULTS, numUpdates: 2, promptsPerUpdate: 2, groupSize: 3, maxCompletionTokens: 12 },
      fixedPrompts: [],
    };
    const { outcome, events } = await trainer.run(spec);
    expect(outcome).toEqual({ type: 'completed', update: 2 });
    const updates = events.flatMap((event) => (event.type === 'update' && event.example ? [event] : []));
    expect(updates).toHaveLength(2);
    for (const { example, metrics } of updates) {
      // An answer that was cut off has no end mark; it is scored at its last token.
      const texts = example!.completions.map(({ text, finished }, i) => ({
        prompt: example!.prompts[i] ?? example!.prompts[0]!,
        completion: text,
        finished,
      }));
      const scored = await trainer.api.scoreTexts({ rewardModel: 'onions', texts, perToken: true });
      if (scored.type === 'failed') throw new Error(scored.detail);
      example!.completions.forEach(({ features }, i) => {
        const { score } = scored.scores[i]!;
        expect(example!.rewards[i]).toBeCloseTo(2 * score - features.length, 3);
      });
      expect(metrics['contribution/reward_model']! + metrics['contribution/length']!).toBeCloseTo(metrics.reward!, 5);
    }
    const { events: changed } = await trainer.run({ ...spec, config: { ...spec.config, numUpdates: 3 } }, null, (event) => {
      if (event.type === 'update' && event.update === 2) void trainer.api.setReward({ length: -1 }, 5);
    });
    const weights = changed.flatMap((event) => (event.type === 'checkpoint' ? [event.checkpoint.spec.rewardModel!.weight] : []));
    expect(weights[0]).toBe(2); // what the reward model weighs may change while the run goes on, and is written down
    expect(weights.at(-1)).toBe(5);

    const [pinned, texts] = [{ ...spec, config: { ...spec.config, numUpdates: 1 } }, [{ prompt: 'p', completion: 'c' }]];
    // However many others come meanwhile, the model of the run stays.
    for (let i = 0; i < 8; i++) expect(await trainer.api.installRewardModel(`other ${i}`, trained)).toBeNull();
    expect(await trainer.api.scoreTexts({ rewardModel: 'other 0', texts, perToken: false })).toMatchObject({ code: 'bad-request' });
    expect((await trainer.run(pinned)).outcome.type).toBe('completed');
    const unknown = await trainer.run({ ...spec, rewardModel: { id: 'nobody', weight: 1 } });
    expect(unknown.outcome).toMatchObject({ type: 'failed', code: 'bad-request', detail: 'This reward model is not installed.' });
  });

  it.each([
    ['no comparisons', { pairs: [] }, /at least one/],
    ['half an epoch', { config: { ...SPEC.config, numEpochs: 0.5 } }, /whole number from 1 to 8/],
    ['a margin that is no number', { pairs: [{ ...SPEC.pairs[0]!, margin: Number.NaN }] }, /margin/],
    ['a text beyond all measure', { pairs: [{ ...SPEC.pairs[0]!, chosen: 'x'.repeat(30_000) }] }, /chosen/],
    ['all pairs kept apart', { heldOutShare: 1 }, /0 to 0.5/],
  ])('refuses %s, saying why', async (_, change, why) => {
    const outcome = await train({ ...SPEC, ...change });
    expect(outcome).toMatchObject({ type: 'failed', code: 'bad-request' });
    expect((outcome as { detail: string }).detail).toMatch(why);
  });

  it('measures pairs of the world in every category', async () => {
    const found = await trainer.api.worldPairs(1, 3);
    expect(found.map(({ category }) => category)).toEqual(WORLD_PAIR_CATEGORIES.flatMap(({ name }) => [name, name, name]));
    for (const { chosen, rejected } of found) {
      expect(chosen.goldReward!).toBeGreaterThan(rejected.goldReward!);
      expect(chosen.numTokens).toBeGreaterThan(0);
    }
  });
});
