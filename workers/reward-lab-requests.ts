/** @file What the page asks of the reward lab, checked: bounded lists of bounded texts, settings in their ranges. */
import * as v from 'valibot';
import { REWARD_MODEL_FIELDS } from '../src/core/algorithms/reward-model';
import { MAX_TEXT_LENGTH } from '../src/core/preferences/comparison';
import type { RewardModelSpec, ScoreRequest } from '../src/protocol/reward-lab';
import { BadRequest } from './failures';

/** Most comparisons that one training takes. */
const MAX_PAIRS = 50_000;
/** Most texts scored in one call. */
const MAX_TEXTS = 20_000;

const text = v.pipe(v.string(), v.maxLength(MAX_TEXT_LENGTH));
const id = v.pipe(v.string(), v.minLength(1), v.maxLength(200));
const finite = v.pipe(v.number(), v.finite());

const fieldNumber = ({ label, min, max, step }: (typeof REWARD_MODEL_FIELDS)[number]) => {
  const message = `${label} must be a ${Number.isInteger(step) ? 'whole ' : ''}number from ${min} to ${max}.`;
  const isAllowed = (value: number) => value >= min && value <= max && (!Number.isInteger(step) || Number.isInteger(value));
  return v.pipe(v.number(message), v.check(isAllowed, message));
};

const specSchema = v.object({
  id,
  start: v.picklist(['base', 'sft', 'rlhf']),
  seed: finite,
  pairs: v.pipe(
    v.array(v.object({ prompt: text, chosen: text, rejected: text, margin: v.pipe(finite, v.minValue(-10), v.maxValue(10)) })),
    v.minLength(1, 'A reward model needs at least one comparison with a winner.'),
    v.maxLength(MAX_PAIRS, `A reward model learns from at most ${MAX_PAIRS} comparisons.`),
  ),
  config: v.object(
    Object.fromEntries(REWARD_MODEL_FIELDS.map((field) => [field.key, fieldNumber(field)])) as Record<
      (typeof REWARD_MODEL_FIELDS)[number]['key'],
      ReturnType<typeof fieldNumber>
    >,
  ),
  heldOutShare: v.pipe(
    v.number(),
    v.minValue(0, 'The share kept apart is 0 to 0.5.'),
    v.maxValue(0.5, 'The share kept apart is 0 to 0.5.'),
  ),
});

const scoreSchema = v.object({
  rewardModel: id,
  texts: v.pipe(
    v.array(v.object({ prompt: text, completion: text, finished: v.optional(v.boolean()) })),
    v.maxLength(MAX_TEXTS, `At most ${MAX_TEXTS} texts are scored at once.`),
  ),
  perToken: v.boolean(),
});

function read<Schema extends v.GenericSchema>(schema: Schema, value: unknown): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, value);
  if (!parsed.success) throw new BadRequest(`${v.getDotPath(parsed.issues[0]) ?? 'request'}: ${parsed.issues[0].message}`);
  return parsed.output;
}

/** A training as the page describes it. @throws BadRequest naming the field */
export const readSpec = (spec: unknown): RewardModelSpec => read(specSchema, spec);

/** Texts to score. @throws BadRequest naming the field */
export const readScoreRequest = (request: unknown): ScoreRequest => read(scoreSchema, request);
