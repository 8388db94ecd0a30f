/** @file What it means for the reader that the browser did not keep something, in a sentence, and what to do. */
import { m } from '../messages/messages';

/** The names of an error and of what it wraps, as Dexie does. */
const namesOf = (error: unknown): readonly string[] =>
  [error, (error as { inner?: unknown } | null)?.inner].map((one) => (one instanceof Error || one instanceof DOMException ? one.name : ''));

/** True when there was no room. */
export const isFull = (error: unknown): boolean => namesOf(error).includes('QuotaExceededError');

/** Why the database did not open. */
export function openingProblem(error: unknown): string {
  if (namesOf(error).includes('VersionError')) {
    return m.storage_newer();
  }
  return m.storage_nothing();
}

/** Why something that was asked of the open database failed. */
export function keepingProblem(error: unknown): string {
  if (isFull(error)) {
    return m.storage_full();
  }
  const names = namesOf(error);
  if (names.includes('DatabaseClosedError')) {
    return m.storage_other_tab();
  }
  const name = names.find((one) => one !== '' && one !== 'Error');
  return name === undefined ? m.storage_unstored() : m.storage_unstored_named({ name });
}

/** There is room again, but something was made of which only memory knows. */
export const keptPartly = (): string => m.storage_partly();
