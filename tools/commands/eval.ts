/**
 * @file `aftertrain eval`: everything the small world's judges can say of a model, with 95 % intervals.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineCommand } from 'citty';
import { meaningOf, type Evals } from '../../src/core/eval/evals';
import { createWorld } from '../../src/core/world/world';
import { createNodeEngine } from '../../src/engine/ort-node';
import { EVALUATION_DEFAULTS } from '../evaluate/asker';
import { evaluate } from '../evaluate/evaluate';
import { loadLanguageModelFolder, loadModelFolder, resolved } from '../model-folder';
import { MAX_SEED, numberOption } from './options';

/** One line a figure: its name, value and interval, and what it is. */
function linesOf({ figures, reliability }: Evals): string[] {
  const lines = Object.entries(figures).map(([name, { value, low, high, n }]) => {
    const { label, unit } = meaningOf(name);
    const share = unit === 'share' || unit === 'points';
    const shown = (number: number) => (share ? (100 * number).toFixed(1) : String(Number(number.toFixed(3))));
    const mark = unit === 'share' ? ' %' : unit === 'score' ? '' : ` ${unit}`;
    return `${name.padEnd(38)} ${`${shown(value)}${mark}`.padStart(18)}  (${shown(low)} to ${shown(high)}, n ${n})  ${label}`;
  });
  const bins = (reliability ?? []).map(
    ({ confidence, accuracy, n }) => `sure ${(100 * confidence).toFixed(0)} %, right ${(100 * accuracy).toFixed(0)} % (n ${n})`,
  );
  return [...lines, ...bins];
}

/** The command. */
export const evalCommand = defineCommand({
  meta: { name: 'eval', description: "Measure a model on held-out prompts with the small world's judges." },
  args: {
    model: { type: 'string', required: true, valueHint: 'folder', description: 'a model folder' },
    against: {
      type: 'string',
      valueHint: 'folder',
      description: 'also compare with this model; for a reward model, the one whose answers it judges',
    },
    n: { type: 'string', default: String(EVALUATION_DEFAULTS.numPrompts), valueHint: 'N', description: 'number of prompts' },
    seed: { type: 'string', default: String(EVALUATION_DEFAULTS.seed), valueHint: 'N', description: 'which prompts, and which draws' },
    write: { type: 'boolean', description: 'write evals.json into the model folder' },
    json: { type: 'boolean', description: 'print JSON' },
  },
  async run({ args }) {
    const numPrompts = numberOption('n', args.n, { min: 1, max: 1e6 });
    const seed = numberOption('seed', args.seed, { min: 0, max: MAX_SEED });
    const model = loadModelFolder(args.model);
    const against = args.against === undefined ? undefined : loadLanguageModelFolder(args.against);
    process.stderr.write(`Asking ${args.model} ${numPrompts} held-out prompts …\n`);
    const words = [
      `--model ${args.model}`,
      ...(args.against === undefined ? [] : [`--against ${args.against}`]),
      `--n ${numPrompts}`,
      `--seed ${seed}`,
    ];
    const evals = await evaluate(createNodeEngine(), createWorld(), model, {
      ...EVALUATION_DEFAULTS,
      numPrompts,
      seed,
      command: `npm run -s aftertrain -- eval ${words.join(' ')}`,
      against,
      onPart: (part) => process.stderr.write(`  ${part}\n`),
    });
    if (args.write) writeFileSync(join(resolved(args.model), 'evals.json'), `${JSON.stringify(evals, null, 1)}\n`);
    process.stdout.write(`${args.json ? JSON.stringify({ model: args.model, ...evals }) : linesOf(evals).join('\n')}\n`);
  },
});
