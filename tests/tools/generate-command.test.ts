/**
 * @file The real command as a child process: what goes to which stream, and that every fault is one line and code 1.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { CheckpointError } from '../../src/core/model/checkpoint-error';
import { loadModel } from '../../src/core/model/loaded-model';
import { checkedOptions, numberOption } from '../../tools/commands/options';
import { generateCommand } from '../../tools/commands/generate';
import { ClearError } from '../../tools/ensure-dependencies.mjs';
import { loadLanguageModelFolder } from '../../tools/model-folder';
import { metaspaceConfig, metaspaceTokenizer } from '../helpers/foreign-tokenizers';
import { configJson, fileBytes, randomTensors, safetensorsFile, SMALL_LLAMA, writeFolder } from '../helpers/llama-folder';

const SHAPE = SMALL_LLAMA;
const tensors = randomTensors(SHAPE, 3);
const files = {
  'config.json': configJson(SHAPE),
  'tokenizer.json': metaspaceTokenizer,
  'tokenizer_config.json': { ...metaspaceConfig, chat_template: undefined },
  'model.safetensors': safetensorsFile(tensors, 'F16'),
};

let root = '';
let folder = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'aftertrain-generate-'));
  folder = writeFolder(join(root, 'model'), files);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Runs `aftertrain` with the words. */
function aftertrain(...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['tools/run.mjs', 'tools/aftertrain.ts', ...words], (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

describe('aftertrain generate', () => {
  it('prints only the JSON on standard output, whose tokens and log-probabilities belong together', async () => {
    const { code, stdout, stderr } = await aftertrain('generate', '--model', folder, '--prompt', '- the river', '--greedy', '--json');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.endsWith('}\n')).toBe(true);
    const result = JSON.parse(stdout) as { text: string; tokens: number[]; logprobs: number[]; finish_reason: string };
    expect(Object.keys(result)).toEqual(['text', 'tokens', 'logprobs', 'finish_reason']);
    expect(result.logprobs).toHaveLength(result.tokens.length);
    expect(result.logprobs.every((logprob) => logprob <= 0)).toBe(true);
    expect(['stop', 'length']).toContain(result.finish_reason);
  });

  it('streams readable text, the same as the JSON says, with one note where a chat template is missing', async () => {
    const words = ['generate', '--model', folder, '--prompt', 'the', '--seed=4', '--temperature', '0.5', '--max-tokens', '9', '--chat'];
    const plain = await aftertrain(...words);
    const json = await aftertrain(...words, '--json');
    expect(plain.stdout).toBe(`${(JSON.parse(json.stdout) as { text: string }).text}\n`);
    expect(plain.stderr).toBe('This model has no chat template: it continues the prompt as plain text.\n');
    expect(json.stderr).toBe(plain.stderr);
  });

  it.each([
    ['an unknown command', ['translate'], /There is no command "translate"; there are generate, eval, compare/],
    ['a folder that does not exist', ['generate', '--model', 'no/such', '--prompt', 'a'], /There is no folder no\/such/],
    [
      'a prompt that is too long',
      ['generate', '--model', 'FOLDER', '--prompt', 'the river '.repeat(99), '--json'],
      /The prompt has \d+ tokens/,
    ],
  ])('says one line and fails for %s', async (_, words, message) => {
    const { code, stdout, stderr } = await aftertrain(...words.map((word) => word.replace('FOLDER', folder)));
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd()).not.toContain('\n');
  });

  it('shows help of all commands and of one', async () => {
    const [all, one] = await Promise.all([aftertrain('--help'), aftertrain('generate', '--help')]);
    expect([all.code, one.code, all.stderr, one.stderr]).toEqual([0, 0, '', '']);
    for (const name of ['generate', 'eval', 'compare']) expect(all.stdout).toContain(name);
    for (const name of Object.keys(generateCommand.args as object)) expect(one.stdout).toContain(`--${name}`);
  });
});

describe('checkedOptions', () => {
  const definitions = { prompt: { type: 'string', required: true }, json: { type: 'boolean' } } as const;

  it('takes values that look like options, written in either way', () => {
    expect(checkedOptions(definitions, ['--prompt', '--no-salt', '--json'])).toEqual(['--prompt=--no-salt', '--json']);
    expect(checkedOptions(definitions, ['--prompt=--json'])).toEqual(['--prompt=--json']);
    expect(checkedOptions(definitions, ['--prompt', '- a'])).toEqual(['--prompt=- a']);
  });

  it.each([
    [['--prompt', 'a', '--jsn'], /no option --jsn/],
    [['--prompt', 'a', '-x'], /no option -x/],
    [['--prompt', 'a', 'b'], /"b" belongs to no option/],
    [['--prompt', '--json'], /--prompt needs a value/],
    [['--json', '--prompt'], /--prompt needs a value/],
    [['--prompt', 'a', '--json=yes'], /--json takes no value/],
    [['--json'], /option --prompt is missing/],
  ])('refuses %j', (words, message) => {
    expect(() => checkedOptions(definitions, words)).toThrow(ClearError);
    expect(() => checkedOptions(definitions, words)).toThrow(message);
  });
});

