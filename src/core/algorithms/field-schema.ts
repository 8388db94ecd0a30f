/** @file What a setting may be, as a schema made from its field: for settings that come from another thread, a file or storage. */
import * as v from 'valibot';
import type { Field } from './fields';

/** Accepts exactly the values that a field allows; the message names the setting and what it may be. */
export function fieldSchema(field: Field): v.GenericSchema<unknown, number | string | boolean> {
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
