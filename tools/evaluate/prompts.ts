/**
 * @file Answers to held-out prompts: every gold judge, together and by kind of request.
 */
import { CheckpointError } from '../../src/core/model/checkpoint-error';
import type { LoadedModel } from '../../src/core/model/loaded-model';
import { bootstrap, meanOf, shareOf, type Figure } from '../../src/core/eval/intervals';
import { Random } from '../../src/core/random';
import { mean } from '../../src/core/rl/advantages';
import { followsFormat, isCorrect, worldWordRate } from '../../src/core/world/judges';
import { sampleConversation } from '../../src/core/world/dialogues';
import { REQUEST_KINDS, sampleRequest } from '../../src/core/world/requests';
import type { Request } from '../../src/core/world/subjects';
import type { World } from '../../src/core/world/world';
import { MAX_PROMPT_TOKENS, promptOf, type Asker, type EvaluationOptions, type JudgedAnswer } from './asker';

/** Figures by name. */
export type Figures = Record<string, Figure>;

/**
 * The first of drawn requests that are short enough for each of the models.
 * @throws CheckpointError when a tokenizer needs too many tokens for nearly every request
 */
export function drawRequests(models: readonly LoadedModel[], count: number, draw: () => Request): Request[] {
  const requests: Request[] = [];
  for (let numDrawn = 0; requests.length < count; numDrawn++) {
    if (numDrawn >= 100 * count) throw new CheckpointError(`The prompts are longer than ${MAX_PROMPT_TOKENS} of this tokenizer's tokens.`);
    const request = draw();
    if (models.every((model) => promptOf(model, request).length <= MAX_PROMPT_TOKENS)) requests.push(request);
  }
  return requests;
}

/** Held-out requests as users ask them, the same for every model with the same tokenizer. */
export function heldOutRequests(world: World, models: readonly LoadedModel[], { numPrompts, seed, kinds }: EvaluationOptions): Request[] {
  const random = new Random(seed).split('held-out');
  return drawRequests(models, numPrompts, () => sampleConversation(world, random, 'heldout', kinds && random.pick(kinds)));
}

/** The judges' figures of some answers; `suffix` says of which. */
function judged(world: World, answers: readonly JudgedAnswer[], suffix: string): Figures {
  return {
    [`gold${suffix}`]: meanOf(answers.map(({ judgement }) => judgement.gold)),
    [`format${suffix}`]: shareOf(answers.map(({ judgement }) => followsFormat(judgement))),
    [`correct${suffix}`]: shareOf(answers.map(({ judgement }) => isCorrect(judgement))),
  };
}

/** Every judge's mean, over the answers it has something to say of. */
function byJudge(answers: readonly JudgedAnswer[]): Figures {
  const numbers = new Map<string, number[]>();
  for (const { judgement } of answers)
    for (const [name, value] of Object.entries(judgement.parts))
      if (typeof value === 'number') numbers.set(name, [...(numbers.get(name) ?? []), value]);
  return Object.fromEntries([...numbers].map(([name, values]) => [`judge/${dashed(name)}`, meanOf(values)]));
}

/** "invented claims" and "onTopic" as the names of figures are written. */
const dashed = (name: string) =>
  name
    .replaceAll(/[ _]+/g, '-')
    .replaceAll(/([a-z])([A-Z])/g, '$1-$2')
    .toLowerCase();

/** Headline figures, and those of each kind from prompts of that kind alone. Returns the headline answers too. */
export async function measurePrompts(asker: Asker): Promise<{ figures: Figures; answers: JudgedAnswer[] }> {
  const { world, model, options } = asker;
  const answers = await asker.answer(heldOutRequests(world, [model], options), 'answers');
  const figures: Figures = {
    ...judged(world, answers, ''),
    'typo-rate': meanOf(answers.map(({ judgement }) => judgement.typoRate)),
    lexicon: meanOf(answers.map(({ text }) => worldWordRate(world, text))),
    length: meanOf(answers.map(({ rollout }) => rollout.completionTokens.length)),
    ...byJudge(answers),
  };
  const random = new Random(options.seed).split('by kind');
  const perKind = Math.ceil(options.numPrompts / 20);
  const requests = REQUEST_KINDS.flatMap((kind) => drawRequests([model], perKind, () => sampleRequest(world, random, 'heldout', kind)));
  const more = await asker.answer(requests, 'answers by kind');
  for (const kind of REQUEST_KINDS) {
    const ofKind = [...answers, ...more].filter(({ request }) => request.kind === kind);
    Object.assign(figures, judged(world, ofKind, `/${kind}`));
  }
  return { figures, answers };
}

/** The difference of two means of independent numbers, with its interval. */
export function gapOf(a: readonly number[], b: readonly number[]): Figure {
  const items = [...a.map((value) => ({ value, side: 0 })), ...b.map((value) => ({ value, side: 1 }))];
  const side = (of: readonly (typeof items)[number][], which: number) =>
    mean(of.filter((item) => item.side === which).map(({ value }) => value));
  return bootstrap(items, (drawn) => side(drawn, 0) - side(drawn, 1));
}
