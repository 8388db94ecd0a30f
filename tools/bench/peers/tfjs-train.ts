/**
 * @file The training step in @tensorflow/tfjs, tuned in good faith for its wasm backend.
 *
 * That backend gives a product to XNNPACK only if nothing is transposed and there is one matrix, and multiplies by plain
 * loops otherwise. So products have gradients of their own that transpose first, and batches go matrix by matrix: three
 * times as fast as plain `tf.matMul`. Cross-entropy and the embedding have short gradients of their own too.
 */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import { OPTIMISER, type StepTiming, type TrainTask } from '../contender';
import { fullRotaryTables } from './rotary';

type Product = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

/** A product whose gradient is made of untransposed products of the same kind. */
function withGradient(product: Product): Product {
  const swapped = (x: tf.Tensor) => tf.transpose(x, x.rank === 2 ? [1, 0] : [0, 2, 1]);
  return tf.customGrad((...args) => {
    const [a, b, save] = args as [tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    save([a, b]);
    return {
      value: product(a, b),
      gradFunc: (gradient: tf.Tensor, saved: tf.Tensor[]) => [product(gradient, swapped(saved[1]!)), product(swapped(saved[0]!), gradient)],
    };
  }) as Product;
}

const matMul: Product = (a, b) => tf.matMul(a, b);

/** The matrices `[1, M, K]` of a batch `[P, M, K]`. Slices would do, but each copies the whole batch in the wasm backend. */
function matricesOf(batch: tf.Tensor): tf.Tensor[] {
  const [count, rows, columns] = batch.shape as [number, number, number];
  const data = batch.dataSync<'float32'>();
  const size = rows * columns;
  return Array.from({ length: count }, (_, i) => tf.tensor3d(data.subarray(i * size, (i + 1) * size), [1, rows, columns]));
}

const oneByOne: Product = (a, b) => {
  const [left, right] = [matricesOf(a), matricesOf(b)];
  return tf.concat(
    left.map((matrix, i) => tf.matMul(matrix, right[i]!)),
    0,
  );
};

/** Columns of our fused matrices (query, key, value; gate, up) as matrices of their own: cutting results apart is slow here. */
function partsOf(name: string, { config }: TrainTask): { from: number; to: number }[] | null {
  const { numHeads: H, numKeyValueHeads: G, headSize: K, feedForwardSize: F } = config;
  const bounds = name.endsWith('.qkv') ? [0, H * K, (H + G) * K, (H + 2 * G) * K] : name.endsWith('.gateUp') ? [0, F, 2 * F] : null;
  return bounds && bounds.slice(1).map((to, i) => ({ from: bounds[i]!, to }));
}

/** Trains one model on one batch. The backend is set before. */
export class TfjsTraining {
  readonly #task: TrainTask;
  readonly #variables: { readonly theta: tf.Variable; readonly m: tf.Variable; readonly v: tf.Variable; readonly decayed: boolean }[];
  readonly #byName: ReadonlyMap<string, tf.Variable>;
  readonly #product = withGradient(matMul);
  readonly #batchProduct: Product;
  readonly #embed: (table: tf.Tensor) => tf.Tensor;
  readonly #crossEntropy: (logits: tf.Tensor) => tf.Tensor;
  readonly #tables: { readonly cos: tf.Tensor; readonly sin: tf.Tensor; readonly turn: tf.Tensor; readonly mask: tf.Tensor };
  #numSteps = 0;

  constructor(task: TrainTask) {
    const { entries, theta, config, tokens, batch, length, runtime } = task;
    const { vocabularySize: V, headSize: K } = config;
    this.#task = task;
    this.#batchProduct = withGradient(runtime === 'wasm' ? oneByOne : matMul);
    const variable = (name: string, values: Float32Array, dims: number[], decayed: boolean) => ({
      theta: tf.variable(tf.tensor(values, dims), true, name),
      m: tf.variable(tf.zeros(dims), false),
      v: tf.variable(tf.zeros(dims), false),
      decayed,
    });
    this.#variables = entries.flatMap(({ name, dims, size, offset, decayed }) => {
      const values = theta.subarray(offset, offset + size);
      const parts = partsOf(name, task);
      if (!parts) return [variable(name, values, [...dims], decayed)];
      const [rows, columns] = dims as [number, number];
      return parts.map(({ from, to }, i) => {
        const part = Float32Array.from({ length: rows * (to - from) }, (_, at) => {
          const row = Math.floor(at / (to - from));
          return values[row * columns + from + at - row * (to - from)]!;
        });
        return variable(`${name}.${i}`, part, [rows, to - from], decayed);
      });
    });
    this.#byName = new Map(this.#variables.map((each) => [each.theta.name, each.theta]));

    const column = (from: number) =>
      Int32Array.from({ length: batch * length }, (_, i) => tokens[Math.floor(i / length) * (length + 1) + (i % length) + from]!);
    const inputs = tf.tensor1d(column(0), 'int32');
    const isTarget = tf.cast(tf.oneHot(tf.tensor1d(column(1), 'int32'), V), 'float32'); // [B·T, V]
    this.#embed = tf.customGrad((...args) => ({
      value: tf.gather(args[0] as tf.Tensor, inputs),
      gradFunc: (gradient: tf.Tensor) => tf.scatterND(tf.expandDims(inputs, 1), gradient, [V, config.width]),
    }));
    this.#crossEntropy = tf.customGrad((...args) => {
      const [logits, save] = args as [tf.Tensor, tf.GradSaveFunc];
      const shifted = tf.sub(logits, tf.max(logits, 1, true));
      const exponentials = tf.exp(shifted);
      const sums = tf.sum(exponentials, 1, true); // [B·T, 1]
      save([exponentials, sums]);
      return {
        value: tf.mean(tf.sub(tf.log(sums), tf.sum(tf.mul(shifted, isTarget), 1, true))),
        gradFunc: (gradient: tf.Tensor, saved: tf.Tensor[]) =>
          tf.mul(tf.sub(tf.mul(saved[0]!, tf.reciprocal(saved[1]!)), isTarget), tf.div(gradient, batch * length)),
      };
    });

    const tables = fullRotaryTables(length, config.headSize, config.ropeTheta);
    const turn = new Float32Array(K * K); // x · turn is (−second half, first half) of x
    for (let i = 0; i < K / 2; i++) {
      turn[(i + K / 2) * K + i] = -1;
      turn[i * K + i + K / 2] = 1;
    }
    this.#tables = {
      cos: tf.tensor(tables.cos, [length, K]),
      sin: tf.tensor(tables.sin, [length, K]),
      turn: tf.tensor(turn, [K, K]),
      mask: tf.tensor(
        Float32Array.from({ length: length * length }, (_, i) => (i % length > Math.floor(i / length) ? -1e9 : 0)),
        [length, length],
      ),
    };
  }

  #rmsNorm(x: tf.Tensor, weight: tf.Tensor): tf.Tensor {
    const meanSquare = tf.mean(tf.square(x), -1, true);
    return tf.mul(tf.mul(x, tf.rsqrt(tf.add(meanSquare, this.#task.config.normEpsilon))), weight);
  }

  #loss(): tf.Scalar {
    const { config, batch: B, length: T } = this.#task;
    const { numLayers, numHeads: H, numKeyValueHeads: G, headSize: K } = config;
    const { cos, sin, turn, mask } = this.#tables;
    const R = H / G;
    const weight = (name: string) => this.#byName.get(name)!;
    const rotate = (x: tf.Tensor) => {
      const turned = tf.reshape(this.#product(tf.reshape(x, [-1, K]), turn), x.shape);
      return tf.add(tf.mul(x, cos), tf.mul(turned, sin));
    };
    let x = this.#embed(weight('embedding')); // [B·T, D]
    for (let layer = 0; layer < numLayers; layer++) {
      const of = (name: string) => weight(`layers.${layer}.${name}`);
      const normed = this.#rmsNorm(x, of('attention.norm'));
      const heads = (part: number, count: number) =>
        tf.transpose(tf.reshape(this.#product(normed, of(`attention.qkv.${part}`)), [B, T, count, K]), [0, 2, 1, 3]); // [B, count, T, K]
      const stacked = tf.reshape(rotate(heads(0, H)), [B * G, R * T, K]);
      const turnedKeys = tf.transpose(tf.reshape(rotate(heads(1, G)), [B * G, T, K]), [0, 2, 1]);
      const values = tf.reshape(heads(2, G), [B * G, T, K]);
      const scores = tf.mul(this.#batchProduct(stacked, turnedKeys), 1 / Math.sqrt(K));
      const weights = tf.softmax(tf.add(tf.reshape(scores, [B * H, T, T]), mask));
      const mixed = this.#batchProduct(tf.reshape(weights, [B * G, R * T, T]), values);
      const rows = tf.reshape(tf.transpose(tf.reshape(mixed, [B, H, T, K]), [0, 2, 1, 3]), [B * T, H * K]);
      x = tf.add(x, this.#product(rows, of('attention.output')));
      const normedAgain = this.#rmsNorm(x, of('feedForward.norm'));
      const [gate, up] = [0, 1].map((part) => this.#product(normedAgain, of(`feedForward.gateUp.${part}`))) as [tf.Tensor, tf.Tensor];
      x = tf.add(x, this.#product(tf.mul(tf.mul(gate, tf.sigmoid(gate)), up), of('feedForward.down')));
    }
    const hidden = this.#rmsNorm(x, weight('norm'));
    return this.#crossEntropy(this.#product(hidden, tf.transpose(weight('embedding')))) as tf.Scalar;
  }

  #adamW(gradients: tf.NamedTensorMap): void {
    const { beta1, beta2, epsilon, weightDecay, maxGradNorm, learningRate } = OPTIMISER;
    const squares = Object.values(gradients).map((gradient) => tf.sum(tf.square(gradient)));
    const norm = tf.sqrt(squares.reduce((a, b) => tf.add(a, b))); // addN of so many is wrong on WebGPU
    const shrink = tf.minimum(1, tf.div(maxGradNorm, norm));
    const correction1 = 1 / (1 - beta1 ** this.#numSteps);
    const correction2 = 1 / (1 - beta2 ** this.#numSteps);
    for (const { theta, m, v, decayed } of this.#variables) {
      const gradient = tf.mul(gradients[theta.name]!, shrink);
      m.assign(tf.add(tf.mul(m, beta1), tf.mul(gradient, 1 - beta1)));
      v.assign(tf.add(tf.mul(v, beta2), tf.mul(tf.square(gradient), 1 - beta2)));
      const step = tf.div(tf.mul(m, correction1 * learningRate), tf.add(tf.sqrt(tf.mul(v, correction2)), epsilon));
      theta.assign(tf.sub(decayed ? tf.mul(theta, 1 - learningRate * weightDecay) : theta, step));
    }
  }

  /** One optimiser step. */
  async step(): Promise<StepTiming> {
    const start = performance.now();
    this.#numSteps++;
    const value = tf.tidy(() => {
      const { value, grads } = tf.variableGrads(() => this.#loss());
      this.#adamW(grads);
      return value;
    });
    const loss = (await value.data())[0]!;
    value.dispose();
    return { ms: performance.now() - start, loss };
  }
}
