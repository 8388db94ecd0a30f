/** @file Figures in sections: nothing measured is hidden, every interval lies on its row's scale. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Evals } from '../../src/core/eval/evals';
import { sectionsOf } from '../../src/state/eval-sections';
import { overwriteGetLocale } from '../../src/messages/runtime';
import type { ComparedId, MeasuredModel } from '../../src/state/model-evals.svelte';
import { rowWords } from '../../src/ui/models/section-words';

const figure = (value: number, low: number, high: number) => ({ value, low, high, n: 60 });
const measured = (id: ComparedId, figures: Evals['figures'] | null): MeasuredModel => ({
  id,
  numParameters: 1,
  bytes: 1,
  howBuilt: { command: 'make', seed: 1, steps: 1 },
  evals: figures && { version: 1, command: 'eval', seed: 1, temperature: 0.8, numPrompts: 60, maxTokens: 112, figures },
  problem: figures ? null : 'not there',
});
const MODELS = [
  measured('base', { correct: figure(0, 0, 0.06), 'documents/bits-per-byte': figure(2.5, 2.1, 3.2) }),
  measured('sft', {
    correct: figure(0.6, 0.5, 0.7),
    'correct/how-to': figure(0.5, 0.2, 0.8),
    'refuses/look-alike/past': figure(0.01, 0, 0.04),
    'groups/gold': figure(0.1, -0.3, 0.4),
    'names/made-up-by-nobody/yet': figure(1, 1, 1),
    'judge/tool-use': figure(1, 1, 1),
    'gold/how-to': figure(0.4, 0.3, 0.5),
    'format/how-to': figure(0.9, 0.8, 1),
    'of-tomorrow/tone': figure(1, 1, 1),
  }),
  measured('rlhf', null),
];
const sections = sectionsOf(MODELS);
const rows = sections.flatMap((section) => section.rows);

test('every figure has one row, with all models that have it', () => {
  const names = MODELS.flatMap(({ evals }) => Object.keys(evals?.figures ?? {}));
  expect(rows.map(({ name }) => name).sort()).toEqual([...new Set(names)].sort());
  expect(rows.find(({ name }) => name === 'correct')!.figures).toEqual({ base: figure(0, 0, 0.06), sft: figure(0.6, 0.5, 0.7) });
});

test('figures no section knows come last, and models without evals get no column', () => {
  expect(sections.at(-1)!.id).toBe('rest');
  expect(sections.at(-1)!.rows.map(({ name }) => name)).toEqual(['of-tomorrow/tone']);
  expect(sections.every(({ ids }) => !ids.includes('rlhf'))).toBe(true);
  expect(sections.find(({ id }) => id === 'pages')!.ids).toEqual(['base']);
});

test('judges, and gold and form by kind of request, have sections of their own', () => {
  const names = (id: string) => sections.find((section) => section.id === id)!.rows.map(({ name }) => name);
  expect(names('judges')).toEqual(['judge/tool-use']);
  expect(names('gold-kinds')).toEqual(['gold/how-to']);
  expect(names('format-kinds')).toEqual(['format/how-to']);
});

test('every interval lies on its scale; a small share is drawn large, a gap around 0', () => {
  for (const { figures, from, to } of rows)
    for (const { low, high } of Object.values(figures)) expect([from <= low, high <= to]).toEqual([true, true]);
  const scale = (name: string) => rows.filter((row) => row.name === name).map(({ from, to }) => [from, to])[0];
  expect(scale('correct')).toEqual([0, 1]);
  expect(scale('refuses/look-alike/past')).toEqual([0, 0.05]);
  expect(scale('groups/gold')).toEqual([-0.5, 0.5]);
});

test('rows are named for what is beneath the heading, in words', () => {
  const label = (name: string) => rowWords(sections.find((section) => section.rows.some((row) => row.name === name))!.id, name);
  expect(label('correct/how-to')).toBe('how to');
  expect(label('judge/tool-use')).toBe('Tools');
  expect(label('refuses/look-alike/past')).toBe('harmless look-alikes, past');
  expect(label('names/made-up-by-nobody/yet')).toBe('made up by nobody: yet');
  overwriteGetLocale(() => 'pt-BR');
  try {
    expect(label('refuses/look-alike/past')).toBe('sósias inofensivas, passado');
  } finally {
    overwriteGetLocale(() => 'en');
  }
});

test('every row of the shipped models is called something in every language', () => {
  const files = ['base', 'sft', 'rlhf', 'dpo', 'reward-model'].map((id) => `public/models/s/${id}/evals.json`);
  const evals = files.map((file) => JSON.parse(readFileSync(file, 'utf8')) as Evals);
  const shipped = sectionsOf(evals.map(({ figures }) => measured('sft', figures)));
  overwriteGetLocale(() => 'zh-CN');
  try {
    const english = shipped
      .flatMap(({ id, rows }) => rows.map(({ name }) => rowWords(id, name)))
      .filter((words) => !/[一-鿿]|gold/.test(words));
    expect(english).toEqual([]);
  } finally {
    overwriteGetLocale(() => 'en');
  }
});
