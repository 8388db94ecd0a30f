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
import { parseEvals } from '../../src/core/eval/evals';
import type { LoadedModel } from '../../src/core/model/loaded-model';
import { compareModels, measureKl } from '../../tools/evaluate/against';
import { Asker, EVALUATION_DEFAULTS, MAX_PROMPT_TOKENS, promptOf } from '../../tools/evaluate/asker';
import { evaluate } from '../../tools/evaluate/evaluate';
import { heldOutRequests } from '../../tools/evaluate/prompts';
import { OUTSIDE_PROMPTS } from '../../tools/evaluate/outside-prompts';
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

async function withAsker<Result>(model: LoadedModel, job: (asker: Asker) => Promise<Result>, changes = {}): Promise<Result> {
  const asker = await Asker.create(engine, world, model, { ...options, ...changes });
  const result = await job(asker);
  await asker.release();
  return result;
}

describe('Asker', () => {
  it('asks the first of many prompts as it asks few, and others for another seed', async () => {
    const ask = (numPrompts: number, seed: number) =>
      withAsker(
        a!,
        async (asker) => {
          const answers = await asker.answer(heldOutRequests(world, [a!], asker.options), 'answers');
          return answers.map(({ request, text }) => [request.prompt, text]);
        },
        { numPrompts, seed },
      );
    const many = await ask(40, 1);
    expect(many).toHaveLength(40);
    expect(many.slice(0, 5)).toEqual(await ask(5, 1));
    expect(await ask(5, 2)).not.toEqual(many.slice(0, 5));
  });

  it('scores completions as they were drawn, at temperature 1', async () => {
    await withAsker(a!, async (asker) => {
      const prompts = heldOutRequests(world, [a!], { ...options, numPrompts: 20 }).map((request) => promptOf(a!, request));
      expect(Math.max(...prompts.map((prompt) => prompt.length))).toBeLessThanOrEqual(MAX_PROMPT_TOKENS);
      const rollouts = await asker.complete(prompts, 'scored', { temperature: 1, maxTokens: 12 });
      const scored = await asker.logprobs(rollouts);
      rollouts.forEach(({ samplingLogprobs }, i) => {
        expect(scored[i]).toHaveLength(samplingLogprobs.length);
        samplingLogprobs.forEach((logprob, t) => expect(scored[i]![t]).toBeCloseTo(logprob, 3));
      });
    });
  });
});

describe('evaluate', () => {
  it('measures a chat model by every judge, kind, tense and name, each figure within its interval', async () => {
    const { figures, ...about } = parseEvals(await evaluate(engine, world, a!, { ...options, command: 'test', against: b! }));
    expect(about).toEqual({ version: 1, command: 'test', seed: 1, temperature: 0.8, numPrompts: 40, maxTokens: 12 });
    const answers = await withAsker(a!, (asker) => asker.answer(heldOutRequests(world, [a!], options), 'answers'));
    const mean = (numbers: number[]) => numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
    expect(figures.gold!.value).toBeCloseTo(mean(answers.map(({ judgement }) => judgement.gold)), 4);
    expect(figures.length!.value).toBeCloseTo(mean(answers.map(({ rollout }) => rollout.completionTokens.length)), 3);
    const wanted = [
      'gold/recipe',
      'correct/note',
      'known/gap',
      'names/unknown/made-up',
      'refuses/harmful/past',
      'groups/gold',
      'wins',
      'kl',
    ];
    for (const name of [...wanted, 'diversity/per-input/ead', 'documents/bits-per-byte', 'judge/tool-use'])
      expect(figures).toHaveProperty([name]);
    expect(figures).not.toHaveProperty(['off-map/limit']);
  });

  it('measures a base model as a writer too, and what it thinks is off the map', async () => {
    const base = loadModel(fileBytes(files(2, false)));
    const { figures } = await evaluate(engine, world, base, { ...options, command: 'test' });
    // An untrained model of 700 tokens needs about log2 700 bits for each; a token here is some two bytes.
    expect(figures['documents/bits-per-byte']!.value).toBeGreaterThan(2);
    expect(figures['documents/kind-kept-by-the-world']!.value).toBeGreaterThan(0.5);
    expect(figures['off-map/auroc']!.n).toBe(2 * OUTSIDE_PROMPTS.length);
    expect(figures).not.toHaveProperty(['refuses/harmful']);
  });
});

describe('the prompts from outside', () => {
  it('are two hundred different ones', () => {
    expect(new Set(OUTSIDE_PROMPTS).size).toBe(200);
    expect(OUTSIDE_PROMPTS).toHaveLength(200);
  });
});

describe('measureKl', () => {
  it('is 0 from a model to itself, and more to another', async () => {
    await withAsker(a!, async (asker) => {
      expect((await measureKl(asker, a!)).value).toBeCloseTo(0, 6);
      expect((await measureKl(asker, b!)).value).toBeGreaterThan(0);
    });
  });
});

describe('compareModels', () => {
  it('is a draw against itself, and the two directions add up to one', async () => {
    expect(await compareModels(engine, world, a!, a!, options)).toEqual({ value: 0.5, low: 0.5, high: 0.5, n: 40 });
    const [forth, back] = [await compareModels(engine, world, a!, b!, options), await compareModels(engine, world, b!, a!, options)];
    expect(forth.value + back.value).toBeCloseTo(1, 12);
    expect(forth.value).not.toBe(0.5);
    expect(forth.low).toBeLessThan(forth.value);
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
    await expect(evaluate(engine, world, wasteful, { ...options, command: 'test' })).rejects.toThrow(/longer than 96/);
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
    const { model: named, ...evals } = JSON.parse(card.stdout) as Record<string, unknown>;
    expect(named).toBe(model);
    expect(parseEvals(evals)).toMatchObject({ numPrompts: 8, command: `npm run -s aftertrain -- eval --model ${model} --n 8 --seed 1` });
    expect(card.stderr).toContain('8 held-out prompts');
    const comparison = await aftertrain('compare', '--a', join(root, 'a'), '--b', model, '--n', '8', '--json');
    const result = JSON.parse(comparison.stdout) as { n: number; win_rate: number; ci95: [number, number] };
    expect(Object.keys(result)).toEqual(['n', 'win_rate', 'ci95']);
    expect(result.n).toBe(8);
    expect(result.ci95[0] <= result.win_rate && result.win_rate <= result.ci95[1]).toBe(true);
  });

  it('print readable lines without --json, and one line for a folder that is missing', async () => {
    const { stdout } = await aftertrain('eval', '--model', join(root, 'a'), '--n', '4');
    expect(stdout).toMatch(/^gold +[\d.]+ +\([\d.]+ to [\d.]+, n 4\)  gold reward\nformat +[\d.]+ %/);
    const missing = await aftertrain('compare', '--a', join(root, 'a'), '--b', join(root, 'no')).catch((error: unknown) => error);
    expect(missing).toMatchObject({ code: 1, stdout: '', stderr: `There is no folder ${join(root, 'no')}.\n` });
  });
});
