/**
 * @file The exported file, run by plain ONNX Runtime as any program would: it is the model, whatever the batch, the
 * padding, and the way a sequence is cut into runs.
 */
import { describe, expect, it } from 'vitest';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { createNodeEngine } from '../../../src/engine/ort-node';
import { CheckpointError } from '../../../src/core/model/checkpoint-error';
import type { ModelConfig } from '../../../src/core/model/config';
import { exportOnnx } from '../../../src/core/model/onnx-export';
import { expectAllclose } from '../../helpers/allclose';
import { nextLogprobs } from '../../helpers/rollouts';
import { livelyTheta, randomTokens, tinyConfig, VARIED_CONFIGS } from '../../helpers/tiny-config';

const engine = createNodeEngine({ numThreads: 1 });

/** A row of a batch; null is padding. */
type Row = readonly (number | null)[];
type Cache = Readonly<Record<string, Tensor>>;

const int64 = (rows: readonly (readonly number[])[]) =>
  new Tensor('int64', BigInt64Array.from(rows.flat(), BigInt), [rows.length, rows[0]!.length]);

/** The exported model, ready to run. */
class Exported {
  private constructor(
    readonly config: ModelConfig,
    readonly session: InferenceSession,
  ) {}

  static async create(config: ModelConfig, theta: Float32Array): Promise<Exported> {
    return new Exported(config, await InferenceSession.create(exportOnnx(config, theta), { intraOpNumThreads: 1 }));
  }

  emptyCache(batch: number): Cache {
    const { numLayers, numKeyValueHeads, headSize } = this.config;
    const entries = Array.from({ length: numLayers }, (_, layer) =>
      ['key', 'value'].map((kind) => [
        `past_key_values.${layer}.${kind}`,
        new Tensor('float32', new Float32Array(0), [batch, numKeyValueHeads, 0, headSize]),
      ]),
    );
    return Object.fromEntries(entries.flat()) as Cache;
  }

  /** Runs the last `count` columns of the rows on the cache of those before; gives logits `[B][count][V]`. */
  async run(rows: readonly Row[], count: number, cache: Cache): Promise<{ logits: number[][][]; cache: Cache }> {
    const last = <Item>(row: readonly Item[]) => row.slice(row.length - count);
    const positions = rows.map((row) => row.map((_, i) => Math.max(0, row.slice(0, i + 1).filter((token) => token !== null).length - 1)));
    const results = await this.session.run({
      input_ids: int64(rows.map((row) => last(row).map((token) => token ?? 0))),
      attention_mask: int64(rows.map((row) => row.map((token) => Number(token !== null)))),
      position_ids: int64(positions.map(last)),
      ...cache,
    });
    const [, , V] = results.logits!.dims as [number, number, number];
    const data = results.logits!.data as Float32Array;
    const present = Object.entries(results).flatMap(([name, tensor]) =>
      name.startsWith('present') ? [[name.replace('present', 'past_key_values'), tensor] as const] : [],
    );
    const at = (row: number, column: number) => [...data.subarray((row * count + column) * V, (row * count + column + 1) * V)];
    return {
      logits: rows.map((_, row) => Array.from({ length: count }, (_unused, column) => at(row, column))),
      cache: Object.fromEntries(present),
    };
  }
}

function logSoftmax(logits: readonly number[]): number[] {
  const top = Math.max(...logits);
  const total = top + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - top), 0));
  return logits.map((logit) => logit - total);
}

describe.each(VARIED_CONFIGS)('an exported model: %s', (_, config) => {
  const theta = livelyTheta(config, 1, 0.3);
  const tokens = [...randomTokens(config, 9)];
  const exported = Exported.create(config, theta);
  const runWhole = async (rows: readonly Row[]) => (await exported).run(rows, rows[0]!.length, (await exported).emptyCache(rows.length));

  it('has the inputs and outputs that Hugging Face names', async () => {
    const { session } = await exported;
    const each = (prefix: string) =>
      Array.from({ length: config.numLayers }, (_unused, layer) => [`${prefix}.${layer}.key`, `${prefix}.${layer}.value`]).flat();
    expect(new Set(session.inputNames)).toEqual(new Set(['input_ids', 'attention_mask', 'position_ids', ...each('past_key_values')]));
    expect(new Set(session.outputNames)).toEqual(new Set(['logits', ...each('present')]));
    const past = session.inputMetadata.find(({ name }) => name === 'past_key_values.0.key');
    expect(past).toMatchObject({ shape: ['batch_size', config.numKeyValueHeads, 'past_sequence_length', config.headSize] });
  });

  it('gives every next token the log-probability that the score program gives it', async () => {
    const { logits } = await runWhole([tokens]);
    for (let at = 0; at < tokens.length; at++)
      expectAllclose(
        logSoftmax(logits[0]![at]!),
        await nextLogprobs(engine, config, theta, tokens.slice(0, at + 1)),
        1e-5,
        `position ${at}`,
      );
  });

  it.each([[[1, 1, 1, 1, 1, 1, 1, 1, 1]], [[4, 1, 3, 1]], [[8, 1]]])('gives the same in runs of %j tokens on its cache', async (sizes) => {
    const whole = await runWhole([tokens, tokens.toReversed()]);
    let cache = (await exported).emptyCache(2);
    let end = 0;
    for (const size of sizes) {
      end += size;
      const part = await (await exported).run([tokens.slice(0, end), tokens.toReversed().slice(0, end)], size, cache);
      for (const row of [0, 1]) expectAllclose(part.logits[row]!.flat(), whole.logits[row]!.slice(end - size, end).flat(), 2e-6);
      cache = part.cache;
    }
    for (const [name, tensor] of Object.entries(whole.cache)) {
      expect(cache[name]!.dims).toEqual(tensor.dims);
      expectAllclose(cache[name]!.data as Float32Array, tensor.data as Float32Array, 2e-6, name);
    }
  });

  it.each(['left', 'right'])('gives rows padded on the %s, and fed on, what they give alone', async (side) => {
    const lengths = [3, 7, 1, 5];
    const alone = lengths.map((length, row) => [...randomTokens(config, length, row)]);
    const padded = alone.map((row): Row => {
      const padding = new Array<null>(7 - row.length).fill(null);
      return side === 'left' ? [...padding, ...row] : [...row, ...padding];
    });
    const together = await runWhole(padded);
    const next = await (
      await exported
    ).run(
      padded.map((row, i) => [...row, i]),
      1,
      together.cache,
    );
    for (const [i, row] of alone.entries()) {
      const whole = await runWhole([[...row, i]]);
      const places = padded[i]!.flatMap((token, place) => (token === null ? [] : [place]));
      expectAllclose(
        places.flatMap((place) => together.logits[i]![place]!),
        whole.logits[0]!.slice(0, -1).flat(),
        2e-6,
        `row ${i}`,
      );
      expectAllclose(next.logits[i]![0]!, whole.logits[0]!.at(-1)!, 2e-6, `row ${i}, one more token`);
    }
  });
});

describe('exportOnnx', () => {
  it('refuses a model with a score head, a theta of another length, and a model too large for one file', () => {
    const config = tinyConfig();
    expect(() => exportOnnx({ ...config, numLabels: 1 }, livelyTheta(config))).toThrow(RangeError);
    expect(() => exportOnnx(config, livelyTheta(config).subarray(1))).toThrow(RangeError);
    expect(() => exportOnnx({ ...config, maxPositions: 2 ** 28 }, livelyTheta(config))).toThrow(CheckpointError);
  });
});
