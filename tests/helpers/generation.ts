/** @file Streaming a completion to its end in tests. */
import type { Engine } from '../../src/core/graph/engine';
import type { ModelConfig } from '../../src/core/model/config';
import { Generator, type DrawnToken } from '../../src/core/model/generator';
import { Random } from '../../src/core/random';

/** Every token of one completion; temperature 1, seed 5 and 20 tokens unless said. */
export async function generateAll(
  engine: Engine,
  config: ModelConfig,
  theta: Float32Array,
  promptTokens: readonly number[],
  { temperature = 1, maxTokens = 20, numAlternatives = 0, chunk = 8 } = {},
): Promise<DrawnToken[]> {
  const generator = await Generator.create(engine, config, { chunk, numAlternatives });
  const held = engine.upload({ dims: [theta.length], data: theta });
  const tokens: DrawnToken[] = [];
  for await (const part of generator.generate({ theta: held, promptTokens, random: new Random(5), temperature, maxTokens }))
    tokens.push(...part);
  held.dispose();
  await generator.release();
  return tokens;
}
