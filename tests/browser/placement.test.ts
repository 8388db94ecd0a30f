/**
 * @file What a GPU is asked for: none of a train program's float nodes on the processor, one wait for the numbers a run
 * returns, and no byte more than those numbers.
 *
 * A node on the processor means copies to and fro, every step. ONNX Runtime says where nodes went on the console at log
 * severity 0, which the engine hears in debug mode.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { bradleyTerry, clippedPolicyGradient, clippedValueLoss, crossEntropy, preferenceLoss } from '../../src/core/algorithms/objectives';
import type { Engine, HostTensor } from '../../src/core/graph/engine';
import { subtractWork, type ProgramStats, type Work } from '../../src/core/graph/engine-stats';
import { Graph, sizeOf, type Node, type Value } from '../../src/core/graph/graph';
import { onnxOutputName } from '../../src/core/graph/onnx';
import { scale } from '../../src/core/graph/ops';
import { ADAMW_DEFAULTS } from '../../src/core/model/adamw';
import type { ModelConfig } from '../../src/core/model/config';
import { rewardProgram, scoreProgram, trainProgram, type Objective, type ObjectiveContext } from '../../src/core/model/programs';
import { rolloutProgram } from '../../src/core/model/rollout-program';
import { Random } from '../../src/core/random';
import { buildCase, randomTensor } from '../../src/core/selftest/op-case';
import { OP_CASES } from '../../src/core/selftest/op-cases';
import { createWebEngine } from '../../src/engine/ort-web';
import { floats } from '../helpers/graphs';
import { tinyConfig } from '../helpers/tiny-config';

const SHAPE = { batch: 2, length: 5 };
let engine: Engine;

beforeAll(async () => {
  const web = await createWebEngine('webgpu', { debug: true });
  if (web.fallbackReason) throw new Error(`no WebGPU: ${web.fallbackReason}`);
  ({ engine } = web);
});

const statsOf = ({ name }: Graph): ProgramStats => engine.stats().programs.find((program) => program.name === name)!;

/** The nodes that a program has on the processor, as ONNX Runtime tells. */
async function onProcessor(graph: Graph) {
  await (await engine.compile(graph)).release();
  const { processorNodes } = statsOf(graph);
  if (!processorNodes) throw new Error('ONNX Runtime did not tell of its placements');
  return processorNodes;
}

/** Of those, the ones that compute with floats, and those that are not in the graph: then nobody knows what they do. */
async function floatsOnProcessor(graph: Graph): Promise<string[]> {
  const everyNode = ({ nodes }: Graph): Node[] =>
    nodes.flatMap((node) => [node, ...(node.attributes.body ? everyNode(node.attributes.body) : [])]);
  // A node is named after its first result, or after the output of the program that this is.
  const nameOf = (value: Value) => {
    const output = graph.outputs.find((each) => each.value === value);
    return output ? onnxOutputName(graph, output.name) : value.name;
  };
  const integers = everyNode(graph)
    .filter(({ inputs, outputs }) => [...inputs, ...outputs].every(({ dtype }) => dtype !== 'float32'))
    .map(({ op, outputs }) => `${op}_${nameOf(outputs[0]!)}`);
  return (await onProcessor(graph)).map(({ name }) => name).filter((name) => !integers.includes(name));
}

/** Random feeds: token ids and rows that exist, everything else between 0 and 1. */
function randomFeeds(graph: Graph): Record<string, HostTensor> {
  const random = new Random(1);
  return Object.fromEntries(graph.inputs.map(({ name, dims, dtype }) => [name, randomTensor({ dims, dtype, low: 0, high: 1 }, random)]));
}

/** The work of one run. */
async function workOfRun(graph: Graph): Promise<Work> {
  const program = await engine.compile(graph);
  const before = statsOf(graph);
  const results = await program.run(randomFeeds(graph));
  const work = subtractWork(statsOf(graph), before);
  Object.values(results).forEach((tensor) => tensor.dispose());
  await program.release();
  return work;
}

/** Bytes of all that a program returns and that does not stay on the GPU. */
const returnedBytes = ({ outputs }: Graph) =>
  outputs.reduce((sum, { value, resident }) => sum + (resident ? 0 : 4 * sizeOf(value.dims)), 0);

type Objectives = readonly [name: string, objective: (context: ObjectiveContext) => Objective, changes: Partial<ModelConfig>];
const OBJECTIVES: readonly Objectives[] = [
  ['cross-entropy', crossEntropy, {}],
  ['GRPO, one pass', clippedPolicyGradient({ reusesBatch: false }), {}],
  ['GRPO, several passes', clippedPolicyGradient({ reusesBatch: true }), {}],
  ['PPO with rehearsal', clippedPolicyGradient({ reusesBatch: true, ownWeights: true, rehearses: true }), {}],
  ['PPO’s values', clippedValueLoss, { numLabels: 1 }],
  ['DPO', preferenceLoss({ lossType: 'sigmoid', numPairs: 1 }), {}],
  ['robust DPO', preferenceLoss({ lossType: 'robust', numPairs: 1 }), {}],
  ['IPO', preferenceLoss({ lossType: 'ipo', numPairs: 1 }), {}],
  ['hinge', preferenceLoss({ lossType: 'hinge', numPairs: 1 }), {}],
  ['Bradley–Terry', bradleyTerry({ centring: 0.01 }), { numLabels: 1 }],
];

