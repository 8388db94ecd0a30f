/** @file Whatever core says to readers is in every language, and what it no longer says is not kept. */
import { describe, expect, it } from 'vitest';
import { ALGORITHMS } from '../../src/core/algorithms/catalogue';
import type { Field } from '../../src/core/algorithms/fields';
import { REWARD_MODEL_FIELDS } from '../../src/core/algorithms/reward-model';
import { DATA_FIELDS } from '../../src/core/data/fields';
import { catalogueOf } from '../../src/core/world/catalogue';
import { createWorld } from '../../src/core/world/world';
import { FEATURES } from '../../src/core/reward/features';
import { overwriteGetLocale } from '../../src/messages/runtime';
import { SAMPLING_FIELDS } from '../../src/state/sampling';
import { TERM_MESSAGES } from '../../src/state/term-messages';
import { fieldInWords, isTerm, term } from '../../src/state/terms';
import { factWords } from '../../src/ui/world/world-words';

const wordsOfField = (field: Field): string[] => [
  field.label,
  field.hint,
  ...('unit' in field ? [field.unit] : []),
  ...(field.kind === 'choice' ? field.choices.map(({ label }) => label) : []),
];
const algorithms = Object.values(ALGORITHMS);
/** Names of methods are the same in every language. */
const NAMES = ['', 'SFT', 'DPO', 'REINFORCE', 'RLOO', 'PPO', 'GRPO'];
const SPOKEN: Readonly<Record<string, readonly string[]>> = {
  algorithms: algorithms.flatMap(({ label, sentence }) => [label, sentence]),
  'settings of algorithms': [...algorithms.flatMap(({ fields }) => fields as readonly Field[]), ...REWARD_MODEL_FIELDS].flatMap(
    wordsOfField,
  ),
  'settings of data': Object.values(DATA_FIELDS).flat().flatMap(wordsOfField),
  'settings of a draw': SAMPLING_FIELDS.flatMap(wordsOfField),
  'features, in notes on a link': FEATURES.map(({ label }) => label),
};
/** Said by the workers, which are tested for saying just this elsewhere. */
const BY_WORKERS = /^(the (engine|programs|training programs)|(This browser|No graphics adapter|This graphics adapter) .*\.)$/;

describe.each(Object.keys(SPOKEN))('the words of %s', (of) => {
  it('are all translated', () => {
    expect(SPOKEN[of]!.filter((english) => !NAMES.includes(english) && !isTerm(english))).toEqual([]);
  });
});

it('no word is translated that nobody says', () => {
  const said = new Set(Object.values(SPOKEN).flat());
  const english = TERM_MESSAGES.map((say) => String(say({}, { locale: 'en' })));
  expect(english.filter((text) => !said.has(text) && !BY_WORKERS.test(text))).toEqual([]);
  expect(new Set(english).size).toBe(english.length);
});

it('words follow the page’s language', () => {
  const grpo = ALGORITHMS.grpo.fields.find(({ key }) => key === 'groupSize')!;
  overwriteGetLocale(() => 'pt-BR');
  try {
    expect(term('Learning rate')).toBe('Taxa de aprendizado');
    expect(fieldInWords(grpo)).toMatchObject({ key: 'groupSize', label: 'Tamanho do grupo', unit: 'respostas por pergunta' });
    expect(term('never said')).toBe('never said');
  } finally {
    overwriteGetLocale(() => 'en');
  }
});

it('what is told of an entry of the world stands under words of the page’s language', () => {
  const labels = new Set(catalogueOf(createWorld()).flatMap(({ facts }) => facts.map(({ label }) => label)));
  expect([...labels].filter((label) => factWords(label) === null)).toEqual([]);
});
