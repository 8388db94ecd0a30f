/**
 * @file The self-test: every check on one engine, one after the other. A check that fails does not stop the rest.
 */
import type { Engine } from '../graph/engine';
import { Graph } from '../graph/graph';
import { gradients } from '../graph/gradients';
import { identity } from '../graph/ops';
import type { Check, Finding } from './check';
import { memoryChecks } from './memory-checks';
import { halfChecks, modelChecks } from './model-checks';
import { operatorChecks } from './operator-checks';
import { speedChecks } from './speed-check';

/** What the self-test works on. */
export interface SelfTestOptions {
  readonly engine: Engine;
  /** Another engine of this device to compare with; null when there is none. */
  readonly other: Engine | null;
  /** The same device in half precision; null where it has none. */
  readonly half: Engine | null;
  readonly nowMs: () => number;
  /** Differentiates; tests hand in a wrong one, which must be found out. */
  readonly gradientsOf?: typeof gradients;
}

/** What one check found, and how long it took. */
export interface CheckReport extends Finding {
  /** Its place in the list. */
  readonly index: number;
  readonly durationMs: number;
}

/** All checks, in the order they are run: quick ones first. */
export function selfTestChecks({ engine, other, half, nowMs, gradientsOf = gradients }: SelfTestOptions): Check[] {
  const inHalf = half ? halfChecks(half, engine) : [];
  return [
    ...memoryChecks(engine),
    ...modelChecks(engine, other),
    ...inHalf,
    ...operatorChecks(engine, gradientsOf),
    ...speedChecks(engine, nowMs),
  ];
}

/** Runs checks one after the other, and reports each. */
export async function* runChecks(checks: readonly Check[], { engine, nowMs }: SelfTestOptions): AsyncGenerator<CheckReport> {
  // Releasing the last program of an engine would drop its compiled shaders: one is held to the end.
  const graph = new Graph(null, 'self-test');
  graph.output('x', identity(graph.input('x', [])));
  const held = await engine.compile(graph);
  try {
    for (const [index, check] of checks.entries()) {
      const startMs = nowMs();
      let finding: Finding;
      try {
        finding = await check.run();
      } catch (error) {
        finding = { passed: false, detail: error instanceof Error ? error.message : String(error) };
      }
      yield { ...finding, index, durationMs: nowMs() - startMs };
    }
  } finally {
    await held.release();
  }
}
