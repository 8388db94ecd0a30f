/**
 * @file `aftertrain compare`: how often the world's gold judge prefers one model's answer to another's.
 */
import { defineCommand } from 'citty';
import { createWorld } from '../../src/core/world/world';
import { createNodeEngine } from '../../src/engine/ort-node';
import { compareModels } from '../evaluate/against';
import { EVALUATION_DEFAULTS } from '../evaluate/asker';
import { loadLanguageModelFolder } from '../model-folder';
import { MAX_SEED, numberOption } from './options';

/** The command. */
export const compareCommand = defineCommand({
  meta: { name: 'compare', description: 'Let two models answer the same held-out prompts and count which answer is better.' },
  args: {
    a: { type: 'string', required: true, valueHint: 'folder', description: 'the model whose wins are counted' },
    b: { type: 'string', required: true, valueHint: 'folder', description: 'the model it is compared with' },
    n: { type: 'string', default: String(EVALUATION_DEFAULTS.numPrompts), valueHint: 'N', description: 'number of prompts' },
    seed: { type: 'string', default: String(EVALUATION_DEFAULTS.seed), valueHint: 'N', description: 'which prompts, and which draws' },
    json: { type: 'boolean', description: 'print JSON' },
  },
  async run({ args }) {
    const numPrompts = numberOption('n', args.n, { min: 1, max: 1e6 });
    const seed = numberOption('seed', args.seed, { min: 0, max: MAX_SEED });
    const a = loadLanguageModelFolder(args.a);
    const b = loadLanguageModelFolder(args.b);
    process.stderr.write(`Asking both models ${numPrompts} held-out prompts …\n`);
    const result = await compareModels(createNodeEngine(), createWorld(), a, b, { ...EVALUATION_DEFAULTS, numPrompts, seed });
    const percent = (rate: number) => `${(100 * rate).toFixed(1)} %`;
    const { value, low, high, n } = result;
    const line = `${args.a} wins ${percent(value)} of ${n} (95 % interval ${percent(low)} to ${percent(high)})`;
    process.stdout.write(`${args.json ? JSON.stringify({ n, win_rate: value, ci95: [low, high] }) : line}\n`);
  },
});
