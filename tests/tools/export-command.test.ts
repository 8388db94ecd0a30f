/**
 * @file The export command: what it writes is a model folder again, and what cannot be exported is said in one line.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { promptTokens } from '../../src/core/model/loaded-model';
import { exportFolder } from '../../tools/commands/export';
import { loadLanguageModelFolder } from '../../tools/model-folder';
import { metaspaceConfig, metaspaceTokenizer } from '../helpers/foreign-tokenizers';
import { configJson, randomTensors, safetensorsFile, SMALL_LLAMA, writeFolder } from '../helpers/llama-folder';

const SHAPE = SMALL_LLAMA;

const root = mkdtempSync(join(tmpdir(), 'aftertrain-export-command-'));
const foreign = writeFolder(join(root, 'foreign'), {
  'config.json': configJson(SHAPE),
  'generation_config.json': { eos_token_id: 2 },
  'tokenizer.json': metaspaceTokenizer,
  'tokenizer_config.json': { ...metaspaceConfig, chat_template: undefined },
  'chat_template.jinja': '{{ messages[0].content }}',
  'model.safetensors': safetensorsFile(randomTensors(SHAPE, 3), 'BF16'),
  'notes.txt': 'mine',
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Runs `aftertrain export` with the words. */
function exportCommand(...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['tools/run.mjs', 'tools/aftertrain.ts', 'export', ...words], (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

describe('aftertrain export', () => {
  it('prints only the JSON on standard output: the files written, with their sizes', async () => {
    const out = join(root, 'new', 'out');
    const { code, stdout, stderr } = await exportCommand('--model', foreign, '--out', out, '--json');
    expect([code, stderr]).toEqual([0, '']);
    const { folder, files } = JSON.parse(stdout) as { folder: string; files: { path: string; bytes: number }[] };
    expect(folder).toBe(out);
    for (const { path, bytes } of files) expect(readFileSync(join(out, path))).toHaveLength(bytes);
    expect(files.map(({ path }) => path).sort()).toEqual([
      'chat_template.jinja',
      'config.json',
      'generation_config.json',
      'model.safetensors',
      'onnx/model.onnx',
      'tokenizer.json',
      'tokenizer_config.json',
    ]);
  });

  it.each([
    ['a folder that does not exist', ['--model', 'no/such', '--out', join(root, 'none')], 'There is no folder no/such.'],
    [
      'a reward model',
      ['--model', 'public/models/s/reward-model', '--out', join(root, 'none')],
      'public/models/s/reward-model is a reward model: it scores text and writes none.',
    ],
    ['no place to write', ['--model', foreign], 'The option --out is missing.'],
    ['a file in the way', ['--model', foreign, '--out', join(foreign, 'notes.txt')], `${join(foreign, 'notes.txt')} cannot be written (`],
  ])('says in one line, with code 1, what is wrong with %s', async (_, words, message) => {
    const { code, stdout, stderr } = await exportCommand(...words);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr.startsWith(message)).toBe(true);
    expect(stderr.trimEnd()).not.toContain('\n');
    expect(existsSync(join(root, 'none'))).toBe(false);
  });
});

describe('an exported folder', () => {
  it.each([
    ['a foreign model', foreign],
    ['a base model', 'public/models/s/base'],
    ['a chat model', 'public/models/s/sft'],
  ])('is the same model when read again, bit for bit, with the same prompts: %s', (name, model) => {
    const out = join(root, name);
    exportFolder(model, out);
    const [before, after] = [loadLanguageModelFolder(model), loadLanguageModelFolder(out)];
    expect(readFileSync(join(out, 'model.safetensors')).equals(readFileSync(join(model, 'model.safetensors')))).toBe(true);
    expect(Buffer.from(after.theta.buffer).equals(Buffer.from(before.theta.buffer))).toBe(true);
    expect(after.config).toEqual(before.config);
    for (const chat of before.tokenizer.hasChatTemplate ? [true, false] : [false])
      expect(promptTokens(after.tokenizer, after.config.bosTokenId, 'the river', chat)).toEqual(
        promptTokens(before.tokenizer, before.config.bosTokenId, 'the river', chat),
      );
  });

  it('may be the folder of the model itself, and be exported again', () => {
    const first = exportFolder(foreign, foreign);
    expect(exportFolder(foreign, foreign)).toEqual(first);
    expect(readFileSync(join(foreign, 'notes.txt'), 'utf8')).toBe('mine');
  });

  it('keeps what its configuration already says of weights for transformers.js', () => {
    const own = { dtype: 'q8' };
    writeFileSync(join(foreign, 'config.json'), JSON.stringify(configJson(SHAPE, { 'transformers.js_config': own })));
    exportFolder(foreign, join(root, 'own'));
    expect(JSON.parse(readFileSync(join(root, 'own', 'config.json'), 'utf8'))).toMatchObject({ 'transformers.js_config': own });
  });
});
