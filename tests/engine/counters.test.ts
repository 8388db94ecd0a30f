/**
 * @file Who is told to have caused which work, and what is read out of ONNX Runtime's log. (The counting itself needs a
 * GPU: tests/browser/placement.test.ts.)
 */
import { describe, expect, it } from 'vitest';
import { scalarTensor } from '../../src/core/graph/engine';
import { addWork, NO_WORK, subtractWork, totalWork } from '../../src/core/graph/engine-stats';
import { Graph } from '../../src/core/graph/graph';
import { Interpreter } from '../../src/core/graph/interpreter';
import { scale } from '../../src/core/graph/ops';
import { createNodeEngine } from '../../src/engine/ort-node';
import type { GpuCounts } from '../../src/engine/gpu-counters';
import { processorNodes } from '../../src/engine/placement-log';
import { WorkLedger } from '../../src/engine/work-ledger';

/** A GPU that counts what the test says. */
const gpuOf = (): GpuCounts => ({
  numDispatches: 0,
  numReadBacks: 0,
  readBackBytes: 0,
  uploadedBytes: 0,
  numBuffers: 0,
  bufferBytes: 0,
});

describe('a ledger', () => {
  it('gives each program the work done during its jobs, and the rest to transfers', async () => {
    const gpu = gpuOf();
    const ledger = new WorkLedger(gpu);
    ledger.enter('train', null);
    ledger.enter('score', []);
    await ledger.work('train', 0, async () => void (gpu.uploadedBytes += 100));
    await ledger.work('train', 1, async () => void (gpu.numDispatches += 7));
    await ledger.work('score', 1, async () => void (gpu.readBackBytes += 40));
    await ledger.transfer(async () => void (gpu.numReadBacks += 1));
    expect(ledger.programs).toEqual([
      { ...NO_WORK, name: 'train', processorNodes: null, numRuns: 1, numDispatches: 7, uploadedBytes: 100 },
      { ...NO_WORK, name: 'score', processorNodes: [], numRuns: 1, readBackBytes: 40 },
    ]);
    expect(ledger.transfers).toEqual({ ...NO_WORK, numReadBacks: 1 });
  });

  it('adds up programs of one name, compiled anew', async () => {
    const ledger = new WorkLedger(gpuOf());
    for (const nodes of [null, [{ op: 'Slice', name: 'Slice_1' }]]) {
      ledger.enter('train', nodes);
      await ledger.work('train', 1, async () => undefined);
    }
    expect(ledger.programs).toMatchObject([{ numRuns: 2, processorNodes: [{ op: 'Slice' }] }]);
  });

  it('counts an upload in the middle of a run once, as a transfer', async () => {
    const gpu = gpuOf();
    const ledger = new WorkLedger(gpu);
    ledger.enter('train', null);
    await ledger.work('train', 1, async () => {
      gpu.uploadedBytes += 1;
      ledger.upload(() => (gpu.uploadedBytes += 1000));
      gpu.uploadedBytes += 2;
    });
    expect(ledger.programs[0]).toMatchObject({ uploadedBytes: 3 });
    expect(ledger.transfers).toMatchObject({ uploadedBytes: 1000 });
  });

  it('counts the work of a job that fails, and passes its failure on', async () => {
    const gpu = gpuOf();
    const ledger = new WorkLedger(gpu);
    ledger.enter('train', null);
    const job = async () => {
      gpu.numDispatches += 3;
      throw new Error('lost');
    };
    await expect(ledger.work('train', 1, job)).rejects.toThrow('lost');
    expect(ledger.programs[0]).toMatchObject({ numRuns: 1, numDispatches: 3 });
  });
});

describe.each([
  ['interpreter', () => new Interpreter()],
  ['node', () => createNodeEngine({ numThreads: 1 })],
])('the %s engine', (_, create) => {
  it('counts runs by the names of graphs, and has no GPU to count on', async () => {
    const engine = create();
    for (const name of ['once', 'twice', 'twice']) {
      const graph = new Graph(null, name);
      graph.output('y', scale(graph.input('x', []), 2));
      const program = await engine.compile(graph);
      await program.run({ x: scalarTensor(1) });
      await program.release();
    }
    const { programs, memory } = engine.stats();
    expect(programs.map(({ name, numRuns, numDispatches }) => [name, numRuns, numDispatches])).toEqual([
      ['once', 1, 0],
      ['twice', 2, 0],
    ]);
    expect(memory).toEqual({ numBuffers: null, bufferBytes: null, heapBytes: null });
    expect(totalWork(engine.stats())).toEqual({ ...NO_WORK, numRuns: 3 });
  });
});

describe('work', () => {
  it('subtracts as it adds', () => {
    const [a, b] = [
      { numRuns: 1, numDispatches: 2, numReadBacks: 3, readBackBytes: 4, uploadedBytes: 5 },
      { numRuns: 10, numDispatches: 200, numReadBacks: 3000, readBackBytes: 40_000, uploadedBytes: 500_000 },
    ];
    expect(addWork(a, b).readBackBytes).toBe(40_004);
    expect(subtractWork(addWork(a, b), b)).toEqual(a);
  });
});

describe('the log of placements', () => {
  const said = (text: string) => `2026-11-23 22:20:39.1 [V:onnxruntime:, session_state.cc:1316 VerifyEachNodeIsAssignedToAnEp] ${text}`;

  it('gives the nodes on the processor, in bodies too, and not those on the GPU', () => {
    const lines = [
      said(' Node(s) placed on [WebGpuExecutionProvider]. Number of nodes: 1'),
      said('  MatMul (MatMul_v3)'),
      said(' Node(s) placed on [CPUExecutionProvider]. Number of nodes: 2'),
      said('  Slice (Slice_v1)'),
      said('  Loop (Loop_v2)'),
      said(' All nodes placed on [WebGpuExecutionProvider]. Number of nodes: 7'),
      'something else about Slice (Slice_v9)',
      said(' Node(s) placed on [CPUExecutionProvider]. Number of nodes: 1'),
      said('  Mod ()'),
    ];
    expect(processorNodes(lines)).toEqual([
      { op: 'Slice', name: 'Slice_v1' },
      { op: 'Loop', name: 'Loop_v2' },
      { op: 'Mod', name: '' },
    ]);
  });

  it('is not taken for "none" when ONNX Runtime said nothing of placements', () => {
    expect(processorNodes(['Session successfully initialized.'])).toBeNull();
    expect(processorNodes([said(' All nodes placed on [WebGpuExecutionProvider]. Number of nodes: 7')])).toEqual([]);
  });
});
