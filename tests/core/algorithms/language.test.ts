/**
 * @file Pretraining and SFT: what counts and what does not, sums over rows, memorising, continuing, the learning rate's path.
 */
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { createNodeEngine } from '../../../src/engine/ort-node';
import { crossEntropy } from '../../../src/core/algorithms/objectives';
import { documentRows, pretrain, warmupCosine, type LanguageStep, type PretrainConfig } from '../../../src/core/algorithms/pretrain';
import { trainSft, type SftConfig, type SftStep } from '../../../src/core/algorithms/sft';
import { interpret } from '../../../src/core/graph/interpreter';
import { ADAMW_DEFAULTS } from '../../../src/core/model/adamw';
import { initialTheta, parameterLayout } from '../../../src/core/model/parameters';
import { gradientProgram } from '../../../src/core/model/programs';
import { TrainingState, type TrainingSnapshot } from '../../../src/core/model/training-state';
import { Random } from '../../../src/core/random';
import { packSequences, type Sequence } from '../../../src/core/rl/batch';
import { expectAllclose } from '../../helpers/allclose';
import { float64, ints } from '../../helpers/graphs';
import { score } from '../../helpers/rollouts';
import { livelyTheta, tinyConfig } from '../../helpers/tiny-config';

const engine = createNodeEngine({ numThreads: 1 });
const model = tinyConfig();
const N = parameterLayout(model).numParameters;
const START = initialTheta(model, new Random('language'));

const DEMONSTRATIONS: readonly Sequence[] = [
  { promptTokens: [0, 2, 3], completionTokens: [7, 8, 9, 5] },
  { promptTokens: [0, 3], completionTokens: [6, 6, 5] },
  { promptTokens: [0, 4, 2], completionTokens: [10, 5] },
];
const DOCUMENTS = [
  [3, 4, 5, 6],
  [7, 8],
  [9, 2, 10],
];

interface Run<Step> {
  readonly steps: Step[];
  readonly final: TrainingSnapshot;
}

/** Goes through a run, up to `stopAfter` steps. */
async function follow<Step>(state: TrainingState, steps: AsyncGenerator<Step>, stopAfter: number): Promise<Run<Step>> {
  const seen: Step[] = [];
  for await (const step of steps) if (seen.push(step) === stopAfter) break;
  return { steps: seen, final: await state.snapshot() };
}

const SFT: SftConfig = {
  numUpdates: 120,
  demonstrationsPerUpdate: 4,
  maxTokens: 8,
  learningRate: 0.02,
  numWarmupUpdates: 5,
  weightDecay: 0.1,
  numDocuments: 0,
  documentWeight: 0,
};
interface SftChanges extends Partial<SftConfig> {
  readonly from?: { theta: Float32Array } & Partial<TrainingSnapshot>;
  readonly stopAfter?: number;
  readonly seed?: number;
  readonly demonstration?: (random: Random) => Sequence;
  readonly document?: (random: Random) => Sequence;
}
function runSft({ from = { theta: START }, stopAfter = Infinity, seed = 1, demonstration, document, ...config }: SftChanges = {}): Promise<
  Run<SftStep>
> {
  const state = new TrainingState(engine, from);
  const pick = demonstration ?? ((random: Random) => random.pick(DEMONSTRATIONS));
  const settings = () => ({ ...SFT, ...config });
  return follow(
    state,
    trainSft({ engine, model, state, settings, firstUpdate: state.step, seed, demonstration: pick, document }),
    stopAfter,
  );
}

const PRETRAIN: PretrainConfig = {
  numSteps: 120,
  batch: 4,
  length: 10,
  learningRate: 0.02,
  numWarmupSteps: 5,
  optimiser: ADAMW_DEFAULTS,
};
function runPretrain(
  from: { theta: Float32Array } & Partial<TrainingSnapshot> = { theta: START },
  stopAfter = Infinity,
): Promise<Run<LanguageStep>> {
  const state = new TrainingState(engine, from);
  const document = (random: Random) => random.pick(DOCUMENTS);
  return follow(state, pretrain({ engine, model, state, config: PRETRAIN, seed: 1, document }), stopAfter);
}

/** Loss and gradient of the objective of both stages, float64. */
function gradientOf(tokens: ArrayLike<number>, weights: ArrayLike<number>, batch: number, theta = livelyTheta(model)) {
  const length = weights.length / batch;
  const found = interpret(gradientProgram(model, { batch, length }, crossEntropy), {
    theta: float64([N], theta),
    tokens: ints([batch, length + 1], Array.from(tokens)),
    weights: float64([batch, length], Array.from(weights)),
  });
  return { loss: found.loss!.exact[0]!, gradient: found.gradient!.exact };
}
const sumOf = (gradients: readonly Float64Array[]) =>
  gradients[0]!.map((_, i) => gradients.reduce((sum, gradient) => sum + gradient[i]!, 0));

