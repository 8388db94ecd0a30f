/** @file A lesson's training on the page: by the page's own run, so that it is drawn, kept and stopped as any other is. */
import type { RunCheckpoint, RunSpec } from '../protocol/run';
import { afresh } from '../lessons/specs';
import type { Run } from './run.svelte';

/** Where a training came to: null when nothing came of it; `run.failure` may say why. */
export type Trained = RunCheckpoint | null;

/**
 * Sets the page's run up as the specification says and trains to the end, or to where it is stopped.
 * @param from what an earlier training made, to start from instead of the shipped model; that is the KL reference then
 */
export async function trainHere(run: Run, spec: RunSpec, from: RunCheckpoint | null = null): Promise<Trained> {
  if (!run.canBegin) return null;
  const { family } = run.setup;
  run.setUp({ ...spec, ...(family === undefined ? {} : { family }) });
  await (from ? run.branch(afresh(from), spec.config.numUpdates) : run.begin());
  const isThere = (run.status === 'completed' || run.status === 'stopped') && run.update > 0;
  return isThere ? run.checkpoint : null;
}
