/**
 * @file A whole small model on an engine: training and sampled texts, against the interpreter or another engine.
 */
import { GRPO_DEFAULTS, trainGrpo } from '../algorithms/grpo';
import { crossEntropy } from '../algorithms/objectives';
import { scalarTensor, type Engine } from '../graph/engine';
import { Interpreter } from '../graph/interpreter';
import { ADAMW_DEFAULTS, adamWFeeds } from '../model/adamw';
import type { ModelConfig } from '../model/config';
import { initialTheta, parameterLayout } from '../model/parameters';
import { trainProgram } from '../model/programs';
import { TrainingState } from '../model/training-state';
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
const PROMPTS = [[0, 7, 9], [0], [0, 3, 40, 22, 8]];
const MAX_PROMPT_TOKENS = 5;
const LEARNING_RATE = 1e-3;

/** Matrices five times as large as at the start of training, so that the model has opinions. */
function livelyTheta(): Float32Array {
  const { numDecayed } = parameterLayout(MODEL);
  return initialTheta(MODEL, new Random('self-test')).map((number, i) => (i < numDecayed ? 5 * number : number));
}

/** What training led to. */
interface Trained {
  readonly losses: readonly number[];
  readonly gradNorms: readonly number[];
  readonly state: TrainingState;
}

/** Cross-entropy on one random batch, a few times. */
async function trainLanguage(engine: Engine, numSteps: number): Promise<Trained> {
  const [batch, length] = [2, 8];
  const graph = trainProgram(MODEL, { batch, length }, ADAMW_DEFAULTS, crossEntropy, { temperature: true });
  const random = new Random('self-test tokens');
  const numTokens = batch * (length + 1);
  const feeds = {
    tokens: { dims: [batch, length + 1], data: Int32Array.from({ length: numTokens }, () => random.integer(MODEL.vocabularySize)) },
    weights: { dims: [batch, length], data: new Float32Array(batch * length).fill(1 / (batch * length)) },
    inverse_temperature: scalarTensor(0.8),
  };
  const state = new TrainingState(engine, { theta: livelyTheta() });
  const program = await engine.compile(graph);
  try {
    const [losses, gradNorms]: [number[], number[]] = [[], []];
    for (let step = 1; step <= numSteps; step++) {
      const results = await program.run({ ...feeds, ...state.feeds(), ...adamWFeeds(ADAMW_DEFAULTS, LEARNING_RATE, step) });
      const { loss, gradNorm } = await state.advance(results);
      losses.push(loss);
      gradNorms.push(gradNorm);
    }
    return { losses, gradNorms, state };
  } finally {
    await program.release();
  }
}

/** GRPO as the page does it, rewarded for even tokens. */
async function trainByReward(engine: Engine, numUpdates: number): Promise<Trained> {
  const theta = livelyTheta();
  const state = new TrainingState(engine, { theta });
  const settings = { ...GRPO_DEFAULTS, numUpdates, promptsPerUpdate: 2, groupSize: 3, maxCompletionTokens: 8, learningRate: LEARNING_RATE };
  const evenness = ({ completionTokens }: Rollout) => completionTokens.filter((token) => token % 2 === 0).length;
  const steps = trainGrpo({
    engine,
    model: MODEL,
    state,
    reference: { dims: [theta.length], data: theta },
    settings: () => settings,
    firstUpdate: 0,
    seed: 1,
    maxPromptTokens: MAX_PROMPT_TOKENS,
    samplePrompt: (random) => ({ promptTokens: PROMPTS[random.integer(PROMPTS.length)]! }),
    reward: (_prompts, rollouts) => Promise.resolve(rollouts.map(evenness)),
  });
  const [losses, gradNorms]: [number[], number[]] = [[], []];
  for await (const { metrics } of steps) {
    losses.push(metrics.loss);
    gradNorms.push(metrics.grad_norm);
  }
  return { losses, gradNorms, state };
}

type Training = (engine: Engine, numSteps: number) => Promise<Trained>;

/** Losses of reinforcement learning are differences that nearly cancel: they count as at least this large. */
const SMALLEST_LOSS = 0.1;

