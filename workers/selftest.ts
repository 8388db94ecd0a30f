/**
 * @file The self-test: starts the engine of this device, and a second one on the processor where the first is a GPU, and
 * runs the checks of `core/selftest` on them. The engines are handed in, so the same class runs in a worker and in tests.
 */
import type { gradients } from '../src/core/graph/gradients';
import { runChecks, selfTestChecks } from '../src/core/selftest/self-test';
import { describeEngine } from '../src/engine/describe';
import { inFloat32 } from '../src/engine/ort-engine';
import type { WebEngine } from '../src/engine/ort-web';
import type { SelfTestApi, SelfTestEvent } from '../src/protocol/self-test';

/** What the self-test is given. */
export interface SelfTestOptions {
  readonly createEngine: (choice: 'webgpu-float16' | 'wasm') => Promise<WebEngine>;
  /** Tests hand in a wrong one, which must be found out. */
  readonly gradientsOf?: typeof gradients;
}

/** Runs all checks on this device. */
export class SelfTest implements SelfTestApi {
  constructor(readonly options: SelfTestOptions) {}

  async run(listener: (event: SelfTestEvent) => void): Promise<string | null> {
    try {
      // One device for both precisions, of which float32 is what the page uses.
      const web = await this.options.createEngine('webgpu-float16');
      const other = web.backend === 'webgpu' ? await this.options.createEngine('wasm') : null;
      const options = {
        engine: inFloat32(web.engine),
        other: other?.engine ?? null,
        half: web.precision === 'float16' ? web.engine : null,
        nowMs: () => performance.now(),
        gradientsOf: this.options.gradientsOf,
      };
      const { backend, label } = web;
      const fallbackReason = backend === 'wasm' ? web.fallbackReason : null;
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
