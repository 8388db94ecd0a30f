/**
 * @file Reading a command's options strictly: unknown names, missing values and bad numbers are said in one line.
 *
 * citty defines the commands and writes their help, but it ignores options it does not know and takes a value such as
 * `--no-salt` for a flag. So the words are checked here first and handed to it as `--name=value`.
 */
import { parseArgs } from 'node:util';
import type { ArgsDef } from 'citty';
import { ClearError } from '../ensure-dependencies.mjs';

/** True when the words ask for help, and not as the value of an option. */
export function asksForHelp(definitions: ArgsDef, words: readonly string[]): boolean {
  return tokensOf(definitions, words).some((token) => token.kind === 'option' && (token.name === 'help' || token.name === 'h'));
}

function tokensOf(definitions: ArgsDef, words: readonly string[]) {
  const options = Object.fromEntries(
    Object.entries(definitions).map(([name, { type }]) => [
      name,
      { type: type === 'boolean' ? ('boolean' as const) : ('string' as const) },
    ]),
  );
  return parseArgs({ args: [...words], options, strict: false, allowPositionals: true, tokens: true }).tokens;
}

/**
 * The words as `--name` and `--name=value`, each checked against the command's definitions; words that stand for themselves come
 * last, in the order of their definitions, and may be given by name too.
 * @throws ClearError naming the word that is not understood
 */
export function checkedOptions(definitions: ArgsDef, words: readonly string[]): string[] {
  const isKnown = (name: string) => Object.hasOwn(definitions, name);
  const isPlaced = (name: string) => definitions[name]!.type === 'positional';
  const checked: string[] = [];
  const placed = new Map<string, string>();
  for (const token of tokensOf(definitions, words)) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') {
      const place = Object.keys(definitions).find((name) => isPlaced(name) && !placed.has(name));
      if (place !== undefined) {
        placed.set(place, token.value);
        continue;
      }
      throw new ClearError(`"${token.value}" belongs to no option; a text of several words needs quotation marks.`);
    }
    if (!isKnown(token.name)) throw new ClearError(`There is no option ${token.rawName}; --help lists those there are.`);
    if (definitions[token.name]!.type === 'boolean') {
      if (token.value !== undefined) throw new ClearError(`${token.rawName} takes no value.`);
      checked.push(`--${token.name}`);
    } else {
      const isOption = token.inlineValue === false && token.value.startsWith('--') && isKnown(token.value.slice(2));
      if (token.value === undefined || isOption) throw new ClearError(`${token.rawName} needs a value.`);
      if (isPlaced(token.name)) placed.set(token.name, token.value);
      else checked.push(`--${token.name}=${token.value}`);
    }
  }
  for (const [name, { required }] of Object.entries(definitions) as [string, { required?: boolean }][])
    if (required && !placed.has(name) && !checked.some((word) => word.startsWith(`--${name}=`)))
      throw new ClearError(isPlaced(name) ? `The ${name} is missing; --help says more.` : `The option --${name} is missing.`);
  return [...checked, ...Object.keys(definitions).flatMap((name) => placed.get(name) ?? [])];
}

/** What a number may be. */
interface NumberLimits {
  readonly min: number;
  readonly max: number;
  readonly whole?: boolean;
}

/**
 * The number an option was given.
 * @throws ClearError saying what is expected
 */
export function numberOption(name: string, text: string, { min, max, whole = true }: NumberLimits): number {
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
  if (value >= min && value <= max && (!whole || Number.isInteger(value))) return value;
  throw new ClearError(`--${name} must be a ${whole ? 'whole ' : ''}number from ${min} to ${max}, not "${text.slice(0, 50)}".`);
}

/** The largest seed: whole numbers beyond it are not told apart. */
export const MAX_SEED = Number.MAX_SAFE_INTEGER;
