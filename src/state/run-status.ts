/** @file Where a run stands, and what that means for it when its engine is lost. */

/** `pausing` and `stopping` last until the update under way is done, `recovering` until there is an engine again. */
export type RunStatus =
  'idle' | 'starting' | 'running' | 'pausing' | 'paused' | 'stopping' | 'recovering' | 'completed' | 'stopped' | 'failed';

/** A run in one of these is going on, or about to. */
export const ACTIVE: readonly RunStatus[] = ['starting', 'running', 'pausing', 'paused', 'stopping', 'recovering'];

/** What a run does when the engine is back, in words; null when there is no run to go on. */
export function whatGoesOn(status: RunStatus, update: number, checkpointUpdate: number | null): string | null {
  if (!ACTIVE.includes(status) || status === 'stopping') return null;
  if (status === 'paused' || status === 'pausing') return `the run is held at update ${update}`;
  return checkpointUpdate === null ? 'the run begins again' : `the run goes on from update ${checkpointUpdate}`;
}
