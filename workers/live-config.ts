/** @file Changes of a run's settings while it goes on, checked: only live settings, only numbers in their ranges. */
import * as v from 'valibot';
import { GRPO_FIELDS } from '../src/core/algorithms/grpo';
import type { LiveConfig } from '../src/protocol/run';
import { BadRequest } from './failures';

const schema = v.strictObject(
  Object.fromEntries(
    GRPO_FIELDS.filter(({ live }) => live).map(({ key, label, min, max }) => {
      const message = `${label} must be a number from ${min} to ${max}.`;
      return [key, v.optional(v.pipe(v.number(message), v.finite(message), v.minValue(min, message), v.maxValue(max, message)))];
    }),
  ),
  (issue) => `"${String(issue.path?.[0]?.key).slice(0, 40)}" cannot be changed while a run goes on.`,
);

/** Reads changes that came from the page. @throws BadRequest naming the setting and its range */
export function readLiveConfig(changes: unknown): LiveConfig {
  const parsed = v.safeParse(schema, changes);
  if (!parsed.success) throw new BadRequest(parsed.issues[0].message);
  return parsed.output;
}
