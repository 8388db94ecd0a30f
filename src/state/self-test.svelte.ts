/**
 * @file The self-test as the page sees it: which checks there are, what each found, and the report to copy.
 */
import { proxy, wrap } from 'comlink';
import { m } from '../messages/messages';
import type { PlannedCheck, SelfTestApi, SelfTestEvent, TestedDevice } from '../protocol/self-test';
import type { WorkerLike } from './trainer-client.svelte';

/** One line of the table. */
export interface CheckRow extends PlannedCheck {
  readonly state: 'waiting' | 'running' | 'passed' | 'failed';
  readonly detail: string;
  readonly durationMs: number | null;
}

function startSelfTestWorker(): WorkerLike {
  return new Worker(new URL('../../workers/selftest.worker.ts', import.meta.url), { type: 'module' });
}

/** Text that a Markdown table can hold. */
const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** One run of the self-test after another. */
export class SelfTestState {
  status = $state<'running' | 'done' | 'failed'>('running');
  /** Why the checks could not be run to their end; null otherwise. */
  failure = $state<string | null>(null);
  device = $state.raw<TestedDevice | null>(null);
  rows = $state.raw<readonly CheckRow[]>([]);

  numDone = $derived(this.rows.filter(({ state }) => state === 'passed' || state === 'failed').length);
  numFailed = $derived(this.rows.filter(({ state }) => state === 'failed').length);

  /** Where things stand, as one sentence. */
  summary = $derived.by(() => {
    const { length } = this.rows;
    const [total, done, failed] = [length, this.numDone, this.numFailed];
    if (this.status === 'failed') return m.selftest_broke_off({ done, total, why: this.failure ?? '' });
    if (length === 0) return m.selftest_starting();
    if (this.status === 'running')
      return failed > 0 ? m.selftest_progress_failed({ done, total, failed }) : m.selftest_progress({ done, total });
    if (failed === 0) return m.selftest_all_passed({ total });
    return failed === 1 ? m.selftest_one_failed({ total }) : m.selftest_some_failed({ failed, total });
  });

  /** The report as Markdown. */
  report = $derived.by(() => {
    const { device } = this;
    const facts = {
      browser: navigator.userAgent,
      ...(device && {
        engine: `${device.backend === 'webgpu' ? 'WebGPU' : 'wasm'}, ${device.label}`,
        ...(device.fallbackReason && { 'no WebGPU because': device.fallbackReason }),
        'ONNX Runtime': device.ortVersion,
        'cross-origin isolated': device.crossOriginIsolated ? 'yes' : 'no',
        ...device.adapter,
      }),
    };
    const lines = this.rows.map(({ group, name, state, detail, durationMs }) => {
      const ms = durationMs === null ? '' : durationMs.toFixed(0);
      return `| ${cell(group)}: ${cell(name)} | ${state === 'failed' ? '**failed**' : state} | ${cell(detail)} | ${ms} |`;
    });
    const list = Object.entries(facts).map(([name, fact]) => `- ${name}: ${fact}`);
    return [
      `### Aftertrain self-test: ${this.summary}`,
      '',
      ...list,
      '',
      '| check | result | found | ms |',
      '|---|---|---|---|',
      ...lines,
    ].join('\n');
  });

  #startWorker: () => WorkerLike;
  #worker: WorkerLike | null = null;

  constructor(startWorker: () => WorkerLike = startSelfTestWorker) {
    this.#startWorker = startWorker;
  }

  /** Runs all checks from the beginning, in a fresh worker. */
  async run(): Promise<void> {
    this.#worker?.terminate();
    const worker = this.#startWorker();
    this.#worker = worker;
    [this.status, this.failure, this.device, this.rows] = ['running', null, null, []];
    const dead = new Promise<string>((resolve) => {
      const onError = (event: Event) => {
        event.preventDefault();
        resolve((event as Partial<ErrorEvent>).message || 'the engine stopped without a word.');
      };
      worker.addEventListener('error', onError as EventListener);
      worker.addEventListener('messageerror', onError as EventListener);
    });
    const listener = proxy((event: SelfTestEvent) => {
      if (worker === this.#worker) this.#heard(event);
    });
    const failure = await Promise.race([wrap<SelfTestApi>(worker).run(listener), dead]);
    if (worker !== this.#worker) return; // run again meanwhile
    worker.terminate();
    [this.#worker, this.failure, this.status] = [null, failure, failure === null ? 'done' : 'failed'];
  }

  #heard(event: SelfTestEvent): void {
    switch (event.type) {
      case 'plan':
        this.device = event.device;
        this.rows = event.checks.map((check, i) => ({ ...check, state: i === 0 ? 'running' : 'waiting', detail: '', durationMs: null }));
        break;
      case 'report': {
        const { index, passed, detail, durationMs } = event.report;
        this.rows = this.rows.map((row, i) => {
          if (i === index) return { ...row, state: passed ? 'passed' : 'failed', detail, durationMs };
          return i === index + 1 ? { ...row, state: 'running' } : row;
        });
        break;
      }
      default:
        event satisfies never;
    }
  }
}
