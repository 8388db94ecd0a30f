/** @file A kept run's settings as a link: what another page is set up by. It starts nothing there. */
import { DEFAULT_WEIGHTS } from '../core/reward/features';
import type { RunSpec } from '../protocol/run';
import { differing, writeLink } from './link';
import { changesOf, RunSetup } from './run-setup.svelte';
import { completeWeights } from './reward.svelte';

/** The fragment, without `#`, that sets a page up as a run was: only what differs from the defaults. */
export function linkOf(spec: RunSpec): string {
  const setup = new RunSetup();
  setup.open(changesOf(spec));
  return writeLink({
    ...(spec.fixedPrompts[0] ? { prompt: spec.fixedPrompts[0] } : {}),
    setup: setup.changes,
    sampling: {},
    weights: differing(completeWeights(spec.reward), completeWeights(DEFAULT_WEIGHTS)),
  });
}
