/**
 * @file What we export, in Hugging Face's transformers.js: the shipped SFT model writes the same tokens there as here.
 *
 * transformers.js reads the folder by itself (configuration, tokenizer, chat template, ONNX file) and runs it on the same
 * onnxruntime-node, with its own generation loop, cache, attention mask and padding. Nothing may be fetched.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { env, pipeline, Tensor, type TextGenerationPipeline } from '@huggingface/transformers';
import { Generator } from '../../src/core/model/generator';
import { promptTokens, type LoadedModel } from '../../src/core/model/loaded-model';
import { Random } from '../../src/core/random';
import { sampleRequest } from '../../src/core/world/requests';
import { folderOfWeights } from '../../src/core/model/written-folder';
import { createWorld } from '../../src/core/world/world';
import { createNodeEngine } from '../../src/engine/ort-node';
import { exportFolder } from '../../tools/commands/export';
import { loadLanguageModelFolder, readModelFiles } from '../../tools/model-folder';

const NUM_PROMPTS = 100;
const MAX_TOKENS = 32;
const MODEL = 'public/models/s/sft';
const engine = createNodeEngine();

let folder = '';
let theirs: TextGenerationPipeline;
let ours: LoadedModel;
let prompts: string[];
/** What our generator writes to each prompt, greedily, an end token included. */
let expected: number[][];

/** Greedy completions by our generator, one prompt after the other. */
async function completions(model: LoadedModel, texts: readonly string[]): Promise<number[][]> {
  const generator = await Generator.create(engine, model.config);
  const theta = engine.upload({ dims: [model.theta.length], data: model.theta });
  const all: number[][] = [];
  for (const text of texts) {
    const request = { promptTokens: promptTokens(model.tokenizer, model.config.bosTokenId, text), random: new Random(1), temperature: 0 };
    const tokens: number[] = [];
    for await (const chunk of generator.generate({ theta, maxTokens: MAX_TOKENS, ...request })) tokens.push(...chunk.map(({ id }) => id));
    all.push(tokens);
  }
  theta.dispose();
  await generator.release();
  return all;
}

/** Greedy completions by transformers.js, all prompts in one batch padded on the left, each up to its first end token. */
async function theirCompletions(texts: readonly string[]): Promise<number[][]> {
  const chats = texts.map((content) =>
    theirs.tokenizer.apply_chat_template([{ role: 'user', content }], { tokenize: false, add_generation_prompt: true }),
  );
  const inputs = theirs.tokenizer(chats as string[], { padding: true, add_special_tokens: false });
  const output = await theirs.model.generate({ ...inputs, max_new_tokens: MAX_TOKENS, do_sample: false });
  if (!(output instanceof Tensor)) throw new Error('generate gave no tensor');
  const promptLength = (inputs.input_ids as Tensor).dims[1]!;
  return (output.tolist() as bigint[][]).map((row) => {
    const tokens = row.slice(promptLength).map(Number);
    const end = tokens.findIndex((token) => ours.config.eosTokenIds.includes(token));
    return end < 0 ? tokens : tokens.slice(0, end + 1);
  });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'aftertrain-export-'));
  exportFolder(MODEL, folder);
  vi.stubGlobal('fetch', () => {
    throw new Error('nothing may be fetched');
  });
  env.allowRemoteModels = false;
  theirs = await pipeline('text-generation', folder);
  theirs.tokenizer.padding_side = 'left'; // as the pipeline sets it when it is called
  ours = loadLanguageModelFolder(MODEL);
  const [world, random] = [createWorld(), new Random('transformers')];
  prompts = Array.from({ length: NUM_PROMPTS }, () => sampleRequest(world, random, 'heldout').prompt);
  expected = await completions(ours, prompts);
}, 60_000);

afterAll(async () => {
  await theirs.dispose();
  vi.unstubAllGlobals();
  rmSync(folder, { recursive: true, force: true });
});

