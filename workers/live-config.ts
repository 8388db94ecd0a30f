/** @file Changes of a run's settings while it goes on, checked: only live settings, only values they may have. */
import * as v from 'valibot';
import type { Field } from '../src/core/algorithms/fields';
import { GRPO_FIELDS } from '../src/core/algorithms/grpo';
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

const schema = v.strictObject(
  Object.fromEntries(GRPO_FIELDS.filter(({ live }) => live).map((field) => [field.key, v.optional(schemaOf(field))])),
  (issue) => `"${String(issue.path?.[0]?.key).slice(0, 40)}" cannot be changed while a run goes on.`,
);

/** Reads changes that came from the page. @throws BadRequest naming the setting and its range */
export function readLiveConfig(changes: unknown): LiveConfig {
  const parsed = v.safeParse(schema, changes);
  if (!parsed.success) throw new BadRequest(parsed.issues[0].message);
  return parsed.output;
}
