/**
 * @file What a setting is, beside its type: label, unit, range, default, hint and citation.
 *
 * One list per algorithm; the page's controls, the URL and the command line are generated from it.
 */

/** A number the user may set. */
export interface NumberField {
  readonly key: string;
  readonly label: string;
  readonly unit: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly scale: 'linear' | 'log';
  readonly default: number;
  readonly hint: string;
  readonly citation: string;
  /** True when a change takes effect from the next update of a running run. */
  readonly live: boolean;
}

/** Keeps a number inside its field's range, whole where the field counts; anything that is not a number becomes the default. */
export function clampToField(field: NumberField, value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) return field.default;
  const whole = Number.isInteger(field.step) ? Math.round(value) : value; // half a completion cannot be compiled for
  return Math.min(field.max, Math.max(field.min, whole));
}
