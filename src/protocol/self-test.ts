/**
 * @file The contract between the page and the self-test's worker: a list of checks, then what each found.
 */
import type { CheckReport } from '../core/selftest/self-test';

/** What was tested; the report for a bug needs it. */
export interface TestedDevice {
  readonly backend: 'webgpu' | 'wasm';
  /** The adapter or the number of threads. */
  readonly label: string;
  /** Why WebGPU was not used; null when it was. */
  readonly fallbackReason: string | null;
  /** Version of ONNX Runtime. */
  readonly ortVersion: string;
  readonly crossOriginIsolated: boolean;
  /** Limits and features of the adapter; empty without one. */
  readonly adapter: Readonly<Record<string, string>>;
}

/** A check before it is run. */
export interface PlannedCheck {
  readonly group: string;
  readonly name: string;
}

/** What the worker tells, in this order: the plan once, then a report for each check. */
export type SelfTestEvent =
  | { readonly type: 'plan'; readonly device: TestedDevice; readonly checks: readonly PlannedCheck[] }
  | { readonly type: 'report'; readonly report: CheckReport };

/** Everything the page may ask of the self-test's worker. */
export interface SelfTestApi {
  /** Runs all checks. Null at the end, or one sentence if the engine could not be started. */
  run(listener: (event: SelfTestEvent) => void): Promise<string | null>;
}
