/**
 * @file Ours, on any engine: the same code measures wasm and WebGPU in a worker and onnxruntime-node in Node.
 *
 * Everything of the engine that the benchmark touches is called here and nowhere else.
 */
import { GRPO_DEFAULTS, trainGrpo, type GrpoStep } from '../../src/core/algorithms/grpo';
import type { PolicyPrompt } from '../../src/core/algorithms/step';
import { crossEntropy } from '../../src/core/algorithms/objectives';
import type { Engine, EngineTensor, Program } from '../../src/core/graph/engine';
import { sizeOf } from '../../src/core/graph/graph';
import { adamWFeeds, type AdamWConfig } from '../../src/core/model/adamw';
import type { ModelConfig } from '../../src/core/model/config';
import { Generator } from '../../src/core/model/generator';
import { trainProgram, type BatchShape } from '../../src/core/model/programs';
import { TrainingState } from '../../src/core/model/training-state';
import { Random } from '../../src/core/random';
import { RolloutSampler } from '../../src/core/rl/rollout';
import { OPTIMISER, timed, type RolloutTiming, type StepTiming, type TrainTask } from './contender';
import { productGraph, productsOf } from './flops';
import { RL_UPDATE } from './plan';
import { quantile } from './statistics';

const { learningRate, ...ADAMW } = OPTIMISER;

/** The graph of a training step as all contenders do it. */
export const stepGraph = (config: ModelConfig, shape: BatchShape) => trainProgram(config, shape, ADAMW satisfies AdamWConfig, crossEntropy);

/** Training steps on one batch. */
export class OurTraining {
  #program: Program | null = null;
  readonly #state: TrainingState;

  constructor(
    readonly engine: Engine,
    readonly task: Pick<TrainTask, 'config' | 'theta' | 'tokens' | 'batch' | 'length'>,
  ) {
    this.#state = new TrainingState(engine, { theta: task.theta });
  }

  /** One optimiser step; the first compiles. */
  async step(): Promise<StepTiming> {
    const { config, tokens, batch, length } = this.task;
    const { ms, result } = await timed(async () => {
      this.#program ??= await this.engine.compile(stepGraph(config, { batch, length }));
      const results = await this.#program.run({
        ...this.#state.feeds(),
        ...adamWFeeds(ADAMW, learningRate, this.#state.step + 1),
        tokens: { dims: [batch, length + 1], data: tokens },
        weights: { dims: [batch, length], data: new Float32Array(batch * length).fill(1 / (batch * length)) },
      });
      return this.#state.advance(results);
    });
    return { ms, loss: result.loss };
  }

  async release(): Promise<void> {
    this.#state.dispose();
    await this.#program?.release();
  }
}

/** Rollouts and single answers of one model. */
export class OurGeneration {
  readonly #samplers = new Map<number, RolloutSampler>();
  readonly #theta: EngineTensor;
  #generator: Generator | null = null;

  constructor(
    readonly engine: Engine,
    readonly config: ModelConfig,
    theta: Float32Array,
  ) {
    this.#theta = engine.upload({ dims: [theta.length], data: theta });
  }

