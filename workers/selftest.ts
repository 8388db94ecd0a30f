/**
 * @file The self-test: starts the engine of this device, and a second one on the processor where the first is a GPU, and
 * runs the checks of `core/selftest` on them. The engines are handed in, so the same class runs in a worker and in tests.
 */
import type { gradients } from '../src/core/graph/gradients';
import { runChecks, selfTestChecks } from '../src/core/selftest/self-test';
import { describeEngine } from '../src/engine/describe';
import type { WebEngine } from '../src/engine/ort-web';
import type { SelfTestApi, SelfTestEvent } from '../src/protocol/self-test';

/** What the self-test is given. */
export interface SelfTestOptions {
  readonly createEngine: (choice: 'auto' | 'wasm') => Promise<WebEngine>;
  /** Tests hand in a wrong one, which must be found out. */
  readonly gradientsOf?: typeof gradients;
}

/** Runs all checks on this device. */
export class SelfTest implements SelfTestApi {
  constructor(readonly options: SelfTestOptions) {}

  async run(listener: (event: SelfTestEvent) => void): Promise<string | null> {
    try {
      const web = await this.options.createEngine('auto');
      const other = web.backend === 'webgpu' ? await this.options.createEngine('wasm') : null;
      const options = {
        engine: web.engine,
        other: other?.engine ?? null,
        nowMs: () => performance.now(),
        gradientsOf: this.options.gradientsOf,
      };
      const { backend, label, fallbackReason } = web;
      const crossOriginIsolated = globalThis.crossOriginIsolated === true;
      const device = { backend, label, fallbackReason, crossOriginIsolated, ...describeEngine(web.engine) };
      const checks = selfTestChecks(options);
      await listener({ type: 'plan', device, checks: checks.map(({ group, name }) => ({ group, name })) });
      for await (const report of runChecks(checks, options)) await listener({ type: 'report', report });
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}
