/**
 * @file The training step in @jax-js/jax: forward, loss, gradients and AdamW in one `jit`, tuned in good faith.
 *
 * Found by trial: parameters as separate arrays (no slices of theta), fused query-key-value and gate-up products as ours,
 * masks by `np.where` on tables made outside, targets by comparison with a range rather than by gathering. jax-js arrays
 * are moved into what uses them; `.ref` keeps one for a further use.
 */
import { defaultDevice, init, jit, nn, numpy as np, valueAndGrad } from '@jax-js/jax';
import { OPTIMISER, type StepTiming, type TrainTask } from '../contender';
import { fullRotaryTables } from './rotary';

/** Arrays by the names of the layout. */
type Arrays = Record<string, np.Array>;

type Step = (theta: Arrays, m: Arrays, v: Arrays, scalars: np.Array) => [np.Array, Arrays, Arrays, Arrays];

const ref = (arrays: Arrays): Arrays => Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, array.ref]));

function rmsNorm(x: np.Array, weight: np.Array, epsilon: number): np.Array {
  const meanSquare = np.square(x.ref).mean(-1, { keepdims: true });
  return x.mul(np.reciprocal(np.sqrt(meanSquare.add(epsilon)))).mul(weight);
}

/** Trains one model on one batch. */
export class JaxTraining {
  readonly #task: TrainTask;
  #step: Step;
  #theta: Arrays;
  #m: Arrays;
  #v: Arrays;
  #numSteps = 0;

