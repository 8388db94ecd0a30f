/** @file How a labeller wants to be asked: whose answers, how many, to which prompts. Kept from visit to visit. */
import * as v from 'valibot';

const modelId = v.picklist(['base', 'sft', 'rlhf', 'dpo', 'yours']);

/** As stored; whatever is not of the right kind is as at first. */
const schema = v.object({
  /** Whose answers are compared. */
  models: v.fallback(v.pipe(v.array(modelId), v.minLength(1), v.maxLength(4)), ['sft', 'rlhf']),
  temperature: v.fallback(v.pipe(v.number(), v.minValue(0.1), v.maxValue(2)), 1),
  /** Half of the answers are drawn at this temperature; null when all are drawn at one. */
  otherTemperature: v.fallback(v.nullable(v.pipe(v.number(), v.minValue(0.1), v.maxValue(2))), null),
  /** Answers at once; more than two are ranked. */
  numAnswers: v.fallback(v.picklist([2, 3, 4]), 2),
  prompts: v.fallback(v.picklist(['world', 'suggestions', 'own']), 'world'),
  /** One a line. */
  ownPrompts: v.fallback(v.pipe(v.string(), v.maxLength(20_000)), ''),
  strategy: v.fallback(v.picklist(['random', 'uncertain', 'different']), 'random'),
  annotator: v.fallback(v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(60)), 'me'),
  /** Earlier pairs come again now and then. */
  repeats: v.fallback(v.boolean(), true),
});

/** The options. */
export type LabelOptions = Readonly<v.InferOutput<typeof schema>>;

/** Options as stored, or as at first. */
export function readLabelOptions(stored: unknown): LabelOptions {
  const parsed = v.safeParse(schema, typeof stored === 'object' && stored !== null ? stored : {});
  return parsed.success ? parsed.output : v.parse(schema, {});
}

/** The prompts of the reader's own list. */
export function ownPromptsOf(options: LabelOptions, maxLength: number): readonly string[] {
  return options.ownPrompts
    .split('\n')
    .map((line) => line.trim().slice(0, maxLength))
    .filter((line) => line !== '');
}