/** Sums of thousands of float32 numbers; the first moment is the gradient, element by element. */
async function compareTraining(training: Training, engine: Engine, other: Engine, numSteps: number): Promise<Finding> {
  const [found, expected] = [await training(engine, numSteps), await training(other, numSteps)];
  const [numbers, wanted] = [await found.state.snapshot(), await expected.state.snapshot()];
  [found, expected].forEach(({ state }) => state.dispose());
  return judge([
    { what: 'loss', error: relativeError(found.losses, expected.losses, SMALLEST_LOSS), allowed: 1e-4 },
    { what: 'gradient norm', error: relativeError(found.gradNorms, expected.gradNorms), allowed: 1e-3 },
    { what: 'gradient', error: relativeError(numbers.m, wanted.m), allowed: 1e-3 },
    { what: 'weights', error: relativeError(numbers.theta, wanted.theta), allowed: 1e-3 },
  ]);
}

/** Texts of up to 15 tokens. */
async function sample(engine: Engine, temperature: number): Promise<Rollout[]> {
  const shape = { batch: PROMPTS.length, maxPromptTokens: MAX_PROMPT_TOKENS, maxCompletionTokens: 15 };
  const sampler = await RolloutSampler.create(engine, MODEL, shape);
  const theta = engine.upload({ dims: [parameterLayout(MODEL).numParameters], data: livelyTheta() });
  try {
    return await sampler.sample({
      theta,
      prompts: PROMPTS,
      randoms: PROMPTS.map((_, row) => new Random(`self-test ${row}`)),
      temperature,
      maxCompletionTokens: shape.maxCompletionTokens,
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
    { what: 'log-probabilities', error: relativeError(logprobs(found), logprobs(expected)), allowed: 1e-3 },
  ]);
  return { passed: passed && numSame === numTokens, detail: `${numSame} of ${numTokens} tokens the same, ${detail}` };
}

/** Texts in half precision: the same tokens, nearly always, and of those nearly the same log-probabilities. */
async function compareHalf(half: Engine, engine: Engine, temperature: number): Promise<Finding> {
  const [found, expected] = [await sample(half, temperature), await sample(engine, temperature)];
  let [numSame, numTokens, gap] = [0, 0, 0];
  expected.forEach(({ completionTokens, samplingLogprobs }, row) => {
    const parted = completionTokens.findIndex((token, t) => token !== found[row]!.completionTokens[t]);
    const same = parted < 0 ? completionTokens.length : parted; // behind the first other token, all is another text
    numSame += same;
    numTokens += completionTokens.length;
    for (let t = 0; t < same; t++) gap = Math.max(gap, Math.abs(found[row]!.samplingLogprobs[t]! - samplingLogprobs[t]!));
  });
  const { passed, detail } = judge([{ what: 'log-probabilities', error: gap, allowed: 0.05 }]);
  return { passed: passed && numSame >= numTokens / 2, detail: `${numSame} of ${numTokens} tokens before texts part, ${detail} nats` };
}

/** Half precision against float32 on the same device. */
export function halfChecks(half: Engine, engine: Engine): Check[] {
  const group = 'float16';
  return [
    { group, name: 'Text, the likeliest token each time', run: () => compareHalf(half, engine, 0) },
    { group, name: 'Text, drawn at random', run: () => compareHalf(half, engine, 1) },
  ];
}

/** A small model trained and sampled from, compared with `other`. */
function comparisons(group: string, engine: Engine, other: Engine, numSteps: number): Check[] {
  const [step, update] = numSteps === 1 ? ['A training step', 'An update'] : [`${numSteps} training steps`, `${numSteps} updates`];
  return [
    { group, name: `${step} on text`, run: () => compareTraining(trainLanguage, engine, other, numSteps) },
    { group, name: `${update} by reward`, run: () => compareTraining(trainByReward, engine, other, numSteps) },
    { group, name: 'Text, the likeliest token each time', run: () => compareSamples(engine, other, 0) },
    { group, name: 'Text, drawn at random', run: () => compareSamples(engine, other, 1) },
  ];
}

/** A small model on `engine` against plain arithmetic, and against another engine where there is one. */
export function modelChecks(engine: Engine, other: Engine | null): Check[] {
  const alone = comparisons('A small model', engine, new Interpreter(), 1);
  return other ? [...alone, ...comparisons(`${engine.name} and ${other.name} agree`, engine, other, 3)] : alone;
}
