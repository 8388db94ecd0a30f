/**
 * @file How runs differ: by what is set differently, never by everything. Settings are named by key, as links and files name them;
 * what each is called is said in the page's language (`src/ui/runs/run-words.ts`).
 */
import { ALGORITHMS } from '../core/algorithms/catalogue';
import { DEFAULT_WEIGHTS, FEATURES, type FeatureName } from '../core/reward/features';
import { kindsToText, type RunData } from '../core/data/run-data';
import { dataOf, type NeuralPart, type RunSpec } from '../protocol/run';
import { dataFieldsOf, fieldsOf, valuesOf, type FieldValue } from './run-setup.svelte';

/** A setting's value; null: none, or as it is when nobody says otherwise. */
export type SettingValue = FieldValue | NeuralPart | null;

/** A setting of a run. */
interface Setting {
  readonly key: string;
  readonly value: SettingValue;
}

/** A setting in which runs differ, with its value in each run; undefined where an algorithm has none such. */
export interface DifferingSetting {
  readonly key: string;
  readonly values: readonly (SettingValue | undefined)[];
}

/** All settings of a run, its reward's weights among them. */
function settingsOf(spec: RunSpec): Setting[] {
  const { stage, seed, family, start, chat, reward, rewardModel, config } = spec;
  const values = valuesOf(config);
  return [
    { key: 'stage', value: stage },
    ...(family === undefined ? [] : [{ key: 'family', value: family }]),
    { key: 'start', value: start },
    ...(chat === undefined ? [] : [{ key: 'chat', value: chat }]),
    { key: 'seed', value: seed },
    ...fieldsOf(stage).map(({ key, default: usual }) => ({ key, value: values[key] ?? usual })),
    ...dataSettings(stage, dataOf(spec)),
    { key: 'rewardModel', value: rewardModel ?? null },
    ...FEATURES.map(({ name }) => ({ key: `reward.${name}`, value: reward[name] ?? 0 })),
  ];
}

/** What a run learns from, setting by setting. */
function dataSettings(stage: RunSpec['stage'], data: RunData): Setting[] {
  const values = valuesOf(data);
  return [
    ...dataFieldsOf(stage).map(({ key, default: usual }) => ({ key: `data.${key}`, value: values[key] ?? usual })),
    { key: 'data.kinds', value: data.kinds ? kindsToText(data.kinds) : null },
    { key: 'data.rows', value: data.rows?.id ?? null },
  ];
}

/** The run that a first visitor would start with this algorithm. */
function defaultSpec(stage: RunSpec['stage']): RunSpec {
  const reward: Partial<Record<FeatureName, number>> = DEFAULT_WEIGHTS;
  return { stage, seed: 1, start: 'sft', reward, config: ALGORITHMS[stage].defaults, fixedPrompts: [] } as RunSpec;
}

/** The settings in which runs differ. */
export function differingSettings(specs: readonly RunSpec[]): DifferingSetting[] {
  const all = specs.map((spec) => new Map(settingsOf(spec).map(({ key, value }) => [key, value])));
  const keys = [...new Set(all.flatMap((settings) => [...settings.keys()]))];
  return keys
    .map((key) => ({ key, values: all.map((settings) => settings.get(key)) }))
    .filter(({ values }) => new Set(values.map((value) => JSON.stringify(value))).size > 1);
}

/** What differs from the defaults: a run's name. */
export const differingFromDefaults = (spec: RunSpec): DifferingSetting[] => differingSettings([defaultSpec(spec.stage), spec]);

/** A value as storage and files have it, for people who know the keys. */
function valueText(value: SettingValue | undefined): string {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'object') return `${value.name ?? value.id} × ${value.weight}`;
  return typeof value === 'number' ? String(Number(value.toPrecision(6))) : String(value);
}

/** What changed from one specification to another, each as "klCoef: 0.05 → 0.1". */
export function settingsDiff(before: RunSpec, after: RunSpec): string[] {
  return differingSettings([before, after])
    .filter(({ key }) => key !== 'numUpdates')
    .map(({ key, values }) => `${key}: ${valueText(values[0])} → ${valueText(values[1])}`);
}

/** What is the same in two runs that differ in nothing but their seed; to be compared as text. */
export function withoutSeed(spec: RunSpec): string {
  return JSON.stringify([settingsOf(spec).filter(({ key }) => key !== 'seed'), dataOf(spec).rows?.hash]);
}
