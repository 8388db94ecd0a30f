/** @file What is asked of a run while it is still being written down: it counts. */
import { describe, expect, it, vi } from 'vitest';
import type { RunSpec } from '../../src/protocol/run';
import { Run } from '../../src/state/run.svelte';
import type { RunObserver } from '../../src/state/runs-observer';
import { TrainerClient } from '../../src/state/trainer-client.svelte';
import { TrainerDouble, updateEvent } from './trainer-double';

/** A run whose keeper takes its time, and what the worker was asked to train. */
async function slowlyKept() {
  let written = () => {};
  const begun = new Promise<void>((resolve) => (written = resolve));
  const observer: RunObserver = { begins: () => begun, goesOn: () => begun, heard: () => Promise.resolve(), ended: () => {} };
  const asked: RunSpec[] = [];
  const trainer = new TrainerDouble({
    run: async (spec, _from, listener) => {
      asked.push(spec);
      await listener(updateEvent(0, spec));
      return { type: 'completed', update: 0 };
    },
  });
  const client = new TrainerClient(trainer.start);
  await client.load('auto');
  const weights = { typos: -1 };
  const run = new Run(client, {
    weights: () => ({ ...weights }),
    setWeights: () => {},
    observer: () => Promise.resolve(observer),
    fixedPrompts: () => [],
    policyChanged: () => {},
    policyForgotten: () => {},
    familyChanged: () => Promise.resolve(),
    starting: () => {},
    recovered: () => Promise.resolve(true),
  });
  return { run, trainer, asked, weights, written };
}

describe('while a run is being written down', () => {
  it('Stop ends it before anything is trained', async () => {
    const { run, asked, written } = await slowlyKept();
    const begun = run.begin();
    await vi.waitFor(() => expect(run.status).toBe('starting'));
    await run.stop();
    written();
    await begun;
    expect(run.status).toBe('stopped');
    expect(asked).toEqual([]);
  });

  it('Pause holds it at its first update', async () => {
    const { run, trainer, written } = await slowlyKept();
    const begun = run.begin();
    await run.pause();
    trainer.calls.length = 0; // a worker without a run hears nothing of it
    written();
    await begun;
    expect(trainer.calls).toContain('pauseRun');
  });

  it('another reward is the one it trains on', async () => {
    const { run, asked, weights, written } = await slowlyKept();
    const begun = run.begin();
    weights.typos = 2;
    written();
    await begun;
    expect(asked[0]!.reward).toEqual({ typos: 2 });
  });
});
