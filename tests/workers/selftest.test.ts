/**
 * @file The self-test behind comlink over a real MessageChannel, on ONNX Runtime in Node.
 */
import { MessageChannel } from 'node:worker_threads';
import { expose, proxy, wrap, type Endpoint } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { afterAll, describe, expect, it } from 'vitest';
import { gradients } from '../../src/core/graph/gradients';
import { neg } from '../../src/core/graph/ops';
import { createNodeEngine } from '../../src/engine/ort-node';
import type { SelfTestApi, SelfTestEvent } from '../../src/protocol/self-test';
import { SelfTest, type SelfTestOptions } from '../../workers/selftest';

const ports: { close: () => void }[] = [];
afterAll(() => ports.forEach((port) => port.close()));

const createEngine: SelfTestOptions['createEngine'] = (choice) =>
  Promise.resolve({
    engine: createNodeEngine({ numThreads: 1 }),
    // The test's "GPU" is a second engine on the processor, so that there are two to compare.
    backend: choice === 'wasm' ? 'wasm' : 'webgpu',
    label: 'node',
    isSoftware: false,
    numThreads: 1,
    precision: 'float32',
    offersFloat16: false,
    fallbackReason: null,
    lost: new Promise<never>(() => undefined),
  });

/** Runs the self-test at the other end of a channel. */
async function run(options: Partial<SelfTestOptions> = {}): Promise<{ events: SelfTestEvent[]; outcome: string | null }> {
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  expose(new SelfTest({ createEngine, ...options }), nodeEndpoint(port2) as Endpoint);
  const events: SelfTestEvent[] = [];
  const outcome = await wrap<SelfTestApi>(nodeEndpoint(port1) as Endpoint).run(proxy((event) => void events.push(event)));
  return { events, outcome };
}

describe('the self-test’s worker', () => {
  it('tells the plan, then reports every check in order, all passed', async () => {
    const { events, outcome } = await run();
    expect(outcome).toBeNull();
    const [plan, ...reports] = events;
    if (plan?.type !== 'plan') throw new Error('no plan came first');
    expect(plan.device).toMatchObject({ backend: 'webgpu', label: 'node', ortVersion: expect.stringMatching(/^1\.\d+\.\d+$/) });
    expect(plan.checks.some(({ group }) => group.includes('agree'))).toBe(true);
    expect(reports.map((event) => event.type === 'report' && event.report.index)).toEqual(plan.checks.map((_, i) => i));
    expect(reports.filter((event) => event.type === 'report' && !event.report.passed)).toEqual([]);
  });

  it('can fail: with gradients of the wrong sign, operators do not pass', async () => {
    const gradientsOf: typeof gradients = (graph, loss, wrt) => gradients(graph, loss, wrt).map(neg);
    const { events, outcome } = await run({ gradientsOf });
    expect(outcome).toBeNull();
    const numFailed = events.filter((event) => event.type === 'report' && !event.report.passed).length;
    expect(numFailed).toBeGreaterThan(20);
  });

  it('says why when no engine can be had', async () => {
    const { events, outcome } = await run({ createEngine: () => Promise.reject(new Error('no wasm here')) });
    expect(outcome).toBe('no wasm here');
    expect(events).toEqual([]);
  });
});
