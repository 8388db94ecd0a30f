/** @file A sweep keeps what it measured, and the model card takes over what was measured and nothing else. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { createWorld } from '../../src/core/world/world';
import { createNodeEngine } from '../../src/engine/ort-node';
import { withPart } from '../../tools/build/card';
import { RECIPES } from '../../tools/build/recipe';
import { Store } from '../../tools/build/store';
import { tokenizerStage } from '../../tools/build/tokenizer-stage';
import { readSweep, runSweep, shapeOf, sweepTable } from '../../tools/sweep';

const root = mkdtempSync(join(tmpdir(), 'aftertrain-sweep-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('shapeOf', () => {
  it('gives whole heads for any width, and the recipe’s own shape for its own width', () => {
    const { model } = RECIPES.s!;
    expect(shapeOf(model, model.width, model.numLayers)).toEqual(model);
    for (const width of [16, 48, 96, 112, 160, 256]) {
      const shape = shapeOf(model, width, 6);
      expect(shape.numHeads * shape.headSize).toBe(width);
      expect(shape.numHeads % shape.numKeyValueHeads).toBe(0);
      expect(shape.numLayers).toBe(6);
    }
  });
});

describe('runSweep', () => {
  it('measures each cell once, and tells rates apart', async () => {
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const recipe = RECIPES.mini!;
    const world = createWorld();
    const tokenizers = tokenizerStage(recipe, world, new Store(join(root, 'work')));
    const path = join(root, 'sweep.json');
    const plan = { recipe, learningRates: [1e-6, 1e-2], shapes: [[32, 1]] as const, numSteps: 60 };
    const cells = await runSweep(createNodeEngine(), world, tokenizers, plan, path);
    expect(cells).toHaveLength(2);
    expect(cells[1]!.bitsPerByte).toBeLessThan(cells[0]!.bitsPerByte - 1);
    expect(cells[1]!.numTokens).toBe(60 * recipe.pretrain.batch * recipe.pretrain.length);
    expect(readSweep(path)).toEqual(cells);
    const written = readFileSync(path, 'utf8');
    await runSweep(createNodeEngine(), world, tokenizers, plan, path);
    expect(readFileSync(path, 'utf8')).toBe(written);
    const lines = sweepTable(cells).split('\n');
    expect(lines).toHaveLength(4);
    expect(lines[2]).toContain('| 0.01 |');
    vi.restoreAllMocks();
  });

  it('of a file that is not a sweep’s is refused', () => {
    const path = join(root, 'other.json');
    expect(existsSync(path)).toBe(false);
    expect(readSweep(path)).toEqual([]);
    writeFileSync(path, '[{"family":"s"}]');
    expect(() => readSweep(path)).toThrow();
  });
});

describe('withPart', () => {
  it('replaces what stands between the marks, again and again, and leaves a card without them alone', () => {
    const card = 'before\n<!-- evals:s -->\nold\n<!-- /evals:s -->\nafter';
    const once = withPart(card, 'evals:s', 'new');
    expect(once).toBe('before\n<!-- evals:s -->\n\nnew\n\n<!-- /evals:s -->\nafter');
    expect(withPart(once, 'evals:s', 'new')).toBe(once);
    expect(withPart(card, 'evals:m', 'new')).toBe(card);
  });
});
