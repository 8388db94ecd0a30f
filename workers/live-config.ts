/** @file Changes of a run's settings while it goes on, checked: only live settings, only values they may have. */
import * as v from 'valibot';
import { ALGORITHMS, type Stage } from '../src/core/algorithms/catalogue';
import { fieldSchema } from '../src/core/algorithms/field-schema';
import type { LiveConfig } from '../src/protocol/run';
import { BadRequest } from './failures';

/** Reads changes that came from the page. @throws BadRequest naming the setting and what it may be */
export function readLiveConfig(stage: Stage, changes: unknown): LiveConfig {
  const live = ALGORITHMS[stage].fields.filter((field) => field.live);
  const schema = v.strictObject(
    Object.fromEntries(live.map((field) => [field.key, v.optional(fieldSchema(field))])),
    (issue) => `"${String(issue.path?.[0]?.key).slice(0, 40)}" cannot be changed while a run goes on.`,
  );
  const parsed = v.safeParse(schema, changes);
  if (!parsed.success) throw new BadRequest(parsed.issues[0].message);
  return parsed.output as LiveConfig;
}