  private constructor(task: TrainTask) {
    const { entries, theta, config, tokens, batch, length } = task;
    this.#task = task;
    const arrays = (fill: (size: number, offset: number) => Float32Array): Arrays =>
      Object.fromEntries(
        entries.map(({ name, dims, size, offset }) => [
          name,
          np.array(fill(size, offset) as Float32Array<ArrayBuffer>, { shape: [...dims] }),
        ]),
      );
    this.#theta = arrays((size, offset) => theta.slice(offset, offset + size));
    this.#m = arrays((size) => new Float32Array(size));
    this.#v = arrays((size) => new Float32Array(size));
    const column = (from: number) =>
      Int32Array.from({ length: batch * length }, (_, i) => tokens[Math.floor(i / length) * (length + 1) + (i % length) + from]!);
    const inputs = np.array(column(0), { shape: [batch * length] });
    const targets = np.array(column(1), { shape: [batch * length, 1] });
    const tables = fullRotaryTables(length, config.headSize, config.ropeTheta);
    const table = (data: Float32Array) => np.array(data as Float32Array<ArrayBuffer>, { shape: [length, config.headSize] });
    const [cos, sin] = [table(tables.cos), table(tables.sin)];
    const loss = (weights: Arrays) => this.#loss(weights, inputs.ref, targets.ref, cos, sin);
    const lossAndGradients = valueAndGrad(loss) as (weights: Arrays) => [np.Array, Arrays];
    this.#step = jit((weights: Arrays, m: Arrays, v: Arrays, scalars: np.Array) => {
      const [value, gradients] = lossAndGradients(ref(weights));
      return [value, ...this.#adamW(weights, m, v, gradients, scalars)];
    }) as unknown as Step;
  }

  /** Starts jax-js and uploads the task's numbers. @throws when the device is not there */
  static async create(task: TrainTask): Promise<JaxTraining> {
    const devices = await init(task.runtime);
    if (!devices.includes(task.runtime)) throw new Error(`jax-js has no ${task.runtime} here`);
    defaultDevice(task.runtime);
    return new JaxTraining(task);
  }

  #loss(weights: Arrays, inputs: np.Array, targets: np.Array, cos: np.Array, sin: np.Array): np.Array {
    const { config, batch: B, length: T } = this.#task;
    const { width, numLayers, numHeads: H, numKeyValueHeads: G, headSize: K, feedForwardSize: F, normEpsilon, vocabularySize: V } = config;
    const R = H / G;
    const weight = (name: string) => weights[name]!.ref;
    const rotate = (x: np.Array) => {
      const [first, second] = np.split(x.ref, 2, -1) as [np.Array, np.Array];
      return x.mul(cos.ref).add(np.concatenate([second.neg(), first], -1).mul(sin.ref));
    };
    const seen = np.greaterEqual(np.arange(T).reshape([T, 1]), np.arange(T).reshape([1, T])); // [T, T]
    let x = np.take(weight('embedding'), inputs, 0); // [B·T, D]
    for (let layer = 0; layer < numLayers; layer++) {
      const of = (name: string) => weight(`layers.${layer}.${name}`);
      const heads = np
        .matmul(rmsNorm(x.ref, of('attention.norm'), normEpsilon), of('attention.qkv'))
        .reshape([B, T, H + 2 * G, K])
        .transpose([0, 2, 1, 3]); // [B, H + 2G, T, K]
      const [queries, keys, values] = np.split(heads, [H, H + G], 1) as [np.Array, np.Array, np.Array];
      const scores = np
        .matmul(rotate(queries).reshape([B, G, R * T, K]), rotate(keys).transpose([0, 1, 3, 2]))
        .mul(1 / Math.sqrt(K))
        .reshape([B, G, R, T, T]);
      const mixed = np.matmul(nn.softmax(np.where(seen.ref, scores, -1e9), -1).reshape([B, G, R * T, T]), values);
      const rows = mixed
        .reshape([B, H, T, K])
        .transpose([0, 2, 1, 3])
        .reshape([B * T, width]);
      x = x.add(np.matmul(rows, of('attention.output')));
      const both = np.matmul(rmsNorm(x.ref, of('feedForward.norm'), normEpsilon), of('feedForward.gateUp'));
      const [gate, up] = np.split(both, [F], -1) as [np.Array, np.Array];
      x = x.add(np.matmul(nn.silu(gate).mul(up), of('feedForward.down')));
    }
    seen.dispose();
    const logits = np.matmul(rmsNorm(x, weight('norm'), normEpsilon), weight('embedding').transpose()); // [B·T, V]
    Object.values(weights).forEach((array) => array.dispose());
    const isTarget = np.equal(np.arange(V).reshape([1, V]), targets);
    const chosen = np.where(isTarget, logits.ref, 0).sum(-1);
    return nn.logsumexp(logits, -1).sub(chosen).mean();
  }

  #adamW(theta: Arrays, m: Arrays, v: Arrays, gradients: Arrays, scalars: np.Array): [Arrays, Arrays, Arrays] {
    const { beta1, beta2, epsilon, weightDecay, maxGradNorm, learningRate } = OPTIMISER;
    const names = Object.keys(theta);
    const squares = names.map((name) => np.square(gradients[name]!.ref).sum());
    const norm = np.sqrt(squares.reduce((a, b) => a.add(b)));
    const shrink = np.minimum(1, np.reciprocal(norm).mul(maxGradNorm));
    const [correction1, correction2] = np.split(scalars, 2, 0) as [np.Array, np.Array];
    const next: [Arrays, Arrays, Arrays] = [{}, {}, {}];
    for (const name of names) {
      const gradient = gradients[name]!.mul(shrink.ref);
      const newM = m[name]!.mul(beta1).add(gradient.ref.mul(1 - beta1));
      const newV = v[name]!.mul(beta2).add(np.square(gradient).mul(1 - beta2));
      const step = newM.ref
        .mul(correction1.ref)
        .div(np.sqrt(newV.ref.mul(correction2.ref)).add(epsilon))
        .mul(learningRate);
      const { decayed } = this.#task.entries.find((entry) => entry.name === name)!;
      next[0][name] = (decayed ? theta[name]!.mul(1 - learningRate * weightDecay) : theta[name]!).sub(step);
      next[1][name] = newM;
      next[2][name] = newV;
    }
    [shrink, correction1, correction2].forEach((array) => array.dispose());
    return next;
  }

  /** One optimiser step; the first compiles. */
  async step(): Promise<StepTiming> {
    const start = performance.now();
    this.#numSteps++;
    const { beta1, beta2 } = OPTIMISER;
    const scalars = np.array(new Float32Array([1 / (1 - beta1 ** this.#numSteps), 1 / (1 - beta2 ** this.#numSteps)]));
    const [value, theta, m, v] = this.#step(this.#theta, this.#m, this.#v, scalars);
    [this.#theta, this.#m, this.#v] = [theta, m, v];
    const arrays = [theta, m, v].flatMap((group) => Object.values(group));
    await Promise.all(arrays.map((array) => array.blockUntilReady()));
    const loss = (await value.data())[0]!;
    return { ms: performance.now() - start, loss };
  }
}