describe('SFT', () => {
  it('learns its demonstrations by heart', async () => {
    const { steps, final } = await runSft();
    expect(steps.length).toBe(120);
    expect(steps[0]!.metrics.loss).toBeGreaterThan(0.8 * Math.log(model.vocabularySize));
    expect(steps.at(-1)!.metrics.loss).toBeLessThan(0.1);
    for (const { promptTokens, completionTokens } of DEMONSTRATIONS) {
      const { logprobs } = await score(engine, model, final.theta, [[...promptTokens, ...completionTokens]]);
      for (const logprob of logprobs[0]!.slice(promptTokens.length - 1)) expect(Math.exp(logprob)).toBeGreaterThan(0.8);
    }
  });

  it('reports the mean −log p of the answer tokens of its batch, each counting alike', async () => {
    const drawn: Sequence[] = [];
    const demonstration = (random: Random) => {
      drawn.push(random.pick(DEMONSTRATIONS));
      return drawn.at(-1)!;
    };
    const { steps } = await runSft({ stopAfter: 1, demonstration });
    let [sum, count] = [0, 0];
    for (const { promptTokens, completionTokens } of drawn) {
      const { logprobs } = await score(engine, model, START, [[...promptTokens, ...completionTokens]]);
      for (const logprob of logprobs[0]!.slice(promptTokens.length - 1)) [sum, count] = [sum - logprob, count + 1];
    }
    expect(drawn.length).toBe(SFT.demonstrationsPerUpdate);
    expect(new Set(drawn).size).toBeGreaterThan(1);
    expect(steps[0]!.metrics.loss).toBeCloseTo(sum / count, 5);
  });

  it('learns the answer, not the prompt: the gradient is that of the answer’s log-probability alone', () => {
    const [demonstration] = DEMONSTRATIONS;
    const packed = packSequences([demonstration!], 1, 8, model.padTokenId);
    const masked = gradientOf(packed.tokens, packed.completionMask, 1);
    const byHand = gradientOf([0, 2, 3, 7, 8, 9, 5], [0, 0, 1, 1, 1, 1], 1); // unpadded, positions counted on fingers
    expect(masked.loss).toBeCloseTo(byHand.loss, 10);
    expectAllclose(masked.gradient, byHand.gradient, 1e-10);
    const all = gradientOf([0, 2, 3, 7, 8, 9, 5], [1, 1, 1, 1, 1, 1], 1);
    expect(Math.abs(all.loss - byHand.loss)).toBeGreaterThan(0.1);
  });

  it('learns the turns of a dialogue that count; what stands between is read and not learned', async () => {
    const dialogue = { promptTokens: [0, 3], completionTokens: [6, 5, 2, 4, 9, 5], completionMask: [true, true, false, false, true, true] };
    const theta = livelyTheta(model);
    const one = { from: { theta }, stopAfter: 1, demonstrationsPerUpdate: 1, demonstration: () => dialogue };
    const { steps } = await runSft(one);
    const byHand = gradientOf([0, 3, 6, 5, 2, 4, 9, 5], [0, 0.25, 0.25, 0, 0, 0.25, 0.25], 1); // positions counted on fingers
    expect(steps[0]!.metrics.loss).toBeCloseTo(byHand.loss, 5);
    expect(steps[0]!.metrics.grad_norm).toBeCloseTo(Math.hypot(...byHand.gradient), 4);
    const cut = await runSft({ ...one, maxTokens: 6 }); // in the middle of the last turn
    expect(cut.steps[0]!.metrics.loss).toBeCloseTo(gradientOf([0, 3, 6, 5, 2, 4, 9], [0, 1 / 3, 1 / 3, 0, 0, 1 / 3], 1).loss, 5);
  });

  it('passes over a demonstration that is cut before anything counts', async () => {
    const silent = { promptTokens: [0, 3], completionTokens: [6, 5, 2], completionMask: [false, false, true] };
    const firstOf = async (...queue: Sequence[]) => {
      const sizes = { demonstrationsPerUpdate: queue.length, maxTokens: 3, stopAfter: 1 };
      return (await runSft({ ...sizes, demonstration: () => queue.shift()! })).final;
    };
    expect(await firstOf(silent, DEMONSTRATIONS[1]!)).toEqual(await firstOf(DEMONSTRATIONS[1]!));
  });

  it('shares its loss between demonstrations and rehearsed documents as the settings say', async () => {
    const document = () => ({ promptTokens: [0], completionTokens: [2, 3, 2, 3, 2] });
    const firstLoss = async (documentWeight: number) => {
      const { steps } = await runSft({ numDocuments: 2, documentWeight, document, stopAfter: 1 });
      return steps[0]!.metrics.loss;
    };
    const [none, some, all] = [await firstLoss(0), await firstLoss(0.3), await firstLoss(1)];
    expect(Math.abs(none - all)).toBeGreaterThan(1e-3);
    expect(some).toBeCloseTo(0.7 * none + 0.3 * all, 4);
    expect((await runSft({ stopAfter: 1 })).steps[0]!.metrics.loss).toBeCloseTo(none, 4);
  });

  it('padded to any length has the gradient of the unpadded', () => {
    const [{ promptTokens, completionTokens }] = [DEMONSTRATIONS[1]!];
    const at = (length: number, pad: number) => {
      const packed = packSequences([{ promptTokens, completionTokens }], 1, length, pad);
      return gradientOf(packed.tokens, packed.completionMask, 1);
    };
    const exact = at(promptTokens.length + completionTokens.length - 1, 1);
    for (const [length, pad] of [
      [8, 1],
      [12, 1],
      [8, 7],
    ] as const) {
      expect(at(length, pad).loss).toBeCloseTo(exact.loss, 10);
      expectAllclose(at(length, pad).gradient, exact.gradient, 1e-10, `padded with ${pad} to ${length}`);
    }
  });

  it('draws for step s what it would draw whatever was trained before', async () => {
    const drawnAt = async (from: number) => {
      const drawn: Sequence[] = [];
      const demonstration = (random: Random) => (drawn.push(random.pick(DEMONSTRATIONS)), drawn.at(-1)!);
      await runSft({ from: { theta: START, step: from }, stopAfter: 8 - from, demonstration });
      return drawn.slice(-4);
    };
    expect(await drawnAt(7)).toEqual(await drawnAt(0));
    expect(await drawnAt(7)).toEqual(await drawnAt(5));
  });

  it('killed after ten steps and continued is the run never killed, to the last bit; another seed is another run', async () => {
    const [whole, start] = [await runSft({ stopAfter: 25 }), await runSft({ stopAfter: 10 })];
    const rest = await runSft({ from: start.final, stopAfter: 15 });
    expect([...start.steps, ...rest.steps]).toEqual(whole.steps);
    expect(rest.final).toEqual(whole.final);
    expect((await runSft({ stopAfter: 3, seed: 2 })).steps).not.toEqual(whole.steps.slice(0, 3));
  });
});

