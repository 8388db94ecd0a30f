/**
 * @file A whole small model on an engine: training steps and sampled texts, against the interpreter or another engine.
 */
import { clippedPolicyGradient, crossEntropy } from '../algorithms/objectives';
import { scalarTensor, type Engine, type HostTensor } from '../graph/engine';
import { Interpreter } from '../graph/interpreter';
import { ADAMW_DEFAULTS, adamWFeeds } from '../model/adamw';
import type { ModelConfig } from '../model/config';
import { initialTheta, parameterLayout } from '../model/parameters';
import { trainProgram } from '../model/programs';
import { Random } from '../random';
import { RolloutSampler, type Rollout } from '../rl/rollout';
import { judge, type Check, type Finding } from './check';
import { relativeError } from './numbers';

/** About twenty thousand parameters; two query heads to a key head. */
const MODEL: ModelConfig = {
  vocabularySize: 48,
  width: 32,
  numLayers: 2,
  numHeads: 4,
  numKeyValueHeads: 2,
  headSize: 16,
  feedForwardSize: 64,
  maxPositions: 64,
  ropeTheta: 10_000,
  normEpsilon: 1e-5,
  tiedEmbeddings: true,
  numLabels: 0,
  bosTokenId: 0,
  eosTokenIds: [5],
  padTokenId: 1,
};
const [BATCH, LENGTH] = [2, 8];

/** Loss and norm are sums of thousands of float32 numbers; the moments are the gradient, element by element. */
const ALLOWED = { loss: 1e-4, 'gradient norm': 1e-3, gradient: 1e-3, weights: 1e-3 } as const;
const LOGPROB_ALLOWED = 1e-3;

/** Matrices five times as large as at the start of training, so that the model has opinions. */
function livelyTheta(): Float32Array {
  const { numDecayed } = parameterLayout(MODEL);
  return initialTheta(MODEL, new Random('self-test')).map((number, i) => (i < numDecayed ? 5 * number : number));
}

/** Everything that an objective of `trainProgram` may ask for. */
function trainFeeds(): Record<string, HostTensor> {
  const random = new Random('self-test feeds');
  const dims = [BATCH, LENGTH];
  const drawn = (draw: () => number) => ({ dims, data: Float32Array.from({ length: BATCH * LENGTH }, draw) });
  return {
    tokens: {
      dims: [BATCH, LENGTH + 1],
      data: Int32Array.from({ length: BATCH * (LENGTH + 1) }, () => random.integer(MODEL.vocabularySize)),
    },
    weights: drawn(() => 1 / (BATCH * LENGTH)),
    ref_logprobs: drawn(() => -4.4 + random.uniform()),
    old_logprobs: drawn(() => -4.4 + random.uniform()),
    advantages: { dims: [BATCH, 1], data: Float32Array.of(1, -0.7) },
    inverse_temperature: scalarTensor(0.8),
    kl_coef: scalarTensor(0.04),
    clip_range: scalarTensor(0.2),
  };
}

/** What a few training steps led to. */
interface Trained {
  readonly loss: readonly number[];
  readonly 'gradient norm': readonly number[];
  readonly gradient: ArrayLike<number>;
  readonly weights: ArrayLike<number>;
}

