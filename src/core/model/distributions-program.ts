/**
 * @file What a model thinks comes next, whole: log p of every token of the vocabulary after given places of one sequence.
 *
 * Large (M · V numbers), so it is for looking at single answers: how far two models disagree, token by token.
 */
import { Graph } from '../graph/graph';
import { gather, matmul, reduceLogSumExp, sub } from '../graph/ops';
import type { ModelConfig } from './config';
import { decodeSequence, oneSequencePerRow, outputEmbedding, unpackParameters } from './decoder';
import { parameterLayout } from './parameters';

/**
 * Inputs `theta [N]`, `tokens int32 [1, T]`, `rows int32 [M]` (places to look after). Output `logprobs [M, V]`, nats, temperature 1.
 */
export function distributionsProgram(config: ModelConfig, length: number, numRows: number): Graph {
  const graph = new Graph(null, `distributions ${length}`);
  const parameters = unpackParameters(config, graph.input('theta', [parameterLayout(config).numParameters]));
  const tokens = graph.input('tokens', [1, length], 'int32');
  const { hidden } = decodeSequence(config, parameters, tokens, oneSequencePerRow(graph, 1, length)); // [T, D]
  const chosen = gather(hidden, graph.input('rows', [numRows], 'int32')); // [M, D]
  const logits = matmul(chosen, outputEmbedding(config, parameters), { transposeB: true }); // [M, V]
  graph.output('logprobs', sub(logits, reduceLogSumExp(logits, [1], true)));
  return graph;
}