it.each(['pretraining', 'SFT'])('%s draws other data at every step', async (stage) => {
  const draws: number[] = [];
  const note = (random: Random) => (draws.push(random.uniform()), [2, 3]);
  const state = new TrainingState(engine, { theta: START });
  const options = { engine, model, state, seed: 1 };
  const demonstration = (random: Random) => ({ promptTokens: [0], completionTokens: note(random) });
  if (stage === 'SFT') await follow(state, trainSft({ ...options, settings: () => SFT, firstUpdate: 0, demonstration }), 30);
  else await follow(state, pretrain({ ...options, config: PRETRAIN, document: note }), 30);
  expect(draws.length).toBeGreaterThanOrEqual(30 * SFT.demonstrationsPerUpdate);
  expect(new Set(draws).size).toBe(draws.length);
});

describe('a batch', () => {
  const rows = [
    [0, 2, 3, 7, 8],
    [0, 4, 5, 5, 9],
    [0, 10, 2, 2, 6],
    [3, 3, 4, 1, 1],
  ];
  const weights = [
    [0, 0.1, 0.1, 0.1],
    [0, 0, 0.1, 0.1],
    [0.2, 0.1, 0.1, 0.05],
    [0.05, 0, 0, 0],
  ];

  it('has the gradient that its rows have together, one at a time or two at a time', () => {
    const whole = gradientOf(rows.flat(), weights.flat(), 4);
    const ones = rows.map((row, i) => gradientOf(row, weights[i]!, 1));
    const twos = [0, 2].map((i) => gradientOf(rows.slice(i, i + 2).flat(), weights.slice(i, i + 2).flat(), 2));
    for (const parts of [ones, twos]) {
      expect(parts.reduce((sum, { loss }) => sum + loss, 0)).toBeCloseTo(whole.loss, 10);
      expectAllclose(sumOf(parts.map(({ gradient }) => gradient)), whole.gradient, 1e-10);
    }
  });

  it('of one row eight times is the row once, eight times as heavy', () => {
    const eight = gradientOf(
      Array.from({ length: 8 }, () => rows[2]!).flat(),
      Array.from({ length: 8 }, () => weights[2]!.map((w) => w / 8)).flat(),
      8,
    );
    const one = gradientOf(rows[2]!, weights[2]!, 1);
    expect(eight.loss).toBeCloseTo(one.loss, 7);
    expectAllclose(eight.gradient, one.gradient, 1e-7);
  });
});

