/**
 * @file `aftertrain eval`: the eval card of a model, on held-out prompts of the small world.
 */
import { defineCommand } from 'citty';
import { createWorld } from '../../src/core/world/world';
import { createNodeEngine } from '../../src/engine/ort-node';
import { EVALUATION_DEFAULTS, evaluate } from '../evaluate';
import { loadLanguageModelFolder } from '../model-folder';
import { MAX_SEED, numberOption } from './options';

/** Rates as "93.5 %", other numbers plain. */
function shown(name: string, value: number): string {
  return name.endsWith('_rate') ? `${(100 * value).toFixed(1)} %` : String(Number(value.toFixed(3)));
}

/** The command. */
export const evalCommand = defineCommand({
  meta: { name: 'eval', description: "Measure a model on held-out prompts with the small world's judges." },
  args: {
    model: { type: 'string', required: true, valueHint: 'folder', description: 'a model folder' },
    n: { type: 'string', default: String(EVALUATION_DEFAULTS.numPrompts), valueHint: 'N', description: 'number of prompts' },
    seed: { type: 'string', default: String(EVALUATION_DEFAULTS.seed), valueHint: 'N', description: 'which prompts, and which draws' },
    json: { type: 'boolean', description: 'print JSON' },
  },
  async run({ args }) {
    const numPrompts = numberOption('n', args.n, { min: 1, max: 1e6 });
    const seed = numberOption('seed', args.seed, { min: 0, max: MAX_SEED });
    const model = loadLanguageModelFolder(args.model);
    process.stderr.write(`Asking ${args.model} ${numPrompts} held-out prompts …\n`);
    const card = await evaluate(createNodeEngine(), createWorld(), model, { ...EVALUATION_DEFAULTS, numPrompts, seed });
    const lines = Object.entries(card).map(([name, value]: [string, number]) => `${name.padEnd(18)}${shown(name, value)}`);
    process.stdout.write(`${args.json ? JSON.stringify({ model: args.model, ...card }) : lines.join('\n')}\n`);
  },
});
