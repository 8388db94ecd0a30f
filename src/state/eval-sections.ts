/**
 * @file Figures of evals put into sections and rows: which belong together, in which order, and what each row is called
 * beneath its section's heading. Figures no section knows come last, so that nothing measured is hidden.
 */
import { meaningOf, type Evals, type FigureMeaning } from '../core/eval/evals';
import type { Figure } from '../core/eval/intervals';
import type { ComparedId, MeasuredModel } from './model-evals.svelte';

/** One figure, of each model that has it. */
export interface FigureRow extends Omit<FigureMeaning, 'label'> {
  /** Its path, `correct/recipe`. */
  readonly name: string;
  readonly label: string;
  readonly figures: Readonly<Partial<Record<ComparedId, Figure>>>;
  /** The ends of the scale it is drawn on. */
  readonly from: number;
  readonly to: number;
}

/** Rows that are read together. */
export interface FigureSection {
  readonly id: string;
  readonly title: string;
  /** What is measured, in a sentence or two. */
  readonly sentence: string;
  readonly rows: readonly FigureRow[];
  /** The models that have any of these figures. */
  readonly ids: readonly ComparedId[];
}

interface SectionPlan {
  readonly id: string;
  readonly title: string;
  readonly sentence: string;
  readonly fits: RegExp;
  /** Names a row where the figure's own meaning would repeat the heading. */
  readonly label?: (parts: readonly string[]) => string;
}

const inWords = (part: string) => part.replaceAll('-', ' ');
const SIDES: Readonly<Record<string, string>> = { harmful: 'mischief', 'look-alike': 'harmless look-alikes' };
const OUTCOMES: Readonly<Record<string, string>> = { right: 'right', abstained: 'says it does not know', 'made-up': 'makes something up' };
const MEASURES: Readonly<Record<string, string>> = {
  ead: 'different words and phrases (EAD)',
  'self-bleu': 'alike to each other (self-BLEU)',
  'style-entropy': 'spread over styles (entropy)',
};

/** In the order of the page; a figure goes to the first section that it fits. */
const PLANS: readonly SectionPlan[] = [
  {
    id: 'answers',
    title: 'Answers to held-out prompts',
    sentence: 'Questions about things, or in words, that no demonstration had, judged by the world itself.',
    fits: /^(format|correct|gold|wins|kl|length|typo-rate|lexicon)$/,
  },
  {
    id: 'kinds',
    title: 'Right answers, by kind of request',
    sentence: 'The share of held-out prompts of each kind that are answered right.',
    fits: /^correct\//,
    label: ([, kind = '']) => inWords(kind),
  },
  {
    id: 'taught',
    title: 'What was taught',
    sentence: 'Facts of the demonstrations, asked in the words they were taught in and in others: a model that learned by heart falls.',
    fits: /^known\//,
    label: ([, words = '', kind]) =>
      words === 'gap' ? 'difference' : `${words === 'trained' ? 'trained words' : 'other words'}${kind ? `, ${inWords(kind)}` : ''}`,
  },
  {
    id: 'refusals',
    title: 'What is refused',
    sentence:
      'Mischief should be refused in every tense, its harmless look-alikes in none. The demonstrations nearly forgot the past tense.',
    fits: /^refuses\//,
    label: ([, side = '', tense]) => `${SIDES[side] ?? inWords(side)}, ${tense ? inWords(tense) : 'all tenses'}`,
  },
  {
    id: 'names',
    title: 'Who is somebody?',
    sentence: 'People the world writes much of, some of, hardly any of, and names nobody has: known, not known, or made up.',
    fits: /^names\//,
    label: ([, fame = '', outcome = '']) => `${inWords(fame)}: ${OUTCOMES[outcome] ?? inWords(outcome)}`,
  },
  {
    id: 'groups',
    title: 'Two groups alike',
    sentence: 'The same lists asked about early risers and night owls, one’s figure less the other’s: 0 is alike.',
    fits: /^groups\//,
    label: ([, what = '']) => (what === 'answered' ? 'answered in form, not refused' : inWords(what)),
  },
  {
    id: 'variety',
    title: 'Variety',
    sentence: 'Sixteen answers to one prompt, and one answer each to sixteen prompts. Training on rewards narrows both.',
    fits: /^diversity\//,
    label: ([, inputs = '', measure = '']) =>
      `${inputs === 'per-input' ? 'one prompt' : 'many prompts'}: ${MEASURES[measure] ?? inWords(measure)}`,
  },
  {
    id: 'pages',
    title: 'Pages of the web',
    sentence: 'How well held-out pages are foreseen, and whether the base model goes on with a page as the kind of page it was.',
    fits: /^documents\//,
  },
  {
    id: 'off-map',
    title: 'Off the map',
    sentence: 'Whether the base model’s surprise tells prompts of the world from ordinary English ones.',
    fits: /^off-map\/(?!limit)/,
    label: ([, what = '']) =>
      ({
        auroc: 'told apart (AUROC)',
        'sent-away-inside': 'prompts of the world called off the map',
        'sent-away-outside': 'outside prompts called off the map',
      })[what] ?? inWords(what),
  },
  {
    id: 'reward-model',
    title: 'The reward model',
    sentence:
      'Of two answers, the share of pairs where it prefers the one that gold prefers; and whether it is right as often as it is sure.',
    fits: /^(accuracy|labels|calibration)(\/|$)/,
    label: ([what = '', kind]) =>
      kind
        ? `agrees with gold: ${inWords(kind)}`
        : ({ accuracy: 'agrees with gold', labels: 'agrees with the noisy annotator', calibration: 'calibration error' }[what] ??
          inWords(what)),
  },
  { id: 'rest', title: 'Everything else', sentence: 'The other figures in the files.', fits: /./ },
];

