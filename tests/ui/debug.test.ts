/** @file The debug panel: an update's own share of the counters, and what is shown of it. */
import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { NO_WORK, type EngineStats, type Work } from '../../src/core/graph/engine-stats';
import { EngineWatch, sumOfWork, workBetween } from '../../src/state/engine-watch.svelte';
import { TrainerClient } from '../../src/state/trainer-client.svelte';
import DebugPanel from '../../src/ui/debug/DebugPanel.svelte';
import { TrainerDouble } from './trainer-double';

/** Counters after `numUpdates` updates of 300 dispatches each. */
function statsAfter(numUpdates: number, transfers: Partial<Work> = {}): EngineStats {
  const work = {
    ...NO_WORK,
    numRuns: numUpdates,
    numDispatches: 300 * numUpdates,
    numReadBacks: numUpdates,
    readBackBytes: 68 * numUpdates,
  };
  return {
    programs: [
      { ...work, name: 'train 2×5', processorNodes: [{ op: 'Slice', name: 'Slice_v1' }] },
      { ...NO_WORK, name: 'score 2×5', processorNodes: null },
    ],
    transfers: { ...NO_WORK, ...transfers },
    memory: { numBuffers: 170, bufferBytes: 134_880, heapBytes: 16_777_216 },
  };
}

async function clientOf(engineStats: () => EngineStats | null): Promise<TrainerClient> {
  const client = new TrainerClient(new TrainerDouble({ engineStats: () => Promise.resolve(engineStats()) }).start);
  await client.load('wasm');
  return client;
}

test('the work between two readings is by program; what did nothing is left out', () => {
  const rows = workBetween(statsAfter(2), statsAfter(5, { uploadedBytes: 16 }));
  expect(rows.map(({ name, work, numProcessorNodes }) => [name, work.numDispatches, numProcessorNodes])).toEqual([
    ['train 2×5', 900, 1],
    ['transfers', 0, null],
  ]);
  expect(sumOfWork(rows)).toEqual({ numRuns: 3, numDispatches: 900, numReadBacks: 3, readBackBytes: 204, uploadedBytes: 16 });
});

test('an update’s work is what was added since the update before', async () => {
  let numUpdates = 0;
  const watch = new EngineWatch(await clientOf(() => statsAfter(numUpdates)));
  await watch.look(0);
  expect(watch.lastUpdate).toBeNull();
  numUpdates = 1;
  await watch.look(1);
  await watch.look(1); // a look in between does not begin a new update
  expect(watch.lastUpdate).toMatchObject({ update: 1, rows: [{ name: 'train 2×5', work: { numDispatches: 300 } }] });
});

test('updates that were missed, and a new worker that counts from nothing, are not taken for one update’s work', async () => {
  let numUpdates = 4;
  const watch = new EngineWatch(await clientOf(() => statsAfter(numUpdates)));
  await watch.look(4);
  numUpdates = 7;
  await watch.look(7);
  expect(watch.lastUpdate).toBeNull();
  numUpdates = 1;
  await watch.look(8);
  expect(watch.lastUpdate).toBeNull();
});

test('without an engine there is nothing to show', async () => {
  const watch = new EngineWatch(await clientOf(() => null));
  await watch.look(0);
  expect(watch.latest).toBeNull();
});

test('the panel shows the counters and can be closed from the keyboard', async () => {
  const client = await clientOf(() => statsAfter(3));
  let closed = 0;
  const screen = await render(DebugPanel, { client, update: 0, onclose: () => closed++ });
  await expect.element(screen.getByTestId('debug-dispatches')).toHaveTextContent('900');
  await expect.element(screen.getByTestId('debug-memory')).toHaveTextContent('170 GPU buffers, 135 kB · wasm heap 16.8 MB');
  await expect.element(screen.getByRole('row', { name: /train 2×5/ })).toHaveTextContent(/3\s*900\s*3\s*204 B/);
  const button = screen.getByRole('button', { name: 'Close' });
  (button.element() as HTMLButtonElement).focus();
  expect(document.activeElement).toBe(button.element());
  await button.click();
  expect(closed).toBe(1);
});
