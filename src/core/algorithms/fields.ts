/**
 * @file What a setting is, beside its type: label, unit, range, default, hint and citation.
 *
 * One list per algorithm; the page's controls, the URL and the command line are generated from it.
 */

/** A number the user may set. */
export interface NumberField {
  readonly kind?: 'number';
  readonly key: string;
  /** The option's name in TRL, where TRL has it. */
  readonly trl?: string;
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

/** One of a few named ways. */
export interface ChoiceField {
  readonly kind: 'choice';
  readonly key: string;
  readonly trl?: string;
  readonly label: string;
  /** Values as TRL writes them, and words for people. */
  readonly choices: readonly { readonly value: string; readonly label: string }[];
  readonly default: string;
  readonly hint: string;
  readonly citation: string;
  readonly live: boolean;
}

/** Something that is done or not. */
export interface SwitchField {
  readonly kind: 'switch';
  readonly key: string;
  readonly trl?: string;
  readonly label: string;
  readonly default: boolean;
  readonly hint: string;
  readonly citation: string;
  readonly live: boolean;
}

/** Any setting. */
export type Field = NumberField | ChoiceField | SwitchField;

/** Those fields whose value is a number. */
export const numberFields = <F extends Field>(fields: readonly F[]) =>
  fields.filter((field) => field.kind === undefined || field.kind === 'number') as Exclude<F, { readonly kind: 'choice' | 'switch' }>[];

/** Settings under TRL's names put under ours; one that has both keeps ours. */
export const fromTrlNames = (fields: readonly Field[], values: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => {
      const field = fields.some(({ key }) => key === name) ? undefined : fields.find(({ trl }) => trl === name);
      return field && field.key in values ? [] : [[field?.key ?? name, value]];
    }),
  );

/** The defaults of all fields, as a configuration. */
export const defaultsOf = <Config>(fields: readonly Field[]): Config =>
  Object.fromEntries(fields.map((field) => [field.key, field.default])) as Config;

/** A value that its field allows: numbers brought into range, anything else that is not allowed the default. */
export function readField(field: Field, value: unknown): number | string | boolean {
  switch (field.kind) {
    case 'choice':
      return field.choices.some((choice) => choice.value === value) ? (value as string) : field.default;
    case 'switch':
      return typeof value === 'boolean' ? value : field.default;
    default:
      return clampToField(field, value);
  }
}

/** Keeps a number inside its field's range, whole where the field counts; anything that is not a number becomes the default. */
export function clampToField(field: NumberField, value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) return field.default;
  const whole = Number.isInteger(field.step) ? Math.round(value) : value; // half a completion cannot be compiled for
  return Math.min(field.max, Math.max(field.min, whole));
}