describe.each([true, false])('with tied embeddings: %s', (tiedEmbeddings) => {
  const trainGraph = ([, objective, changes]: Objectives) => {
    const config = tinyConfig({ tiedEmbeddings, ...changes });
    return trainProgram(config, SHAPE, ADAMW_DEFAULTS, objective, { temperature: config.numLabels === 0 });
  };

  it.each(OBJECTIVES)('a train step computes all floats on the GPU: %s', async (...objective) => {
    expect(await floatsOnProcessor(trainGraph(objective))).toEqual([]);
  });

  it.each(OBJECTIVES)(
    'a train step reads back its scalars and log-probabilities in one wait, and nothing else: %s',
    async (...objective) => {
      const graph = trainGraph(objective);
      const work = await workOfRun(graph);
      expect(work).toMatchObject({ numRuns: 1, numReadBacks: 1, readBackBytes: returnedBytes(graph) });
      expect(work.numDispatches).toBeGreaterThan(50);
      const { numParameters } = { numParameters: graph.inputs[0]!.dims[0]! };
      expect(returnedBytes(graph)).toBeLessThan(4 * numParameters); // no weights
    },
  );

  it('scores compute all floats on the GPU, and read back one number a token and kind', async () => {
    const graph = scoreProgram(tinyConfig({ tiedEmbeddings }), SHAPE);
    expect(await floatsOnProcessor(graph)).toEqual([]);
    const numbers = graph.outputs.length * SHAPE.batch * SHAPE.length;
    expect(await workOfRun(graph)).toMatchObject({ numReadBacks: 1, readBackBytes: 4 * numbers });
  });
});

it('a reward model’s verdicts are one number a sequence', async () => {
  const graph = rewardProgram(tinyConfig({ numLabels: 1 }), SHAPE);
  expect(await floatsOnProcessor(graph)).toEqual([]);
  expect(await workOfRun(graph)).toMatchObject({ numReadBacks: 1, readBackBytes: 4 * SHAPE.batch });
});

describe.each([1, 2])('a rollout with %i end tokens', (numEnds) => {
  const rollout = (numAlternatives: number) =>
    rolloutProgram(tinyConfig({ eosTokenIds: [5, 6].slice(0, numEnds) }), {
      batch: 2,
      numSteps: 5,
      prompts: { count: 1, length: 3 },
      keepsCache: false,
      cacheLength: 8,
      reports: 'model',
      numAlternatives,
      steps: 'unrolled',
    });

  it('has nothing on the processor', async () => {
    expect(await onProcessor(rollout(0))).toEqual([]);
  });

  it('has no floats there when it reports alternatives, only their int64 ids', async () => {
    expect(await floatsOnProcessor(rollout(2))).toEqual([]);
  });
});

it('a float node on the processor is found out: a loop that carries floats', async () => {
  const { graph } = buildCase(OP_CASES.Loop[0]!);
  expect(await floatsOnProcessor(graph)).toEqual([expect.stringMatching(/^Loop_/)]);
});

describe('moving numbers', () => {
  it('is counted apart from programs: what is uploaded, and what is read in one wait', async () => {
    const graph = new Graph(null, 'doubling');
    graph.output('y', scale(graph.input('x', [37]), 2), { resident: true });
    const program = await engine.compile(graph);
    const before = engine.stats();
    const x = engine.upload(floats([37], new Float32Array(37)));
    const { y } = await program.run({ x });
    const copy = await engine.copy(y!);
    expect(statsOf(graph)).toMatchObject({ numRuns: 1, numReadBacks: 0, readBackBytes: 0 });
    await engine.readAll([x, y!, copy]);
    await copy.read();
    const moved = subtractWork(engine.stats().transfers, before.transfers);
    const bytes = 37 * 4;
    expect(moved).toMatchObject({ numRuns: 0, numReadBacks: 2, readBackBytes: 4 * bytes, uploadedBytes: 16 * Math.ceil(bytes / 16) });
    [x, y!, copy].forEach((tensor) => tensor.dispose());
    await program.release();
  });

  it('counts the buffers alive: they grow with uploads and copies, and shrink when those are disposed of', async () => {
    const bytes = () => engine.stats().memory.bufferBytes!;
    const before = bytes();
    const x = engine.upload(floats([1000], new Float32Array(1000)));
    const copy = await engine.copy(x);
    expect(bytes() - before).toBe(2 * 4000);
    [x, copy].forEach((tensor) => tensor.dispose());
    await engine.copy(engine.upload(floats([4], [1, 2, 3, 4]))); // behind the disposals
    expect(bytes() - before).toBe(2 * 16);
  });

  it('knows the size of the wasm heap', () => {
    const { heapBytes } = engine.stats().memory;
    expect(heapBytes! % 65_536).toBe(0);
    expect(heapBytes).toBeGreaterThan(1e6);
  });
});
