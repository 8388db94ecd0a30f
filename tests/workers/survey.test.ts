/** @file Is a prompt on the map? The world's word, then the base model's surprise, on a real engine. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packSequences } from '../../src/core/rl/batch';
import { scoreProgram } from '../../src/core/model/programs';
import { initialTheta } from '../../src/core/model/parameters';
import { loadModel } from '../../src/core/model/loaded-model';
import { Random } from '../../src/core/random';
import { offMapScore } from '../../src/core/world/off-map';
import { interpretRequest } from '../../src/core/world/interpret';
import { createNodeEngine } from '../../src/engine/ort-node';
import { SurpriseScorer, survey } from '../../workers/survey';
import { world } from '../../workers/world-judge';
import { startTinyTrainer, type TinyTrainer } from '../helpers/trainer-channel';
import { TINY_SHAPE } from '../helpers/tiny-family';

const MODELS = process.env.AFTERTRAIN_MODELS ?? 'public/models';
const KNOWN = 'Who is Ana Moreno?';
const OUTSIDE = 'Explain quantum computing.';
const never = () => Promise.reject(new Error('asked the model'));

describe('a survey', () => {
  it('asks no model about what the world does not have, and offers prompts that the world has', async () => {
    const outcome = await survey(OUTSIDE, 1, never);
    expect(outcome).toMatchObject({ type: 'completed', verdict: 'unrecognised' });
    const near = 'near' in outcome ? outcome.near : [];
    expect(near).toHaveLength(3);
    for (const prompt of near) expect(interpretRequest(world, prompt)).not.toBeNull();
  });

  it('goes by the limit for what the world seems to have, offers nothing on the map, and is silent when stopped', async () => {
    expect(await survey(KNOWN, 4, () => Promise.resolve(3.9))).toEqual({ type: 'completed', verdict: 'on-map', near: [] });
    expect(await survey(KNOWN, 4, () => Promise.resolve(4.1))).toMatchObject({ verdict: 'surprising' });
    expect(await survey(KNOWN, 4, () => Promise.resolve(null))).toEqual({ type: 'stopped' });
  });

  it('goes by the world alone where nobody has calibrated a limit', async () => {
    expect(await survey(KNOWN, null, never)).toMatchObject({ verdict: 'on-map' });
  });
});

describe('surprise', () => {
  it('is that of the prompt after the start token, whatever the padding', async () => {
    const engine = createNodeEngine();
    const small = (name: string) => new Uint8Array(readFileSync(join(MODELS, 's/base', name)));
    const { tokenizer } = loadModel(
      new Map(['config.json', 'tokenizer.json', 'tokenizer_config.json', 'model.safetensors'].map((name) => [name, small(name)])),
    );
    const data = initialTheta(TINY_SHAPE, new Random('surprise'));
    const theta = engine.upload({ dims: [data.length], data });
    const model = { config: TINY_SHAPE, describedBy: 'base' as const, tokenizer, theta };
    const scorer = new SurpriseScorer(engine, model);
    for (const prompt of [KNOWN, OUTSIDE, 'x'.repeat(300)]) {
      const ids = tokenizer.encode(prompt).slice(0, TINY_SHAPE.maxPositions);
      const program = await engine.compile(scoreProgram(TINY_SHAPE, { batch: 1, length: ids.length }, { entropies: false }));
      const { tokens } = packSequences([{ promptTokens: [0], completionTokens: ids }], 1, ids.length, TINY_SHAPE.padTokenId);
      const { logprobs } = await program.run({
        theta,
        tokens: { dims: [1, ids.length + 1], data: tokens },
        inverse_temperature: { dims: [], data: Float32Array.of(1) },
      });
      const exact = offMapScore(world, tokenizer.decode(ids), Array.from(await logprobs!.read()));
      expect(await scorer.score(prompt)).toBeCloseTo(exact, 4);
    }
  });
});

describe('the trainer', () => {
  let trainer: TinyTrainer;
  beforeAll(async () => {
    trainer = await startTinyTrainer(createNodeEngine());
  });
  afterAll(() => trainer.close());

  it('surveys across a real channel', async () => {
    expect(await trainer.api.survey(OUTSIDE)).toMatchObject({ type: 'completed', verdict: 'unrecognised' });
    expect(await trainer.api.survey(KNOWN)).toEqual({ type: 'completed', verdict: 'on-map', near: [] });
  });
});
