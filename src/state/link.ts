/**
 * @file The part of the page that travels in a link: only what differs from the defaults, in the address's fragment.
 *
 * A link may come from anywhere. Values that are not of the right kind are refused, numbers out of range are brought
 * into it, and each time one sentence says so. A link sets things up; it never starts a run.
 */
import * as v from 'valibot';
import { REWARD_STAGES } from '../core/algorithms/catalogue';
import type { Field, NumberField } from '../core/algorithms/fields';
import { FEATURES } from '../core/reward/features';
import { ENGINE_CHOICES, type EngineChoice } from '../protocol/load';
import type { RewardWeights } from '../protocol/run';
import { DEFAULT_STAGE, fieldsOf, type FieldValue, type SetupChanges } from './run-setup.svelte';
import { MAX_PROMPT_LENGTH, SAMPLING_FIELDS, type Sampling } from './sampling';

/** Weights run from −2 to 2. */
export const MAX_WEIGHT = 2;

/** What a link may set; what it does not name keeps its default. */
export interface Link {
  readonly prompt?: string;
  readonly engine?: EngineChoice;
  /** How the next run is set up. */
  readonly setup: SetupChanges;
  readonly sampling: Partial<Sampling>;
  readonly weights: RewardWeights;
}

/** A link as read: what it sets, and a sentence for each value refused or brought into range. */
export interface ReadLink {
  readonly link: Link;
  readonly notes: readonly string[];
}

/** Seeds are shown and typed, so they stay short. */
const RUN_SEED: NumberField = { ...SAMPLING_FIELDS[0], key: 'runSeed', label: 'Run seed' };

const numberText = v.pipe(v.string(), v.regex(/^-?\d{1,9}(\.\d{1,12})?(e-?\d{1,2})?$/i), v.transform(Number), v.number(), v.finite());
const promptText = v.pipe(v.string(), v.trim(), v.minLength(1));
const engineText = v.picklist(ENGINE_CHOICES);
const startText = v.picklist(['base', 'sft', 'rlhf']);
const stageText = v.picklist(REWARD_STAGES);
const switchText = v.pipe(
  v.picklist(['true', 'false']),
  v.transform((text) => text === 'true'),
);

/** Reads `location.hash`. Unknown names are passed over in silence: they may be a newer page's. */
export function readLink(hash: string): ReadLink {
  const values = new URLSearchParams(hash.replace(/^#/, ''));
  const notes: string[] = [];

  /** The value under `name` if it is of the right kind. */
  function take<T>(name: string, label: string, schema: v.GenericSchema<unknown, T>): T | undefined {
    const text = values.get(name);
    if (text === null) return undefined;
    const parsed = v.safeParse(schema, text);
    if (parsed.success) return parsed.output;
    notes.push(`${label} in the link could not be read; the default is used.`);
    return undefined;
  }

  function takeNumber(name: string, field: Pick<NumberField, 'label' | 'min' | 'max' | 'step'>): number | undefined {
    const value = take(name, field.label, numberText);
    if (value === undefined) return undefined;
    const whole = Number.isInteger(field.step) ? Math.round(value) : value;
    const inside = Math.min(field.max, Math.max(field.min, whole));
    if (inside !== whole) notes.push(`${field.label} in the link was out of range; ${inside} is used.`);
    return inside;
  }

  function takeField(name: string, field: Field): FieldValue | undefined {
    switch (field.kind) {
      case 'choice':
        return take(name, field.label, v.picklist(field.choices.map(({ value }) => value)));
      case 'switch':
        return take(name, field.label, switchText);
      default:
        return takeNumber(name, field);
    }
  }

  function takeFields(fields: readonly Field[], prefix = ''): Record<string, FieldValue> {
    const found = fields.map((field) => [field.key, takeField(prefix + field.key, field)] as const);
    return Object.fromEntries(found.filter((entry): entry is [string, FieldValue] => entry[1] !== undefined));
  }

  let prompt = take('prompt', 'The prompt', promptText);
  if (prompt && prompt.length > MAX_PROMPT_LENGTH) {
    prompt = prompt.slice(0, MAX_PROMPT_LENGTH);
    notes.push(`The prompt in the link was long; its first ${MAX_PROMPT_LENGTH} characters are used.`);
  }
  const weights = FEATURES.map(
    ({ name, label }) => [name, takeNumber(`reward.${name}`, { label, min: -MAX_WEIGHT, max: MAX_WEIGHT, step: 0.1 })] as const,
  );
  const stage = take('stage', 'The algorithm', stageText);
  const link: Link = {
    prompt,
    engine: take('engine', 'The engine', engineText),
    setup: {
      stage,
      start: take('start', 'The starting model', startText),
      runSeed: takeNumber('runSeed', RUN_SEED),
      config: takeFields(fieldsOf(stage ?? DEFAULT_STAGE), `${stage ?? DEFAULT_STAGE}.`),
    },
    sampling: takeFields(SAMPLING_FIELDS) as Partial<Sampling>,
    weights: Object.fromEntries(weights.filter(([, value]) => value !== undefined)) as RewardWeights,
  };
  return { link, notes };
}

/** The fragment for `link`, without `#`; empty when nothing is set. */
export function writeLink(link: Link): string {
  const values = new URLSearchParams();
  const put = (name: string, value: FieldValue | undefined) => value !== undefined && values.set(name, String(value));
  put('prompt', link.prompt);
  put('engine', link.engine);
  const { stage, start, runSeed, config } = link.setup;
  put('stage', stage);
  put('start', start);
  put('runSeed', runSeed);
  for (const [key, value] of Object.entries(link.sampling)) put(key, value);
  for (const [key, value] of Object.entries(config)) put(`${stage ?? DEFAULT_STAGE}.${key}`, value);
  for (const [key, value] of Object.entries(link.weights)) put(`reward.${key}`, value);
  return values.toString();
}

/** The entries of `values` that differ from `defaults`. */
export function differing<T extends object>(values: T, defaults: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([key, value]) => defaults[key as keyof T] !== value)) as Partial<T>;
}
