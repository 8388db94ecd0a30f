/** @file One answer streamed to the page, token by token, a few events a second. */
import type { Generator } from '../src/core/model/generator';
import { promptTokens } from '../src/core/model/loaded-model';
import { Random } from '../src/core/random';
import type { GeneratedToken, GenerateEvent, GenerateOutcome, GenerateRequest } from '../src/protocol/generate';
import type { HeldModel } from './held-model';
import { measure } from './world-judge';

/** At most 20 events a second reach the page. */
export const MIN_EVENT_MS = 50;

/** Who hears of the answer, and whether it is still wanted. */
interface Audience {
  readonly listener: (event: GenerateEvent) => void;
  readonly stopped: () => boolean;
}

/** Streams an answer of `model`, whose programs `generator` has. */
export async function streamAnswer(
  request: GenerateRequest,
  model: HeldModel,
  generator: Generator,
  { listener, stopped }: Audience,
): Promise<GenerateOutcome> {
  const startedMs = performance.now();
  const decoder = model.tokenizer.streamDecoder({ skipSpecial: true });
  const name = (id: number) => model.tokenizer.decode([id]);
  let waiting: GeneratedToken[] = [];
  let [text, numTokens, finished, saidMs] = ['', 0, false, -Infinity];
  const say = async () => {
    if (waiting.length === 0) return;
    const tokens = waiting;
    [waiting, saidMs] = [[], performance.now()];
    await listener({ type: 'tokens', tokens });
  };
  const parts = generator.generate({
    theta: model.theta,
    promptTokens: promptTokens(model.tokenizer, model.config.bosTokenId, request.prompt),
    random: new Random(request.seed).split('generate'),
    temperature: request.temperature,
    maxTokens: request.maxTokens,
  });
  for await (const part of parts) {
    if (stopped()) return { type: 'stopped' };
    for (const token of part) {
      numTokens++;
      finished = token.isEnd;
      const added = token.isEnd ? decoder.finish() : decoder.push(token.id);
      text += added;
      const alternatives = token.alternatives.slice(0, request.numAlternatives).map(({ id, logprob }) => ({ text: name(id), logprob }));
      waiting.push({ id: token.id, text: added, logprob: token.logprob, alternatives });
    }
    if (performance.now() - saidMs >= MIN_EVENT_MS) await say();
  }
  text += finished ? '' : decoder.finish();
  await say();
  if (stopped()) return { type: 'stopped' };
  const completion = measure(request.prompt, text, numTokens, finished);
  return { type: 'completed', completion, tokensPerSecond: numTokens / ((performance.now() - startedMs) / 1000) };
}
