/** @file Figures of evals as readers see them, and the names of the models compared. */
import type { FigureUnit } from '../../core/eval/evals';
import type { Figure } from '../../core/eval/intervals';
import { m } from '../../messages/messages';
import type { ComparedId } from '../../state/model-evals.svelte';
import { formatNumber, formatPercent, formatPlain, formatSigned } from '../format';
import { MODELS } from '../words';

/** Names and what each does. Read when shown, so that they follow the page's language. */
export const COMPARED: Readonly<Record<ComparedId, { readonly name: string; readonly does: string }>> = {
  base: MODELS.base,
  sft: MODELS.sft,
  rlhf: MODELS.rlhf,
  dpo: MODELS.dpo,
  'reward-model': {
    get name() {
      return m.models_reward_model();
    },
    get does() {
      return m.models_reward_model_does();
    },
  },
};

/** "72 %", "+4.2", "0.31", "64.6": the unit stands with the label where it is not a share. */
export function formatFigure(value: number, unit: FigureUnit): string {
  if (unit === 'share' && value > 0.99 && value < 1) return `${(100 * value).toFixed(1)} %`; // not quite all is not "100 %"
  if (unit === 'share') return formatPercent(value);
  if (unit === 'points') return formatSigned(100 * value, 1);
  return formatNumber(value);
}

/** The end of a scale: "0 %", "5". */
export function formatEnd(value: number, unit: FigureUnit): string {
  if (unit === 'share') return `${formatPlain(100 * value)} %`;
  return formatPlain(unit === 'points' ? 100 * value : value);
}

/** "59 to 81": the ends alone, for beside the value. */
export function formatInterval({ low, high }: Figure, unit: FigureUnit): string {
  const end = (value: number) => formatFigure(value, unit).replace(/ %$/, '');
  return m.models_interval({ low: end(low), high: end(high) });
}

/** The unit as it stands with a row's label; shares carry theirs with the number, scores have none. */
export const UNIT_WORDS: Readonly<Record<FigureUnit, () => string>> = {
  share: () => '',
  score: () => '',
  'bits per byte': m.models_unit_bits,
  tokens: m.models_unit_tokens,
  nats: m.models_unit_nats,
  points: m.models_unit_points,
};