describe('transformers.js on an exported chat model', () => {
  it('runs it on the ONNX Runtime that our engine uses', () => {
    const { version } = JSON.parse(readFileSync('node_modules/onnxruntime-node/package.json', 'utf8')) as { version: string };
    expect(env.backends.onnx.versions).toMatchObject({ node: version });
  });

  it('turns a chat into the same prompt tokens', () => {
    for (const content of prompts)
      expect(
        theirs.tokenizer.apply_chat_template([{ role: 'user', content }], {
          add_generation_prompt: true,
          return_tensor: false,
          return_dict: false,
        }),
      ).toEqual(promptTokens(ours.tokenizer, ours.config.bosTokenId, content));
  });

  it(`writes the same tokens to ${NUM_PROMPTS} held-out prompts, greedily, one by one`, async () => {
    const found: number[][] = [];
    for (const prompt of prompts) found.push(...(await theirCompletions([prompt])));
    expect(found).toEqual(expected);
    expect(new Set(expected.map(String)).size).toBeGreaterThan(NUM_PROMPTS / 2);
  });

  it('writes the same tokens to prompts of different lengths in one batch, padded on the left', async () => {
    const found: number[][] = [];
    for (let start = 0; start < NUM_PROMPTS; start += 25) found.push(...(await theirCompletions(prompts.slice(start, start + 25))));
    expect(found).toEqual(expected);
  });

  it('answers in a conversation as our tokenizer decodes the tokens', async () => {
    const finished = prompts.filter((_, i) => expected[i]!.length < MAX_TOKENS).slice(0, 5);
    for (const content of finished) {
      const [result] = await theirs([{ role: 'user', content }], { max_new_tokens: MAX_TOKENS, do_sample: false });
      const tokens = expected[prompts.indexOf(content)]!;
      expect(result!.generated_text.at(-1)).toEqual({
        role: 'assistant',
        content: ours.tokenizer.decode(tokens, { skipSpecial: true }),
      });
    }
    expect(finished).toHaveLength(5);
  });
});

describe('transformers.js on an exported base model', () => {
  it('continues plain text after the start token, greedily, as our generator does', async () => {
    const base = loadLanguageModelFolder('public/models/s/base');
    exportFolder('public/models/s/base', join(folder, 'base'));
    const plain = await pipeline('text-generation', join(folder, 'base'));
    const texts = prompts.slice(0, 20);
    const written = await completions(base, texts);
    for (const [i, text] of texts.entries()) {
      const [result] = await plain(text, { max_new_tokens: MAX_TOKENS, do_sample: false, return_full_text: false });
      expect(result!.generated_text).toBe(base.tokenizer.decode(written[i]!, { skipSpecial: true }));
    }
    await plain.dispose();
  });
});

describe('transformers.js on a policy trained here', () => {
  it('writes the same tokens, greedily, with weights that no file had, and answers to every end token', async () => {
    const random = new Random('a policy trained here');
    const theta = ours.theta.map((value) => value * (1 + 0.02 * random.normal()));
    const trained = { ...ours, theta };
    for (const [path, bytes] of folderOfWeights(readModelFiles(MODEL), trained)) {
      mkdirSync(dirname(join(folder, 'trained', path)), { recursive: true });
      writeFileSync(join(folder, 'trained', path), bytes);
    }
    const texts = prompts.slice(0, 20);
    const written = await completions(trained, texts);
    const theirs20 = await pipeline('text-generation', join(folder, 'trained'));
    const found: number[][] = [];
    for (const text of texts) {
      const chat = theirs20.tokenizer.apply_chat_template([{ role: 'user', content: text }], {
        tokenize: false,
        add_generation_prompt: true,
      });
      const inputs = theirs20.tokenizer([chat as string], { add_special_tokens: false });
      const output = await theirs20.model.generate({ ...inputs, max_new_tokens: MAX_TOKENS, do_sample: false });
      const [row] = (output as Tensor).tolist() as bigint[][];
      found.push(row!.slice((inputs.input_ids as Tensor).dims[1]).map(Number));
    }
    expect(found).toEqual(written);
    expect(loadLanguageModelFolder(join(folder, 'trained')).theta).toEqual(theta);
    await theirs20.dispose();
  });
});
