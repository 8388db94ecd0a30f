/**
 * @file `aftertrain generate`: one completion of any Llama model in a folder, streamed, or as JSON with log-probabilities.
 */
import { defineCommand } from 'citty';
import type { Engine } from '../../src/core/graph/engine';
import { Generator } from '../../src/core/model/generator';
import { promptTokens, type LoadedModel } from '../../src/core/model/loaded-model';
import { Random } from '../../src/core/random';
import { createNodeEngine } from '../../src/engine/ort-node';
import { ClearError } from '../ensure-dependencies.mjs';
import { loadLanguageModelFolder } from '../model-folder';
import { MAX_SEED, numberOption } from './options';

/** What to write and how to draw it. */
export interface GenerateOptions {
  /** Ids the model is given. */
  readonly prompt: readonly number[];
  /** 0 is greedy. */
  readonly temperature: number;
  readonly seed: number;
  readonly maxTokens: number;
}

/** A completion, as the JSON output says it. */
export interface GenerateResult {
  readonly text: string;
  /** Ids of the completion, without the token that ended it; their texts, joined, are `text`. */
  readonly tokens: readonly number[];
  /** log p of each token under the model itself (temperature 1), nats. */
  readonly logprobs: readonly number[];
  /** `stop`: the model ended the text. `length`: there was no room for more. */
  readonly finish_reason: 'stop' | 'length';
}

/**
 * The ids of a prompt: in the model's chat format, or plain after its start token.
 * @throws ClearError when the model cannot take it
 */
export function checkedPrompt({ config, tokenizer }: LoadedModel, text: string, chat: boolean): number[] {
  const ids = promptTokens(tokenizer, config.bosTokenId, text, chat);
  if (ids.length === 0) ids.push(config.bosTokenId); // something must be continued
  const longest = config.maxPositions - 1;
  if (ids.length > longest) throw new ClearError(`The prompt has ${ids.length} tokens; this model takes at most ${longest}.`);
  const unknown = ids.find((id) => id >= config.vocabularySize);
  if (unknown !== undefined)
    throw new ClearError(`The prompt needs token ${unknown}, but this model knows only ${config.vocabularySize} tokens.`);
  return ids;
}

/** Generates one completion; `show` gets its text piece by piece. */
export async function generateText(
  engine: Engine,
  { config, tokenizer, theta }: LoadedModel,
  options: GenerateOptions,
  show: (piece: string) => void = () => {},
): Promise<GenerateResult> {
  const generator = await Generator.create(engine, config);
  const uploaded = engine.upload({ dims: [theta.length], data: theta });
  const decoder = tokenizer.streamDecoder({ skipSpecial: true });
  const tokens: number[] = [];
  const logprobs: number[] = [];
  let finished = false;
  const request = { theta: uploaded, promptTokens: options.prompt, random: new Random(options.seed), ...options };
  for await (const chunk of generator.generate(request))
    for (const { id, logprob, isEnd } of chunk) {
      finished = isEnd;
      if (isEnd) continue;
      tokens.push(id);
      logprobs.push(logprob);
      show(decoder.push(id));
    }
  show(decoder.finish());
  uploaded.dispose();
  await generator.release();
  const text = tokenizer.tokenTexts(tokens, { skipSpecial: true }).join('');
  return { text, tokens, logprobs, finish_reason: finished ? 'stop' : 'length' };
}

/** The command. */
export const generateCommand = defineCommand({
  meta: { name: 'generate', description: 'Write one completion of a prompt.' },
  args: {
    model: { type: 'string', required: true, valueHint: 'folder', description: 'a Hugging Face folder of the Llama architecture' },
    prompt: { type: 'string', required: true, valueHint: 'text', description: 'what to answer or to continue' },
    chat: { type: 'boolean', description: "put the prompt into the model's chat template" },
    greedy: { type: 'boolean', description: 'always take the likeliest token' },
    seed: { type: 'string', default: '1', valueHint: 'N', description: 'the same seed draws the same tokens' },
    temperature: { type: 'string', default: '0.8', valueHint: 'X', description: 'how boldly to draw; 0 is greedy' },
    'max-tokens': { type: 'string', default: '96', valueHint: 'N', description: 'longest completion' },
    json: { type: 'boolean', description: 'print {text, tokens, logprobs, finish_reason} instead of the text' },
  },
  async run({ args }) {
    const temperature = numberOption('temperature', args.temperature, { min: 0, max: 100, whole: false });
    const seed = numberOption('seed', args.seed, { min: 0, max: MAX_SEED });
    const maxTokens = numberOption('max-tokens', args['max-tokens'], { min: 1, max: 1e6 });
    const model = loadLanguageModelFolder(args.model);
    const canChat = model.tokenizer.hasChatTemplate;
    const prompt = checkedPrompt(model, args.prompt, args.chat === true && canChat);
    if (args.chat && !canChat) process.stderr.write('This model has no chat template: it continues the prompt as plain text.\n');
    const options = { prompt, temperature: args.greedy ? 0 : temperature, seed, maxTokens };
    const show = args.json ? undefined : (piece: string) => void process.stdout.write(piece);
    const result = await generateText(createNodeEngine(), model, options, show);
    process.stdout.write(args.json ? `${JSON.stringify(result)}\n` : '\n');
  },
});
