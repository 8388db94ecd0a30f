/**
 * @file Which nodes ONNX Runtime puts on the GPU: all of a train step's arithmetic.
 *
 * A node on the processor means copies to and fro, every step. ONNX Runtime says where nodes went on the console at log
 * severity 0, which must be listened to before its module starts.
 */
import { beforeAll, expect, it } from 'vitest';
import type { Engine } from '../../src/core/graph/engine';
import type { Graph } from '../../src/core/graph/graph';
import { neg, reduceMean } from '../../src/core/graph/ops';
import { ADAMW_DEFAULTS } from '../../src/core/model/adamw';
import { trainProgram } from '../../src/core/model/programs';
import { rolloutProgram } from '../../src/core/model/rollout-program';
import { OrtEngine } from '../../src/engine/ort-engine';
import { createWebEngine } from '../../src/engine/ort-web';
import { buildCase, OP_CASES } from '../helpers/op-cases';
import { tinyConfig } from '../helpers/tiny-config';

/** What ONNX Runtime has said. Its module keeps the console functions that it finds when it starts, so these are ours for good. */
const said: string[] = [];
let loud: Engine;

beforeAll(async () => {
  const usual = { ...console };
  const hear = (...words: unknown[]) => void said.push(words.map(String).join(' '));
  Object.assign(console, { log: hear, info: hear, warn: hear, error: hear, debug: hear });
  try {
    const { engine, fallbackReason } = await createWebEngine('webgpu');
    if (fallbackReason) throw new Error(`no WebGPU: ${fallbackReason}`);
    const { options } = engine as OrtEngine;
    loud = new OrtEngine({ ...options, sessionOptions: { ...options.sessionOptions, logSeverityLevel: 0 } });
    await (await loud.compile(buildCase(OP_CASES.Add[0]!).graph)).release();
  } finally {
    Object.assign(console, usual);
  }
});

/** The operators that a program has on the processor, loop bodies included. */
async function onProcessor(graph: Graph): Promise<string[]> {
  said.length = 0;
  await (await loud.compile(graph)).release();
  const found: string[] = [];
  let numSections = 0;
  let processor = false;
  for (const line of said) {
    const section = /placed on \[(\w+)\]/.exec(line);
    const node = /VerifyEachNodeIsAssignedToAnEp\]\s+(\w+) \(/.exec(line);
    if (section) [processor, numSections] = [section[1] === 'CPUExecutionProvider', numSections + 1];
    else if (node && processor) found.push(node[1]!);
  }
  expect(numSections, 'ONNX Runtime told of its placements').toBeGreaterThan(0);
  return found;
}

it('a train step has nothing on the processor but the cutting of its token ids', async () => {
  const graph = trainProgram(tinyConfig(), { batch: 2, length: 5 }, ADAMW_DEFAULTS, (context) => ({
    loss: neg(reduceMean(context.logprobs(), [0, 1])),
    metrics: { entropy: reduceMean(context.entropies(), [0, 1]) },
  }));
  expect(await onProcessor(graph)).toEqual(['Slice', 'Slice']);
});

it.each([1, 2])('a rollout has nothing on the processor but the loop itself, with %i end tokens', async (numEnds) => {
  const config = tinyConfig({ eosTokenIds: [5, 6].slice(0, numEnds) });
  const graph = rolloutProgram(config, { batch: 2, numSteps: 5, continues: 'none', stopsEarly: false, numAlternatives: 2 });
  expect(await onProcessor(graph)).toEqual(['Loop']);
});
