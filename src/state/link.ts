/**
 * @file The part of the page that travels in a link: only what differs from the defaults, in the address's fragment.
 *
 * A link may come from anywhere. Values that are not of the right kind are refused, numbers out of range are brought
 * into it, and each time one sentence says so. A link sets things up; it never starts a run.
 */
import * as v from 'valibot';
import { STAGES } from '../core/algorithms/catalogue';
import type { Field, NumberField } from '../core/algorithms/fields';
import { kindsFromText, kindsToText, rowsFromText, rowsToText } from '../core/data/run-data';
import { FEATURES } from '../core/reward/features';
import { m } from '../messages/messages';
import { ENGINE_CHOICES, type EngineChoice } from '../protocol/load';
import type { NeuralPart, RewardWeights } from '../protocol/run';
import { dataFieldsOf, DEFAULT_STAGE, fieldsOf, type FieldValue, type SetupChanges } from './run-setup.svelte';
import { MAX_PROMPT_LENGTH, SAMPLING_FIELDS, type Sampling } from './sampling';
import { term } from './terms';

/** Weights run from −2 to 2. */
export const MAX_WEIGHT = 2;

/** A neural model weighs from −10 to 10. */
export const MAX_NEURAL_WEIGHT = 10;

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
const [SEED] = SAMPLING_FIELDS;

const numberText = v.pipe(v.string(), v.regex(/^-?\d{1,9}(\.\d{1,12})?(e-?\d{1,2})?$/i), v.transform(Number), v.number(), v.finite());
const promptText = v.pipe(v.string(), v.trim(), v.minLength(1));
const engineText = v.picklist(ENGINE_CHOICES);
const familyText = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,40}$/));
const startText = v.picklist(['base', 'sft', 'rlhf']);
const stageText = v.picklist(STAGES);
const rewardModelText = v.pipe(v.string(), v.regex(/^[\w.-]{1,64}$/));
const nameText = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(80));
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
    notes.push(m.engine_link_unreadable({ label: term(label) }));
    return undefined;
  }

  function takeNumber(name: string, field: Pick<NumberField, 'label' | 'min' | 'max' | 'step'>): number | undefined {
    const value = take(name, field.label, numberText);
    if (value === undefined) return undefined;
    const whole = Number.isInteger(field.step) ? Math.round(value) : value;
    const inside = Math.min(field.max, Math.max(field.min, whole));
    if (inside !== whole) notes.push(m.engine_link_out_of_range({ label: term(field.label), value: String(inside) }));
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
    const found = fields.map((field) => {
      const ownName = prefix + field.key;
      const name = field.trl !== undefined && !values.has(ownName) ? prefix + field.trl : ownName; // TRL's names do as well
      return [field.key, takeField(name, field)] as const;
    });
    return Object.fromEntries(found.filter((entry): entry is [string, FieldValue] => entry[1] !== undefined));
  }

  function takeRewardModel(): NeuralPart | undefined {
    const id = take('rewardModel', m.engine_link_reward_model(), rewardModelText);
    const range = { label: m.engine_link_reward_model_weight(), min: -MAX_NEURAL_WEIGHT, max: MAX_NEURAL_WEIGHT, step: 0.1 };
    const name = take('rewardModel.name', m.engine_link_reward_model_name(), nameText);
    const weight = takeNumber('rewardModel.weight', range) ?? 1;
    const symmetric = take('rewardModel.symmetric', m.engine_link_reward_model_symmetric(), switchText);
    return id === undefined ? undefined : { id, ...(name ? { name } : {}), weight, ...(symmetric ? { symmetric } : {}) };
  }

  let prompt = take('prompt', m.engine_link_the_prompt(), promptText);
  if (prompt && prompt.length > MAX_PROMPT_LENGTH) {
    prompt = prompt.slice(0, MAX_PROMPT_LENGTH);
    notes.push(m.engine_link_long_prompt({ count: MAX_PROMPT_LENGTH }));
  }
  const weights = FEATURES.map(
    ({ name, label }) => [name, takeNumber(`reward.${name}`, { label, min: -MAX_WEIGHT, max: MAX_WEIGHT, step: 0.1 })] as const,
  );
  const stage = take('stage', m.engine_link_the_algorithm(), stageText);
  const rewardModel = takeRewardModel();
  const chat = take('chat', m.engine_link_chat(), switchText);
  const link: Link = {
    prompt,
    engine: take('engine', m.engine_link_the_engine(), engineText),
    setup: {
      stage,
      start: take('start', m.engine_link_the_start(), startText),
      runSeed: takeNumber('runSeed', { ...SEED, label: m.engine_link_run_seed() }),
      family: take('family', m.engine_link_the_family(), familyText),
      ...(rewardModel ? { rewardModel } : {}),
      ...(chat === undefined ? {} : { chat }),
      config: takeFields(fieldsOf(stage ?? DEFAULT_STAGE), `${stage ?? DEFAULT_STAGE}.`),
      data: someOf(takeFields(dataFieldsOf(stage ?? DEFAULT_STAGE), 'data.')),
      kinds: take('data.kinds', m.engine_link_the_kinds(), kindsFromText),
      rows: take('data.rows', m.engine_link_the_rows(), rowsFromText),
    },
    sampling: takeFields(SAMPLING_FIELDS) as Partial<Sampling>,
    weights: Object.fromEntries(weights.filter(([, value]) => value !== undefined)) as RewardWeights,
  };
  return { link, notes };
}

/** Undefined where there is nothing. */
const someOf = <T extends object>(values: T): T | undefined => (Object.keys(values).length > 0 ? values : undefined);

/** The fragment for `link`, without `#`; empty when nothing is set. */
export function writeLink(link: Link): string {
  const values = new URLSearchParams();
  const put = (name: string, value: FieldValue | undefined) => value !== undefined && values.set(name, String(value));
  put('prompt', link.prompt);
  put('engine', link.engine);
  const { stage, start, runSeed, family, rewardModel, chat, config, data = {}, kinds, rows } = link.setup;
  put('stage', stage);
  put('start', start);
  put('runSeed', runSeed);
  put('family', family);
  put('chat', chat);
  if (rewardModel) {
    put('rewardModel', rewardModel.id);
    put('rewardModel.name', rewardModel.name);
    if (rewardModel.weight !== 1) put('rewardModel.weight', rewardModel.weight);
    if (rewardModel.symmetric) put('rewardModel.symmetric', true);
  }
  for (const [key, value] of Object.entries(link.sampling)) put(key, value);
  for (const [key, value] of Object.entries(config)) put(`${stage ?? DEFAULT_STAGE}.${key}`, value);
  for (const [key, value] of Object.entries(data)) put(`data.${key}`, value);
  put('data.kinds', kinds && kindsToText(kinds));
  put('data.rows', rows && rowsToText(rows));
  for (const [key, value] of Object.entries(link.weights)) put(`reward.${key}`, value);
  return values.toString();
}

/** The entries of `values` that differ from `defaults`. */
export function differing<T extends object>(values: T, defaults: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([key, value]) => defaults[key as keyof T] !== value)) as Partial<T>;
}