describe('numberOption', () => {
  it('reads numbers within limits and refuses everything else', () => {
    const limits = { min: 0, max: 10, whole: false };
    expect(['0', '2.5', '.5', '1e1', '+3'].map((text) => numberOption('x', text, limits))).toEqual([0, 2.5, 0.5, 10, 3]);
    for (const text of ['', ' ', '-1', '11', 'NaN', 'Infinity', '0x1', '1,5', '1e999'])
      expect(() => numberOption('x', text, limits)).toThrow(/--x must be a number from 0 to 10/);
    expect(() => numberOption('n', '1.5', { min: 1, max: 9 })).toThrow(/--n must be a whole number from 1 to 9/);
  });
});

describe('loadLanguageModelFolder', () => {
  const without = (name: string) => Object.fromEntries(Object.entries(files).filter(([each]) => each !== name));
  const weights = Buffer.from(files['model.safetensors']);
  const fewer = new Map([...tensors].filter(([name]) => name !== 'model.norm.weight'));

  it.each([
    ['no config', without('config.json'), /has no config.json/],
    ['no tokenizer', without('tokenizer.json'), /has no tokenizer.json/],
    ['no weights', without('model.safetensors'), /has no .safetensors file/],
    ['broken JSON', { ...files, 'config.json': '{"model_type": ' }, /config.json is not valid JSON/],
    ['a list for an object', { ...files, 'tokenizer_config.json': '[]' }, /tokenizer_config.json is not a JSON object/],
    ['weights cut short', { ...files, 'model.safetensors': weights.subarray(0, weights.length - 40) }, /cut short/],
    ['empty weights', { ...files, 'model.safetensors': '' }, /0 bytes long/],
    ['a missing tensor', { ...files, 'model.safetensors': safetensorsFile(fewer, 'F32') }, /lack the tensor "model.norm.weight"/],
    [
      'a wrong shape',
      { ...files, 'config.json': configJson(SHAPE, { hidden_size: 16 }) },
      /has shape \[320, 8\]; the configuration wants \[320, 16\]/,
    ],
    ['another architecture', { ...files, 'config.json': configJson(SHAPE, { model_type: 'gpt2' }) }, /only "llama" is supported/],
    [
      'scaled positions',
      { ...files, 'config.json': configJson(SHAPE, { rope_scaling: { rope_type: 'llama3' } }) },
      /scaled rotary positions are not supported/,
    ],
    ['a small vocabulary', { ...files, 'config.json': configJson(SHAPE, { vocab_size: 100 }) }, /tokenizer has \d+ tokens, the model 100/],
  ])('names the folder and the fault: %s', (name, broken, message) => {
    const path = writeFolder(join(root, name), broken);
    expect(() => loadLanguageModelFolder(path)).toThrow(ClearError);
    expect(() => loadLanguageModelFolder(path)).toThrow(message);
    expect(() => loadLanguageModelFolder(path)).toThrow(path);
  });

  it('refuses a file for a folder, a folder for a file, and a reward model', () => {
    writeFileSync(join(root, 'file'), '');
    expect(() => loadLanguageModelFolder(join(root, 'file'))).toThrow(/is not a folder/);
    const nested = writeFolder(join(root, 'nested'), without('config.json'));
    writeFolder(join(nested, 'config.json'), {});
    expect(() => loadLanguageModelFolder(nested)).toThrow(/config.json is not a file/);
    const score = { 'score.weight': { dims: [1, 8], data: new Float32Array(8) } };
    const reward = writeFolder(join(root, 'reward'), {
      ...files,
      'config.json': configJson(SHAPE, { architectures: ['LlamaForSequenceClassification'], id2label: { 0: 'score' } }),
      'model.safetensors': safetensorsFile(new Map([...tensors, ...Object.entries(score)]), 'F32'),
    });
    expect(() => loadLanguageModelFolder(reward)).toThrow(/is a reward model/);
  });

  it('throws nothing but CheckpointError when bytes of any file are changed, lost or added', () => {
    const whole = fileBytes(files);
    const damage = fc.record({
      name: fc.constantFrom(...Object.keys(files)),
      start: fc.double({ min: 0, max: 1, noNaN: true }),
      numLost: fc.integer({ min: 0, max: 30 }),
      added: fc.uint8Array({ maxLength: 8 }),
    });
    let numRefused = 0;
    fc.assert(
      fc.property(damage, ({ name, start, numLost, added }) => {
        const bytes = whole.get(name)!;
        const at = Math.floor(start * Math.min(bytes.length, 3000)); // headers, mostly
        const changed = Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at + numLost)]);
        try {
          loadModel(new Map([...whole, [name, changed]]));
        } catch (error) {
          numRefused++;
          expect(error).toBeInstanceOf(CheckpointError);
          expect((error as Error).message).not.toContain('\n');
        }
      }),
      { numRuns: 300, seed: 1 },
    );
    expect(numRefused).toBeGreaterThan(100);
  });
});
