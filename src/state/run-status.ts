/** @file Where a run stands, and what that means for it when its engine is lost. */
import { m } from '../messages/messages';

/**
 * `opening` lasts until a kept run's policy is in the engine, `pausing` and `stopping` until the update under way is done,
 * `recovering` until there is an engine again.
 */
export type RunStatus =
  'idle' | 'opening' | 'starting' | 'running' | 'pausing' | 'paused' | 'stopping' | 'recovering' | 'completed' | 'stopped' | 'failed';

/** A run in one of these is going on, or about to. */
export const ACTIVE: readonly RunStatus[] = ['opening', 'starting', 'running', 'pausing', 'paused', 'stopping', 'recovering'];

/** What a run does when the engine is back, in words; null when there is no run to go on. */
export function whatGoesOn(status: RunStatus, update: number, checkpointUpdate: number | null): string | null {
  if (!ACTIVE.includes(status) || status === 'stopping' || status === 'opening') return null;
  if (status === 'paused' || status === 'pausing') return m.engine_held_at({ update });
  return checkpointUpdate === null ? m.engine_begins_again() : m.engine_goes_on_from({ update: checkpointUpdate });
}
