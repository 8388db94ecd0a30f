/** @file The self-test's page: lines that fill up, a summary that can say "failed", and the report to copy. */
import { expose } from 'comlink';
import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import type { SelfTestApi, SelfTestEvent, TestedDevice } from '../../src/protocol/self-test';
import { SelfTestState } from '../../src/state/self-test.svelte';
import SelfTestPage from '../../src/ui/selftest/SelfTestPage.svelte';

const DEVICE: TestedDevice = {
  backend: 'webgpu',
  label: 'an adapter',
  fallbackReason: null,
  ortVersion: '1.30.0',
  crossOriginIsolated: true,
  adapter: { vendor: 'someone', maxBufferSize: '1024' },
};
const PLAN: SelfTestEvent = {
  type: 'plan',
  device: DEVICE,
  checks: [
    { group: 'Operators', name: 'Add' },
    { group: 'Operators', name: 'Mul' },
    { group: 'Speed', name: 'Matrix product' },
  ],
};
const report = (index: number, passed = true, detail = 'exact'): SelfTestEvent => ({
  type: 'report',
  report: { index, passed, detail, durationMs: 12.3 },
});

/** A self-test whose worker does as the test says; `crash` makes it die. */
function testOf(run: SelfTestApi['run']) {
  let last: EventTarget | null = null;
  let terminated = 0;
  const state = new SelfTestState(() => {
    const { port1, port2 } = new MessageChannel();
    expose({ run } satisfies SelfTestApi, port2);
    port1.start();
    last = port1;
    return Object.assign(port1, { terminate: () => void terminated++ });
  });
  return {
    state,
    crash: (message: string) => last?.dispatchEvent(new ErrorEvent('error', { message, cancelable: true })),
    numTerminated: () => terminated,
  };
}

const telling = (events: readonly SelfTestEvent[], outcome: string | null = null): SelfTestApi['run'] => {
  return async (listener) => {
    for (const event of events) await listener(event);
    return outcome;
  };
};

test('all passed is said only when all have passed', async () => {
  const { state, numTerminated } = testOf(telling([PLAN, report(0), report(1), report(2)]));
  await state.run();
  expect(state.summary).toBe('All 3 checks passed.');
  expect([state.status, state.numDone, state.numFailed, numTerminated()]).toEqual(['done', 3, 0, 1]);
});

test('one failure is named in the summary, the table and the report', async () => {
  const { state } = testOf(telling([PLAN, report(0), report(1, false, 'off | by 3'), report(2)]));
  const screen = await render(SelfTestPage, { test: state });
  await expect.element(screen.getByTestId('selftest-summary')).toHaveTextContent('1 check failed of 3.');
  await expect.element(screen.getByRole('row', { name: /Mul/ })).toHaveTextContent(/✗ failed/);
  await expect.element(screen.getByRole('row', { name: /Add/ })).toHaveTextContent(/✓ passed/);
  expect(state.report.split('\n')).toEqual([
    '### Aftertrain self-test: 1 check failed of 3. The report below is what a bug report needs.',
    '',
    `- browser: ${navigator.userAgent}`,
    '- engine: WebGPU, an adapter',
    '- ONNX Runtime: 1.30.0',
    '- cross-origin isolated: yes',
    '- vendor: someone',
    '- maxBufferSize: 1024',
    '',
    '| check | result | found | ms |',
    '|---|---|---|---|',
    '| Operators: Add | passed | exact | 12 |',
    '| Operators: Mul | **failed** | off \\| by 3 | 12 |',
    '| Speed: Matrix product | passed | exact | 12 |',
  ]);
});

test('while checks run, the next one says so, and the report can already be copied', async () => {
  const { state } = testOf(async (listener) => {
    await telling([PLAN, report(0)])(listener);
    return new Promise(() => undefined);
  });
  const screen = await render(SelfTestPage, { test: state });
  await expect.element(screen.getByTestId('selftest-summary')).toHaveTextContent('1 of 3 checks done.');
  expect(state.rows.map((row) => row.state)).toEqual(['passed', 'running', 'waiting']);
  await expect.element(screen.getByRole('button', { name: 'Copy report' })).toBeEnabled();
  await expect.element(screen.getByRole('button', { name: 'Run again' })).toBeDisabled();
});

test('a worker that dies ends the test with what it said', async () => {
  const { state, crash } = testOf(async (listener) => {
    await telling([PLAN, report(0)])(listener);
    return new Promise(() => undefined);
  });
  const running = state.run();
  await expect.poll(() => state.numDone).toBe(1);
  crash('out of memory');
  await running;
  expect([state.status, state.summary]).toEqual(['failed', 'The checks stopped after 1 of 3: out of memory']);
});

test('an engine that cannot be started is said, and the test can be run again', async () => {
  let numRuns = 0;
  const { state } = testOf((listener) =>
    telling(numRuns++ === 0 ? [] : [PLAN, report(0), report(1), report(2)], numRuns === 1 ? 'no wasm' : null)(listener),
  );
  await state.run();
  expect(state.failure).toBe('no wasm');
  await state.run();
  expect([state.failure, state.summary]).toEqual([null, 'All 3 checks passed.']);
});
