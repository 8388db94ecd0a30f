/** @file Switches in the address's query: `?debug` shows what the engine does, `?selftest` checks it. */

/** A switch. */
export type Flag = 'debug' | 'selftest';

/** True when the address names the switch. */
export function hasFlag(flag: Flag, search = location.search): boolean {
  return new URLSearchParams(search).has(flag);
}
