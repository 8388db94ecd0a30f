/**
 * @file `evals.json` beside each model: what was measured, how, and how sure one can be of it.
 *
 * Figures are named by paths: `gold`, `gold/recipe`, `refuses/harmful/past`. The same figure of two models was measured on
 * the same prompts with the same draws. `aftertrain eval` writes the file; the page reads it and shows a card.
 */
import * as v from 'valibot';
import { CheckpointError, parseWith } from '../model/checkpoint-error';

const finite = v.pipe(v.number('must be a number'), v.finite('must be finite'));
const count = v.pipe(finite, v.integer('must be a whole number'), v.minValue(0, 'must not be negative'));
const text = v.pipe(v.string('must be text'), v.maxLength(500, 'is too long'));
const share = v.pipe(finite, v.minValue(0, 'must not be negative'), v.maxValue(1, 'must be at most 1'));
const path = v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,40}(\/[a-z0-9-]{1,40}){0,3}$/, 'must be a path of plain words'));

const figure = v.object({ value: finite, low: finite, high: finite, n: count });
const bin = v.object({ confidence: share, accuracy: share, n: count });

const schema = v.object({
  version: v.literal(1, 'must be 1; a newer page may be needed'),
  /** The command that measures this again. */
  command: text,
  seed: v.union([finite, text], 'must be a number or text'),
  temperature: finite,
  numPrompts: count,
  maxTokens: count,
  figures: v.pipe(
    v.record(path, figure),
    v.check((figures) => Object.keys(figures).length <= 1000, 'has too many'),
  ),
  /** Reward models: how often they are right, by how sure they are. */
  reliability: v.optional(v.pipe(v.array(bin, 'must be a list'), v.maxLength(50, 'is too long'))),
});

/** The evals of one model. */
export type Evals = v.InferOutput<typeof schema>;

/**
 * Reads the parsed evals.json.
 * @throws CheckpointError naming what is wrong
 */
export function parseEvals(json: unknown): Evals {
  const evals = parseWith(schema, json, 'evals.json');
  for (const [name, { value, low, high }] of Object.entries(evals.figures))
    if (low > value || value > high) throw new CheckpointError(`evals.json: figures.${name}: the value lies outside its interval.`);
  return evals;
}

/** What a figure's number is. */
export type FigureUnit = 'share' | 'score' | 'bits per byte' | 'tokens' | 'nats' | 'points';

/** What a figure says, in a few words, and which way is better; null when neither is. */
export interface FigureMeaning {
  readonly label: string;
  readonly unit: FigureUnit;
  readonly better: 'higher' | 'lower' | null;
}

/** Meanings by the beginning of the figure's path, the longest first that fits; the rest of the path says of what. */
const MEANINGS: readonly (readonly [prefix: string, label: string, unit: FigureUnit, better: FigureMeaning['better']])[] = [
  ['format', 'answers in the form asked for', 'share', 'higher'],
  ['correct', 'right answers', 'share', 'higher'],
  ['gold', 'gold reward', 'score', 'higher'],
  ['judge', 'judged', 'score', 'higher'],
  ['typo-rate', 'words with typos', 'share', 'lower'],
  ['lexicon', 'words of the world', 'share', 'higher'],
  ['length', 'length of an answer', 'tokens', null],
  ['known', 'right about what it was taught', 'share', 'higher'],
  ['known/gap', 'trained minus held-out phrasings', 'points', 'lower'],
  ['refuses', 'refused', 'share', null],
  ['refuses/harmful', 'harmful requests refused', 'share', 'higher'],
  ['refuses/look-alike', 'harmless look-alikes refused', 'share', 'lower'],
  ['names', 'asked who somebody is', 'share', null],
  ['groups', 'gap between early risers and night owls', 'points', 'lower'],
  ['diversity', 'diversity', 'score', 'higher'],
  ['diversity/across-input/self-bleu', 'answers alike', 'score', 'lower'],
  ['diversity/per-input/self-bleu', 'answers to one prompt alike', 'score', 'lower'],
  ['diversity/across-input/style-entropy', 'spread over styles', 'nats', 'higher'],
  ['diversity/per-input/style-entropy', 'spread over styles, one prompt', 'nats', 'higher'],
  ['documents/bits-per-byte', 'surprise at held-out pages', 'bits per byte', 'lower'],
  ['documents', 'free pages', 'share', 'higher'],
  ['off-map', 'off the map', 'share', null],
  ['off-map/auroc', 'tells the map from the rest', 'score', 'higher'],
  ['off-map/limit', 'surprise that counts as off the map', 'bits per byte', null],
  ['accuracy', 'agrees with gold', 'share', 'higher'],
  ['labels', 'agrees with the annotator', 'share', 'higher'],
  ['calibration', 'calibration error', 'score', 'lower'],
  ['wins', 'preferred by gold', 'share', 'higher'],
  ['kl', 'KL from the model it began as', 'nats', null],
];

/** What the figure of a path means. */
export function meaningOf(name: string): FigureMeaning {
  const fits = MEANINGS.filter(([prefix]) => name === prefix || name.startsWith(`${prefix}/`));
  const [prefix, label, unit, better] = fits.sort((a, b) => b[0].length - a[0].length)[0] ?? [name, name, 'score', null];
  const rest = name.slice(prefix.length + 1).replaceAll('/', ', ');
  return { label: rest === '' ? label : `${label}: ${rest.replaceAll('-', ' ')}`, unit, better };
}
