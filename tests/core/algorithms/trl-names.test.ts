/** @file Options are called in TRL what the fields say: against the names that TRL's own configurations have (`tests/core/trl`). */
import { expect, it } from 'vitest';
import { ALGORITHMS } from '../../../src/core/algorithms/catalogue';
import { fromTrlNames, type Field } from '../../../src/core/algorithms/fields';
import { TRL_STAGES } from '../../../src/core/trl/settings';
import names from '../trl/trl-names.json';

const CONFIGS = { sft: 'SFTConfig', dpo: 'DPOConfig', grpo: 'GRPOConfig', rloo: 'RLOOConfig', ppo: 'PPOConfig' } as const;

it.each(TRL_STAGES)('every option of %s that claims a name in TRL has it there', (stage) => {
  const fields: readonly Field[] = ALGORITHMS[stage].fields;
  const known: readonly string[] = [...names.TrainingArguments, ...names[CONFIGS[stage]]];
  const claimed = fields.flatMap(({ trl }) => trl ?? []);
  expect(claimed.length).toBeGreaterThan(4);
  expect(claimed.filter((name) => !known.includes(name))).toEqual([]);
});

it('settings are read under TRL’s names; ours wins where both are there, and unknown names stay to be refused', () => {
  const { fields } = ALGORITHMS.grpo;
  expect(fromTrlNames(fields, { num_generations: 4, beta: 0.1, numUpdates: 3 })).toEqual({ groupSize: 4, klCoef: 0.1, numUpdates: 3 });
  expect(fromTrlNames(fields, { groupSize: 6, num_generations: 4 })).toEqual({ groupSize: 6 });
  expect(fromTrlNames(fields, { evil: 1 })).toEqual({ evil: 1 });
});
