/**
 * @file Figures of evals put into sections and rows: which belong together, in which order. Figures no section knows come
 * last, so that nothing measured is hidden. What sections and rows are called is the page's: `ui/models/section-words.ts`.
 */
import { meaningOf, type FigureMeaning } from '../core/eval/evals';
import type { Figure } from '../core/eval/intervals';
import type { ComparedId, MeasuredModel } from './model-evals.svelte';

/** One figure, of each model that has it. */
export interface FigureRow extends Omit<FigureMeaning, 'label'> {
  /** Its path, `correct/recipe`. */
  readonly name: string;
  readonly figures: Readonly<Partial<Record<ComparedId, Figure>>>;
  /** The ends of the scale it is drawn on. */
  readonly from: number;
  readonly to: number;
}

/** Rows that are read together. */
export interface FigureSection {
  readonly id: SectionId;
  readonly rows: readonly FigureRow[];
  /** The models that have any of these figures. */
  readonly ids: readonly ComparedId[];
}

/** In the order of the page, with the figures that fit each; a figure goes to the first section that it fits. */
const PLANS = {
  answers: /^(format|correct|gold|wins|kl|length|typo-rate|lexicon)$/,
  kinds: /^correct\//,
  taught: /^known\//,
  refusals: /^refuses\//,
  names: /^names\//,
  groups: /^groups\//,
  variety: /^diversity\//,
  pages: /^documents\//,
  'off-map': /^off-map\/(?!limit)/,
  'reward-model': /^(accuracy|labels|calibration)(\/|$)/,
  judges: /^judge\//,
  'gold-kinds': /^gold\//,
  'format-kinds': /^format\//,
  rest: /./,
} as const;

/** Name of a section. */
export type SectionId = keyof typeof PLANS;
const SECTION_IDS = Object.keys(PLANS) as readonly SectionId[];

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

function rowOf(name: string, models: readonly MeasuredModel[]): FigureRow {
  const { unit, better } = meaningOf(name);
  const figures: Partial<Record<ComparedId, Figure>> = {};
  for (const { id, evals } of models) {
    const figure = evals?.figures[name];
    if (figure) figures[id] = figure;
  }
  return { name, unit, better, figures, ...scaleOf(unit, Object.values(figures)) };
}

/** The sections that have any rows, figures in the order in which they were measured. */
export function sectionsOf(models: readonly MeasuredModel[]): FigureSection[] {
  const names = new Set(models.flatMap(({ evals }) => Object.keys(evals?.figures ?? {})));
  return SECTION_IDS.flatMap((id) => {
    const rows = [...names].filter((name) => PLANS[id].test(name)).map((name) => rowOf(name, models));
    for (const { name } of rows) names.delete(name);
    const ids = models.map((model) => model.id).filter((model) => rows.some(({ figures }) => figures[model]));
    return rows.length === 0 ? [] : [{ id, rows, ids }];
  });
}