describe('pretraining', () => {
  it('learns its documents down to the little that remains unknown', async () => {
    const { steps, final } = await runPretrain();
    expect(steps[0]!.loss).toBeGreaterThan(0.8 * Math.log(model.vocabularySize));
    // Only which document comes next is unknown: ln 3 nats a document of 4 tokens on average, the document token included.
    expect(steps.at(-1)!.loss).toBeLessThan(0.5);
    const { logprobs } = await score(engine, model, final.theta, [[0, 3, 4, 5, 6, 0]]);
    for (const logprob of logprobs[0]!.slice(1)) expect(Math.exp(logprob)).toBeGreaterThan(0.8);
  });

  it('killed after ten steps and continued is the run never killed, to the last bit', async () => {
    const [whole, start] = [await runPretrain(undefined, 25), await runPretrain(undefined, 10)];
    const rest = await runPretrain(start.final, 15);
    expect([...start.steps, ...rest.steps]).toEqual(whole.steps);
    expect(rest.final).toEqual(whole.final);
  });
});

describe('rows of documents', () => {
  it('start with the document token, and are documents joined by it, cut at the width', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 12 }), fc.nat(), (batch, width, seed) => {
        const documents: number[][] = [];
        const document = (random: Random) => {
          documents.push(random.pick(DOCUMENTS));
          return documents.at(-1)!;
        };
        const tokens = documentRows(new Random(seed), batch, width, 0, document);
        expect(tokens.length).toBe(batch * width);
        let next = 0;
        for (let row = 0; row < batch; row++) {
          const expected: number[] = [];
          while (expected.length < width) expected.push(0, ...documents[next++]!);
          expect([...tokens.subarray(row * width, (row + 1) * width)]).toEqual(expected.slice(0, width));
        }
        expect(next).toBe(documents.length);
      }),
      { seed: 2 },
    );
  });

  it('end even when documents are empty', () => {
    expect([...documentRows(new Random(1), 1, 3, 0, () => [])]).toEqual([0, 0, 0]);
  });
});

describe('warm-up and cosine', () => {
  it('rises in a line to 1 at the end of the warm-up, and falls to a tenth at the end of the run', () => {
    expect(warmupCosine(1, 100, 10)).toBeCloseTo(0.1, 12);
    expect(warmupCosine(5, 100, 10)).toBeCloseTo(0.5, 12);
    expect(warmupCosine(10, 100, 10)).toBe(1);
    expect(warmupCosine(55, 100, 10)).toBeCloseTo(0.55, 12);
    expect(warmupCosine(100, 100, 10)).toBeCloseTo(0.1, 12);
    expect(warmupCosine(150, 100, 10)).toBeCloseTo(0.1, 12);
  });

  it('is never 0 nor above 1, and only falls after the peak, whatever the lengths', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 0, max: 300 }), (numSteps, numWarmupSteps) => {
        let before = 1;
        for (let step = 1; step <= numSteps; step++) {
          const rate = warmupCosine(step, numSteps, numWarmupSteps);
          expect(rate).toBeGreaterThan(0);
          expect(rate).toBeLessThanOrEqual(1);
          if (step > numWarmupSteps) expect(rate).toBeLessThanOrEqual(before);
          if (step >= numWarmupSteps) before = rate;
        }
      }),
      { seed: 4, numRuns: 40 },
    );
  });

  it('is what a run uses: the first step moves no weight by more than its learning rate', async () => {
    const { final } = await runSft({ stopAfter: 1, weightDecay: 0 });
    const moves = final.theta.map((number, i) => Math.abs(number - START[i]!));
    expect(Math.max(...moves)).toBeCloseTo(0.02 / 5, 5); // Adam's first step is its learning rate, here a fifth of the peak
  });
});
