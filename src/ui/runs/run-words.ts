/** @file What runs, their settings and the values of these are called, in the page's language. */
import { ALGORITHMS, STAGES, type Stage } from '../../core/algorithms/catalogue';
import type { Field } from '../../core/algorithms/fields';
import { FEATURES } from '../../core/reward/features';
import { m } from '../../messages/messages';
import type { RunSpec } from '../../protocol/run';
import { dataFieldsOf, fieldsOf } from '../../state/run-setup.svelte';
import { term } from '../../state/terms';
import { differingFromDefaults, type SettingValue } from '../../state/runs-names';
import type { RunRecord } from '../../state/runs-schema';
import { FEATURE_WORDS } from '../feature-words';
import { MODELS } from '../words';

/** Settings that no list of fields has. */
const OWN: Readonly<Record<string, () => string>> = {
  stage: m.runs_algorithm,
  family: m.runs_family,
  start: m.runs_start,
  chat: m.runs_chat_format,
  seed: m.runs_seed,
  'data.kinds': m.runs_kinds,
  'data.rows': m.runs_rows,
  rewardModel: m.runs_reward_model,
};

/** The field behind a setting: of this algorithm, or of any that has one of that name. */
function fieldOf(key: string, stage?: Stage): Field | undefined {
  const stages = stage ? [stage, ...STAGES] : STAGES;
  const own = key.startsWith('data.') ? key.slice('data.'.length) : key;
  return stages.flatMap((each) => (own === key ? fieldsOf(each) : dataFieldsOf(each))).find((field) => field.key === own);
}

/** What a setting is called. */
export function settingLabel(key: string, stage?: Stage): string {
  const own = OWN[key];
  if (own) return own();
  const feature = FEATURES.find(({ name }) => key === `reward.${name}`);
  return feature ? m.runs_weight_of({ feature: FEATURE_WORDS[feature.name].label }) : term(fieldOf(key, stage)?.label ?? key);
}

/** A setting's value in words; "–" where an algorithm has no such setting. */
export function settingValue(key: string, value: SettingValue | undefined, stage?: Stage): string {
  if (value === undefined) return '–';
  if (value === null) return key === 'data.kinds' ? m.runs_kinds_usual() : key === 'data.rows' ? m.runs_rows_usual() : m.runs_none();
  if (typeof value === 'boolean') return value ? m.runs_on() : m.runs_off();
  if (typeof value === 'number') return String(Number(value.toPrecision(6)));
  if (typeof value === 'object') {
    const model = `${value.name ?? value.id} × ${Number(value.weight.toPrecision(6))}`;
    return value.symmetric ? m.runs_reward_model_symmetric({ model }) : model;
  }
  if (key === 'stage') return term(ALGORITHMS[value as Stage].label);
  if (key === 'start') return MODELS[value as RunSpec['start']].name;
  const field = fieldOf(key, stage);
  const label = field?.kind === 'choice' ? field.choices.find((choice) => choice.value === value)?.label : undefined;
  return label ? term(label) : value;
}

/** A name from what differs from the defaults: "GRPO · KL weight 0.1 · Seed 2". */
export function nameOf(spec: RunSpec, most = 4): string {
  const { stage } = spec;
  const differing = differingFromDefaults(spec).map(({ key, values }) =>
    m.runs_setting_value({ label: settingLabel(key, stage), value: settingValue(key, values[1], stage) }),
  );
  const shown = differing.slice(0, most);
  const rest = differing.length - shown.length;
  const words = [shown.length > 0 ? shown : [m.runs_defaults()], rest > 0 ? [m.runs_more({ count: rest })] : []].flat();
  return [term(ALGORITHMS[stage].label), ...words].join(' · ');
}

/** What a run is called: by its reader, or by what differs from the defaults. */
export const titleOf = (record: RunRecord): string => record.name || nameOf(record.spec);

/** A change that was made by hand, as `settingsDiff` writes it ("klCoef: 0.05 → 0.1"), with the setting's name. */
export function changeWords(change: string, stage: Stage): string {
  const [, key, values] = /^([\w.]+): (.*)$/s.exec(change) ?? [];
  return key === undefined ? change : m.runs_setting_value({ label: settingLabel(key, stage), value: values! });
}
