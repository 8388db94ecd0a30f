/**
 * @file Eval cards and comparisons of tiny untrained models: the numbers' laws, and the two commands as processes.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadModel } from '../../src/core/model/loaded-model';
import { createWorld } from '../../src/core/world/world';
import { createNodeEngine } from '../../src/engine/ort-node';
import { answerHeldOut, compareModels, evaluate, EVALUATION_DEFAULTS } from '../../tools/evaluate';
import { madeUpFiles } from '../core/text/made-up-text';
import { metaspaceConfig, metaspaceTokenizer } from '../helpers/foreign-tokenizers';
import { configJson, fileBytes, randomTensors, safetensorsFile, SMALL_LLAMA, writeFolder, type LlamaShape } from '../helpers/llama-folder';

const SHAPE: LlamaShape = { ...SMALL_LLAMA, vocab_size: 700 };

function files(seed: number, chat: boolean) {
  const [tokenizer, config] = madeUpFiles({ chat });
  return {
    'config.json': configJson(SHAPE, { max_position_embeddings: 256, bos_token_id: 0, eos_token_id: chat ? [5, 0] : 0 }),
    'tokenizer.json': tokenizer,
    'tokenizer_config.json': config,
    'model.safetensors': safetensorsFile(randomTensors(SHAPE, seed), 'F16'),
  };
}

const engine = createNodeEngine({ numThreads: 1 });
const world = createWorld();
const options = { ...EVALUATION_DEFAULTS, numPrompts: 40, maxTokens: 12 };
const [a, b] = [1, 2].map((seed) => loadModel(fileBytes(files(seed, true))));

describe('evaluate', () => {
  it('gives the means of the judged answers, as many as asked for', async () => {
    const answers = await answerHeldOut(engine, world, a!, options);
    const card = await evaluate(engine, world, a!, options);
    const mean = (numbers: number[]) => numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
    expect(answers).toHaveLength(40);
    expect(card.n).toBe(40);
    expect(card.gold_reward_mean).toBeCloseTo(mean(answers.map(({ judgement }) => judgement.gold)), 12);
    expect(card.mean_tokens).toBeCloseTo(mean(answers.map(({ numTokens }) => numTokens)), 12);
    for (const { numTokens, text, request } of answers) {
      expect(numTokens).toSatisfy((count: number) => count >= 1 && count <= 12);
      expect(text).not.toContain('<|');
      expect(request.prompt).not.toBe('');
    }
  });

  it('asks the first of many prompts as it asks few, and others for another seed', async () => {
    const ask = async (numPrompts: number, seed: number) =>
      (await answerHeldOut(engine, world, a!, { ...options, numPrompts, seed })).map(({ request, text }) => [request.prompt, text]);
    const many = await ask(40, 1);
    expect(many.slice(0, 5)).toEqual(await ask(5, 1));
    expect(await ask(5, 2)).not.toEqual(many.slice(0, 5));
  });
});

describe('compareModels', () => {
  it('is a draw against itself, and the two directions add up to one', async () => {
    expect(await compareModels(engine, world, a!, a!, options)).toEqual({ n: 40, win_rate: 0.5, ci95: [0.5, 0.5] });
    const [forth, back] = [await compareModels(engine, world, a!, b!, options), await compareModels(engine, world, b!, a!, options)];
    expect(forth.win_rate + back.win_rate).toBeCloseTo(1, 12);
    expect(forth.ci95[0]).toBeCloseTo(1 - back.ci95[1], 12);
    expect(forth.win_rate).not.toBe(0.5);
    expect(forth.ci95[0]).toBeLessThan(forth.win_rate);
  });

  it('asks both the same prompts, though their tokenizers differ, and refuses one that needs too many tokens', async () => {
    const foreign = (changes: object) =>
      loadModel(
        fileBytes({ ...files(3, true), 'tokenizer.json': { ...metaspaceTokenizer, ...changes }, 'tokenizer_config.json': metaspaceConfig }),
      );
    const result = await compareModels(engine, world, a!, foreign({}), options);
    expect(result.n).toBe(40);
    // "a" for every character: many tokens.
    const wasteful = foreign({ normalizer: { type: 'Replace', pattern: { Regex: '.' }, content: 'aaaaaaaaaa' } });
    await expect(evaluate(engine, world, wasteful, options)).rejects.toThrow(/longer than 48/);
  });
});

describe('aftertrain eval and compare', () => {
  let root = '';
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'aftertrain-eval-'));
    writeFolder(join(root, 'a'), files(1, true));
    writeFolder(join(root, 'base'), files(2, false));
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  const aftertrain = (...words: string[]) => promisify(execFile)(process.execPath, ['tools/run.mjs', 'tools/aftertrain.ts', ...words]);

  it('print the card and the comparison as JSON alone, with progress on standard error', async () => {
    const model = join(root, 'base');
    const card = await aftertrain('eval', '--model', model, '--n', '8', '--json');
    const keys = ['model', 'n', 'format_rate', 'correct_rate', 'typo_rate', 'gold_reward_mean', 'world_word_rate', 'mean_tokens'];
    const parsed = JSON.parse(card.stdout) as Record<string, unknown>;
    expect(Object.keys(parsed)).toEqual(keys);
    expect(parsed).toMatchObject({ model, n: 8 });
    expect(card.stderr).toContain('8 held-out prompts');
    const comparison = await aftertrain('compare', '--a', join(root, 'a'), '--b', model, '--n', '8', '--json');
    const result = JSON.parse(comparison.stdout) as { n: number; win_rate: number; ci95: [number, number] };
    expect(Object.keys(result)).toEqual(['n', 'win_rate', 'ci95']);
    expect(result.n).toBe(8);
    expect(result.ci95[0] <= result.win_rate && result.win_rate <= result.ci95[1]).toBe(true);
  });

  it('print readable lines without --json, and one line for a folder that is missing', async () => {
    const { stdout } = await aftertrain('eval', '--model', join(root, 'a'), '--n', '4');
    expect(stdout).toMatch(/^n +4\nformat_rate +[\d.]+ %\n/);
    const missing = await aftertrain('compare', '--a', join(root, 'a'), '--b', join(root, 'no')).catch((error: unknown) => error);
    expect(missing).toMatchObject({ code: 1, stdout: '', stderr: `There is no folder ${join(root, 'no')}.\n` });
  });
});
