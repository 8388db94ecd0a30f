/** @file Labels for tests. */
import type { Comparison } from '../../src/core/preferences/comparison';

/** A label that says A is better. */
export function label(id: string, rest: Partial<Comparison> = {}): Comparison {
  return {
    id,
    prompt: 'p',
    a: `${id} a`,
    b: `${id} b`,
    verdict: 'a',
    strength: null,
    annotator: 'me',
    note: '',
    time: '2026-01-03T00:00:00Z',
    durationMs: 1000,
    source: 'me',
    cost: 1,
    ...rest,
  };
}
