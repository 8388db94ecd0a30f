/**
 * @file `aftertrain sweep`: short pretraining runs over learning rates and shapes, and the table of how they did.
 */
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { defineCommand } from 'citty';
import { createWorld } from '../../src/core/world/world';
import { createNodeEngine } from '../../src/engine/ort-node';
import { updateSweepCard } from '../build/card';
import { RECIPES } from '../build/recipe';
import { Store } from '../build/store';
import { tokenizerStage } from '../build/tokenizer-stage';
import { ClearError } from '../ensure-dependencies.mjs';
import { resolved } from '../model-folder';
import { runSweep, sweepTable } from '../sweep';
import { numberOption } from './options';

/** Numbers of a list such as "1e-3,2e-3". */
function numbersOf(name: string, text: string): number[] {
  return text.split(',').map((each) => numberOption(name, each.trim(), { min: 1e-6, max: 1, whole: false }));
}

/** Shapes of a list such as "128x4,112x6". @throws ClearError for anything else */
function shapesOf(text: string): [number, number][] {
  return text.split(',').map((each) => {
    const match = /^(\d{1,4})x(\d{1,2})$/.exec(each.trim());
    const [width, numLayers] = [Number(match?.[1]), Number(match?.[2])];
    if (!match || width % 16 !== 0 || width === 0 || numLayers === 0)
      throw new ClearError(`--shapes must be widths (multiples of 16) and depths such as 128x4,112x6, not "${text.slice(0, 50)}".`);
    return [width, numLayers];
  });
}

/** The command. */
export const sweepCommand = defineCommand({
  meta: { name: 'sweep', description: 'Pretrain for a short while at several learning rates and shapes, and print how each did.' },
  args: {
    family: { type: 'string', default: 's', valueHint: 'name', description: `whose recipe: ${Object.keys(RECIPES).join(', ')}` },
    rates: { type: 'string', default: '2e-3,4e-3,8e-3', valueHint: 'list', description: 'learning rates' },
    shapes: { type: 'string', valueHint: 'list', description: "widths and depths, such as 128x4,112x6 (the recipe's own when left out)" },
    steps: { type: 'string', default: '1000', valueHint: 'N', description: 'optimiser steps of each run' },
    output: { type: 'string', default: 'public/models/sweep.json', valueHint: 'file', description: 'what was measured; kept and added to' },
    work: { type: 'string', default: 'build', valueHint: 'folder', description: 'where the tokenizer is, or will be' },
    json: { type: 'boolean', description: 'print JSON' },
  },
  async run({ args }) {
    const recipe = RECIPES[args.family];
    if (!recipe) throw new ClearError(`There is no family "${args.family}"; there are ${Object.keys(RECIPES).join(', ')}.`);
    const numSteps = numberOption('steps', args.steps, { min: 20, max: 1e6 });
    const learningRates = numbersOf('rates', args.rates);
    const shapes = args.shapes === undefined ? [[recipe.model.width, recipe.model.numLayers] as [number, number]] : shapesOf(args.shapes);
    const world = createWorld();
    const tokenizers = tokenizerStage(recipe, world, new Store(join(resolved(args.work), recipe.family)));
    const output = resolved(args.output);
    mkdirSync(dirname(output), { recursive: true });
    const cells = await runSweep(createNodeEngine(), world, tokenizers, { recipe, learningRates, shapes, numSteps }, output);
    updateSweepCard(dirname(output), recipe.family);
    process.stdout.write(`${args.json ? JSON.stringify(cells) : sweepTable(cells)}\n`);
  },
});
