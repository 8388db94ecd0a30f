/** @file Changes of a run's settings while it goes on, checked: only live settings, only values they may have. */
import * as v from 'valibot';
import { ALGORITHMS, type RewardStage } from '../src/core/algorithms/catalogue';
import type { Field } from '../src/core/algorithms/fields';
import type { LiveConfig } from '../src/protocol/run';
import { BadRequest } from './failures';

/** What a setting may be changed to. */
function schemaOf(field: Field): v.GenericSchema<unknown, unknown> {
  const { label } = field;
  switch (field.kind) {
    case 'choice': {
      const values = field.choices.map(({ value }) => value);
      return v.picklist(values, `${label} must be one of ${values.join(', ')}.`);
    }
    case 'switch':
      return v.boolean(`${label} must be on or off.`);
    default: {
      const message = `${label} must be a number from ${field.min} to ${field.max}.`;
      return v.pipe(v.number(message), v.finite(message), v.minValue(field.min, message), v.maxValue(field.max, message));
    }
  }
}

/** Reads changes that came from the page. @throws BadRequest naming the setting and what it may be */
export function readLiveConfig(stage: RewardStage, changes: unknown): LiveConfig {
  const live = ALGORITHMS[stage].fields.filter((field) => field.live);
  const schema = v.strictObject(
    Object.fromEntries(live.map((field) => [field.key, v.optional(schemaOf(field))])),
    (issue) => `"${String(issue.path?.[0]?.key).slice(0, 40)}" cannot be changed while a run goes on.`,
  );
  const parsed = v.safeParse(schema, changes);
  if (!parsed.success) throw new BadRequest(parsed.issues[0].message);
  return parsed.output as LiveConfig;
}