  /** Milliseconds to the first token that follows a prompt, as the page generates: with 8 alternatives, in chunks of 8. */
  async firstToken(prompt: readonly number[]): Promise<number> {
    const start = performance.now();
    this.#generator ??= await Generator.create(this.engine, this.config, { chunk: 8, numAlternatives: 8 });
    const request = { theta: this.#theta, promptTokens: prompt, random: new Random(1), temperature: 0, maxTokens: 1 };
    for await (const drawn of this.#generator.generate(request)) if (drawn.length > 0) break;
    return performance.now() - start;
  }

  /** Greedy rows of `numTokens`, from a start token each. */
  async rollout(starts: readonly number[], numTokens: number): Promise<RolloutTiming> {
    const { ms, result } = await timed(async () => {
      let sampler = this.#samplers.get(starts.length);
      if (!sampler) {
        // An end token that is never drawn: every row goes on to the end.
        const endless = { ...this.config, eosTokenIds: [this.config.vocabularySize] };
        const shape = { batch: starts.length, maxPromptTokens: 1, maxCompletionTokens: numTokens };
        sampler = await RolloutSampler.create(this.engine, endless, shape);
        this.#samplers.set(starts.length, sampler);
      }
      return sampler.sample({
        theta: this.#theta,
        prompts: starts.map((token) => [token]),
        randoms: starts.map((_, row) => new Random(row)),
        temperature: 0,
        maxCompletionTokens: numTokens,
      });
    });
    return { ms, tokens: result.map((rollout) => rollout.completionTokens) };
  }

  async release(): Promise<void> {
    this.#theta.dispose();
    await this.#generator?.release();
    for (const sampler of this.#samplers.values()) await sampler.release();
  }
}

/** GRPO updates of 32 answers, the prompts given; the reward is how near an answer comes to 24 tokens. */
export class OurReinforcement {
  readonly #run: AsyncGenerator<GrpoStep<PolicyPrompt>>;
  readonly #state: TrainingState;
  readonly #reference: EngineTensor;

  constructor(engine: Engine, model: ModelConfig, theta: Float32Array, prompts: readonly (readonly number[])[]) {
    this.#state = new TrainingState(engine, { theta });
    this.#reference = engine.upload({ dims: [theta.length], data: theta });
    this.#run = trainGrpo({
      engine,
      model,
      state: this.#state,
      reference: this.#reference,
      settings: () => ({ ...GRPO_DEFAULTS, ...RL_UPDATE, numUpdates: Number.MAX_SAFE_INTEGER }),
      firstUpdate: 0,
      seed: 1,
      maxPromptTokens: Math.max(...prompts.map((prompt) => prompt.length)),
      samplePrompt: (random) => ({ promptTokens: random.pick(prompts) }),
      reward: (_, rollouts) => Promise.resolve(rollouts.map(({ completionTokens }) => -Math.abs(completionTokens.length - 24))),
    });
  }

  /** One update: rollout, rewards, reference scores, gradient step. The first compiles. Also the tokens it drew. */
  async update(): Promise<{ ms: number; numTokens: number }> {
    const { ms, result } = await timed(() => this.#run.next());
    const rollouts = result.done ? [] : result.value.rollouts;
    return { ms, numTokens: rollouts.reduce((sum, { completionTokens }) => sum + completionTokens.length, 0) };
  }

  async release(): Promise<void> {
    await this.#run.return(undefined);
    this.#state.dispose();
    this.#reference.dispose();
  }
}

/** How many products one timing does: the difference to a single one leaves out what a run costs by itself. */
const NUM_COPIES = 5;

/** The matrix products of a training step alone, in the same engine: what no step can be faster than. */
export class OurProducts {
  readonly #parts: { count: number; one: Program; many: Program; feeds: Record<string, EngineTensor>; differences: number[] }[] = [];

  constructor(readonly engine: Engine) {}

  /** Compiles every shape of product that the step has. */
  async prepare(config: ModelConfig, shape: BatchShape): Promise<void> {
    const upload = (dims: readonly number[]) => this.engine.upload({ dims, data: new Float32Array(sizeOf(dims)).fill(0.5) });
    for (const product of productsOf(stepGraph(config, shape))) {
      const feeds: Record<string, EngineTensor> = { a: upload(product.aDims) };
      for (let i = 0; i < NUM_COPIES; i++) feeds[`b${i}`] = upload(product.bDims);
      const one = await this.engine.compile(productGraph(product, 1));
      const many = await this.engine.compile(productGraph(product, NUM_COPIES));
      this.#parts.push({ count: product.count, one, many, feeds, differences: [] });
    }
    await this.measure();
    for (const { differences } of this.#parts) differences.length = 0; // that was to warm up
  }

  /** Measures each shape once more. */
  async measure(): Promise<void> {
    for (const { one, many, feeds, differences } of this.#parts) {
      const run = async (program: Program) => {
        const { ms, result } = await timed(async () => {
          const { corners } = await program.run(feeds);
          await corners!.read();
          return corners!;
        });
        result.dispose();
        return ms;
      };
      const oneMs = await run(one);
      differences.push((await run(many)) - oneMs);
    }
  }

  /** Milliseconds that all products of one step take, by the medians of what was measured. */
  totalMs(): number {
    const msOf = (differences: readonly number[]) => quantile(differences, 0.5) / (NUM_COPIES - 1);
    return this.#parts.reduce((sum, { count, differences }) => sum + count * msOf(differences), 0);
  }

  async release(): Promise<void> {
    for (const { one, many, feeds } of this.#parts) {
      Object.values(feeds).forEach((tensor) => tensor.dispose());
      await one.release();
      await many.release();
    }
  }
}
