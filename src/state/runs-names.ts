/**
 * @file What a run is called and how two differ: by what is set differently, never by everything.
 */
import { ALGORITHMS } from '../core/algorithms/catalogue';
import { DEFAULT_WEIGHTS, FEATURES, type FeatureName } from '../core/reward/features';
import type { RunSpec } from '../protocol/run';
import { fieldsOf, valuesOf, type FieldValue } from './run-setup.svelte';

/** A setting of a run: what it is called, and its value in words. */
interface Setting {
  readonly key: string;
  readonly label: string;
  readonly value: string;
}

/** One row of a comparison: a setting and its value in each run; "–" where an algorithm has none such. */
export interface DifferingSetting {
  readonly label: string;
  readonly values: readonly string[];
}

const STARTS = { base: 'Base', sft: 'SFT', rlhf: 'RLHF' } as const;

const say = (value: FieldValue): string =>
  typeof value === 'boolean' ? (value ? 'on' : 'off') : typeof value === 'number' ? String(Number(value.toPrecision(6))) : value;

/** All settings of a run, its reward's weights among them. */
function settingsOf({ stage, seed, start, reward, rewardModel, config }: RunSpec): Setting[] {
  const values = valuesOf(config);
  return [
    { key: 'stage', label: 'Algorithm', value: ALGORITHMS[stage].label },
    { key: 'start', label: 'Starting model', value: STARTS[start] },
    { key: 'seed', label: 'Seed', value: String(seed) },
    ...fieldsOf(stage).map((field) => ({ key: field.key, label: field.label, value: say(values[field.key] ?? field.default) })),
    { key: 'rewardModel', label: 'Reward model', value: rewardModel ? `${rewardModel.id} × ${say(rewardModel.weight)}` : 'none' },
    ...FEATURES.map(({ name, label }) => ({ key: `reward.${name}`, label: `${label} (reward)`, value: say(reward[name] ?? 0) })),
  ];
}

/** The run that a first visitor would start with this algorithm. */
export function defaultSpec(stage: RunSpec['stage']): RunSpec {
  const reward: Partial<Record<FeatureName, number>> = DEFAULT_WEIGHTS;
  return { stage, seed: 1, start: 'sft', reward, config: ALGORITHMS[stage].defaults, fixedPrompts: [] } as RunSpec;
}

/** The settings in which runs differ. */
export function differingSettings(specs: readonly RunSpec[]): DifferingSetting[] {
  const all = specs.map(settingsOf);
  const labels = new Map(all.flat().map(({ key, label }) => [key, label]));
  return [...labels]
    .map(([key, label]) => ({ label, values: all.map((settings) => settings.find((one) => one.key === key)?.value ?? '–') }))
    .filter(({ values }) => new Set(values).size > 1);
}

/** What changed from one specification to another, each as "KL weight 0.05 → 0.1". */
export function settingsDiff(before: RunSpec, after: RunSpec): string[] {
  return differingSettings([before, after])
    .filter(({ label }) => label !== 'Updates')
    .map(({ label, values }) => `${label} ${values[0]} → ${values[1]}`);
}

/** A name from what differs from the defaults: "GRPO · KL weight 0.1 · seed 2". */
export function nameOf(spec: RunSpec, most = 4): string {
  const differing = differingSettings([defaultSpec(spec.stage), spec]).map(({ label, values }) => `${label} ${values[1]}`);
  const shown = differing.slice(0, most);
  const rest = differing.length - shown.length;
  const words = [ALGORITHMS[spec.stage].label, ...(shown.length > 0 ? shown : ['defaults']), ...(rest > 0 ? [`${rest} more`] : [])];
  return words.join(' · ');
}

/** What is the same in two runs that differ in nothing but their seed; to be compared as text. */
export function withoutSeed({ stage, start, reward, rewardModel, config }: RunSpec): string {
  const weights = FEATURES.map(({ name }) => reward[name] ?? 0);
  const values = valuesOf(config);
  return JSON.stringify([stage, start, weights, rewardModel ?? null, fieldsOf(stage).map(({ key }) => values[key])]);
}
