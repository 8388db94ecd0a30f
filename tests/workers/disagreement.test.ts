/** @file How far models disagree, token by token, on a real engine. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Engine } from '../../src/core/graph/engine';
import { loadModel, promptTokens } from '../../src/core/model/loaded-model';
import { initialTheta } from '../../src/core/model/parameters';
import { scoreProgram } from '../../src/core/model/programs';
import { Random } from '../../src/core/random';
import { klOfRows } from '../../src/core/rl/kl';
import { createNodeEngine } from '../../src/engine/ort-node';
import { Disagreement } from '../../workers/disagreement';
import type { HeldModel } from '../../workers/held-model';
import { TINY_SHAPE } from '../helpers/tiny-family';

const MODELS = process.env.AFTERTRAIN_MODELS ?? 'public/models';
const PROMPT = 'Who is Ana Moreno?';
const ANSWER = [300, 17, 2000, 45];
let engine: Engine;
const models: Record<string, HeldModel> = {};

beforeAll(() => {
  engine = createNodeEngine({ numThreads: 1 });
  for (const id of ['base', 'sft']) {
    const names = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'model.safetensors'];
    const files = new Map(names.map((name) => [name, new Uint8Array(readFileSync(join(MODELS, 's', id, name)))]));
    const data = initialTheta(TINY_SHAPE, new Random(id));
    models[id] = {
      config: TINY_SHAPE,
      describedBy: 'base',
      tokenizer: loadModel(files).tokenizer,
      theta: engine.upload({ dims: [data.length], data }),
    };
  }
});

afterAll(() => Object.values(models).forEach(({ theta }) => theta.dispose()));

it('KL of whole distributions is the closed form', () => {
  const logs = (probabilities: number[]) => Float32Array.from(probabilities, Math.log);
  const [kl, none] = klOfRows(logs([0.7, 0.2, 0.1, 0.5, 0.3, 0.2]), logs([0.5, 0.3, 0.2, 0.5, 0.3, 0.2]), 3);
  expect(kl).toBeCloseTo(0.085122826, 6);
  expect(none).toBeCloseTo(0, 6);
});

it('a model agrees with itself and with nobody else, at every token', async () => {
  const disagreement = new Disagreement(engine);
  const same = await disagreement.measure(PROMPT, ANSWER, models.sft!, models.sft!);
  expect(same).toHaveLength(ANSWER.length);
  for (const kl of same) expect(kl).toBeLessThan(1e-5);
  const other = await disagreement.measure(PROMPT, ANSWER, models.sft!, models.base!);
  expect(other).toHaveLength(ANSWER.length);
  for (const kl of other) expect(kl).toBeGreaterThan(1e-4);
});

it('looks before each token of the answer: its mean over tokens drawn is what log-probabilities estimate', async () => {
  // E over the next token of log p − log q is the KL: summed over the whole vocabulary it must come out equal.
  const disagreement = new Disagreement(engine);
  const [first] = await disagreement.measure(PROMPT, [300], models.sft!, models.base!);
  const distribution = async ({ config, tokenizer, theta }: HeldModel) => {
    const ids = promptTokens(tokenizer, config.bosTokenId, PROMPT);
    const program = await engine.compile(scoreProgram(config, { batch: config.vocabularySize, length: ids.length }, { entropies: false }));
    const tokens = Int32Array.from({ length: config.vocabularySize * (ids.length + 1) }, (_, at) => {
      const place = at % (ids.length + 1);
      return place < ids.length ? ids[place]! : Math.floor(at / (ids.length + 1));
    });
    const { logprobs } = await program.run({
      theta,
      tokens: { dims: [config.vocabularySize, ids.length + 1], data: tokens },
      inverse_temperature: { dims: [], data: Float32Array.of(1) },
    });
    const all = await logprobs!.read();
    logprobs!.dispose();
    await program.release();
    return Array.from({ length: config.vocabularySize }, (_, token) => all[(token + 1) * ids.length - 1]!);
  };
  const [p, q] = [await distribution(models.sft!), await distribution(models.base!)];
  const expected = p.reduce((sum, logp, token) => sum + Math.exp(logp) * (logp - q[token]!), 0);
  expect(first).toBeCloseTo(expected, 4);
});