/** Ends of scales that read well. */
const NICE = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];
const atLeast = (value: number) => NICE.find((end) => end >= value) ?? value;

/** The scale of a row: shares and scores reach from 0 to 1 unless all are small, gaps lie around 0. */
function scaleOf(unit: FigureMeaning['unit'], figures: readonly Figure[]): { from: number; to: number } {
  const high = Math.max(...figures.map((figure) => figure.high), 0);
  const low = Math.min(...figures.map((figure) => figure.low), 0);
  if (unit === 'points' || low < 0) {
    const end = atLeast(Math.max(high, -low));
    return { from: -end, to: end };
  }
  const isWhole = (unit === 'share' || unit === 'score') && high > 0.2 && high <= 1;
  return { from: 0, to: isWhole ? 1 : atLeast(high) };
}

function rowOf(name: string, models: readonly MeasuredModel[], label: SectionPlan['label']): FigureRow {
  const { unit, better, label: meaning } = meaningOf(name);
  const figures: Partial<Record<ComparedId, Figure>> = {};
  for (const { id, evals } of models) {
    const figure = evals?.figures[name];
    if (figure) figures[id] = figure;
  }
  return { name, label: label?.(name.split('/')) ?? meaning, unit, better, figures, ...scaleOf(unit, Object.values(figures)) };
}

/** The sections that have any rows, figures in the order in which they were measured. */
export function sectionsOf(models: readonly MeasuredModel[]): FigureSection[] {
  const names = new Set(models.flatMap(({ evals }) => Object.keys(evals?.figures ?? {})));
  return PLANS.flatMap(({ id, title, sentence, fits, label }) => {
    const rows = [...names].filter((name) => fits.test(name)).map((name) => rowOf(name, models, label));
    for (const { name } of rows) names.delete(name);
    const ids = models.map((model) => model.id).filter((model) => rows.some(({ figures }) => figures[model]));
    return rows.length === 0 ? [] : [{ id, title, sentence, rows, ids }];
  });
}

/** How a figure was measured, for whoever wants to do it again. */
export const recordOf = ({ command, seed, temperature, numPrompts, maxTokens }: Evals) => ({
  command,
  words: `${numPrompts} prompts, seed ${seed}, temperature ${temperature}, answers of ${maxTokens} tokens at most`,
});