async function train(engine: Engine, objective: typeof crossEntropy, numSteps: number): Promise<Trained> {
  const graph = trainProgram(MODEL, { batch: BATCH, length: LENGTH }, ADAMW_DEFAULTS, objective, { temperature: true });
  const program = await engine.compile(graph);
  const theta = livelyTheta();
  const upload = (data: Float32Array) => engine.upload({ dims: [theta.length], data });
  const moment = new Float32Array(theta.length);
  let state = { theta: upload(theta), m: upload(moment), v: upload(moment) };
  try {
    const [loss, gradNorm]: [number[], number[]] = [[], []];
    const feeds = trainFeeds();
    const wanted = Object.fromEntries(Object.entries(feeds).filter(([name]) => graph.inputs.some((input) => input.name === name)));
    for (let step = 1; step <= numSteps; step++) {
      const results = await program.run({ ...wanted, ...state, ...adamWFeeds(ADAMW_DEFAULTS, 1e-3, step) });
      loss.push((await results.loss!.read())[0]!);
      gradNorm.push((await results.grad_norm!.read())[0]!);
      Object.values(state).forEach((tensor) => tensor.dispose());
      state = { theta: results.theta!, m: results.m!, v: results.v! };
    }
    const [weights, gradient] = await engine.readAll([state.theta, state.m]);
    return { loss, 'gradient norm': gradNorm, gradient: gradient!, weights: weights! };
  } finally {
    Object.values(state).forEach((tensor) => tensor.dispose());
    await program.release();
  }
}

async function compareTraining(engine: Engine, other: Engine, objective: typeof crossEntropy, numSteps: number): Promise<Finding> {
  const [found, expected] = [await train(engine, objective, numSteps), await train(other, objective, numSteps)];
  const names = ['loss', 'gradient norm', 'gradient', 'weights'] as const;
  return judge(names.map((what) => ({ what, error: relativeError(found[what], expected[what]), allowed: ALLOWED[what] })));
}

async function sample(engine: Engine, temperature: number): Promise<Rollout[]> {
  const prompts = [[0, 7, 9], [0], [0, 3, 40, 22, 8]];
  const sampler = await RolloutSampler.create(engine, MODEL, { batch: prompts.length, maxPromptTokens: 5, maxCompletionTokens: 15 });
  const theta = engine.upload({ dims: [parameterLayout(MODEL).numParameters], data: livelyTheta() });
  try {
    return await sampler.sample({
      theta,
      prompts,
      randoms: prompts.map((_, row) => new Random(`self-test ${row}`)),
      temperature,
      maxCompletionTokens: 15,
    });
  } finally {
    theta.dispose();
    await sampler.release();
  }
}

async function compareSamples(engine: Engine, other: Engine, temperature: number): Promise<Finding> {
  const [found, expected] = [await sample(engine, temperature), await sample(other, temperature)];
  const tokens = (rollouts: readonly Rollout[]) => rollouts.flatMap(({ completionTokens }) => completionTokens);
  const logprobs = (rollouts: readonly Rollout[]) => rollouts.flatMap(({ samplingLogprobs }) => samplingLogprobs);
  const numTokens = tokens(expected).length;
  const numSame = tokens(expected).filter((token, i) => tokens(found)[i] === token).length;
  const { passed, detail } = judge([
    { what: 'log-probabilities', error: relativeError(logprobs(found), logprobs(expected)), allowed: LOGPROB_ALLOWED },
  ]);
  return { passed: passed && numSame === numTokens, detail: `${numSame} of ${numTokens} tokens the same, ${detail}` };
}

/** A small model trained and sampled from, compared with `other`. */
function comparisons(group: string, engine: Engine, other: Engine, numSteps: number): Check[] {
  const steps = numSteps === 1 ? 'A training step' : `${numSteps} training steps`;
  return [
    { group, name: `${steps}: language`, run: () => compareTraining(engine, other, crossEntropy, numSteps) },
    {
      group,
      name: `${steps}: reinforcement learning`,
      run: () => compareTraining(engine, other, clippedPolicyGradient({ reusesBatch: true }), numSteps),
    },
    { group, name: 'Text, the likeliest token each time', run: () => compareSamples(engine, other, 0) },
    { group, name: 'Text, drawn at random', run: () => compareSamples(engine, other, 1) },
  ];
}

/** A small model on `engine` against plain arithmetic, and against another engine where there is one. */
export function modelChecks(engine: Engine, other: Engine | null): Check[] {
  const alone = comparisons('A small model', engine, new Interpreter(), 1);
  return other ? [...alone, ...comparisons(`${engine.name} and ${other.name} agree`, engine, other, 3)] : alone;
}
