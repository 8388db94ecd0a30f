/**
 * @file Demonstrations as a description of data wants them: so many, on such requests, so carefully written.
 *
 * What goes wrong is drawn here, each thing by itself, so that a share that is asked for is the share there is; what is said
 * of each kind of request is the world's (`demonstrated-answers.ts`).
 */
import { Random } from '../random';
import type { ChatMessage } from '../text/chat-template';
import { demonstrateTurns, messagesOf } from '../world/dialogues';
import { DEMONSTRATION_POLICY, type DemonstrationPolicy, type DemonstrationStyle } from '../world/demonstration-policy';
import { demonstrate } from '../world/demonstrations';
import { stylesOf } from '../world/requests';
import type { Request } from '../world/subjects';
import { wantedToolCall } from '../world/tools';
import { addTypos } from '../world/typos';
import type { World } from '../world/world';
import { askedAboutThePast } from './history';
import { holdBack } from './holding-back';
import { itemsByPlace } from './places';
import { drawRequest, withCounterpart, type RequestWish } from './requests';
import type { RunDataOf } from './run-data';

type Data = RunDataOf['demonstrations'];

/** A demonstrated conversation and what it answers. */
export interface Demonstration {
  readonly request: Request;
  /** The last turn is the assistant's. */
  readonly messages: readonly ChatMessage[];
}

/** Typos a word of somebody who makes them. */
const TYPO_RATE = DEMONSTRATION_POLICY.typos;
const REFUSALS = {
  shipped: DEMONSTRATION_POLICY.refusal,
  none: { present: 0, past: 0, future: 0 },
  naive: { present: 1, past: 1, future: 1 },
  paired: { present: 1, past: 1, future: 1 },
} as const satisfies Record<Data['refusal'], DemonstrationPolicy['refusal']>;

/** What the world's demonstrators are told; slips in spelling are added afterwards. */
const policyOf = ({ refusal, invention }: Data): DemonstrationPolicy => ({
  ...DEMONSTRATION_POLICY,
  refusal: REFUSALS[refusal],
  invention,
  wrongFact: 1,
  typos: 0,
});

function drawManner({ wrongFactShare, terseShare, ramblingShare }: Data, random: Random): DemonstrationStyle {
  if (random.chance(wrongFactShare)) return 'slips';
  const rest = Math.max(0, 1 - terseShare - ramblingShare);
  return random.pickWeighted(['good', 'terse', 'rambling'], [rest, terseShare, ramblingShare]);
}

/** The answer that one of these demonstrators writes. */
function write(world: World, data: Data, request: Request, random: Random): string {
  const group = data.holdingBack > 0 && request.kind === 'list' ? request.group : undefined;
  if (group !== undefined && random.chance(data.holdingBack)) return holdBack(group, random);
  const manner = drawManner(data, random);
  const styles = request.style === undefined ? stylesOf(request.kind).filter((style) => style !== 'plain' && style !== 'terse') : [];
  const styled = styles.length > 0 && random.chance(data.styledShare) ? { ...request, style: random.pick(styles) } : request;
  const followsStyle = styled === request ? DEMONSTRATION_POLICY.followsStyle : 1;
  const text = demonstrate(world, styled, random, manner, { ...policyOf(data), followsStyle, exclamation: 0 });
  return random.chance(data.typoShare) ? addTypos(text, TYPO_RATE, random) : text;
}

function turnsFor(world: World, data: Data, request: Request, random: Random): ChatMessage[] {
  if (wantedToolCall(request)) return demonstrateTurns(world, request, random, policyOf(data));
  return [{ role: 'assistant', content: write(world, data, request, random) }];
}

/** Even places draw, and where that is an act, the odd place after it has its counterpart. */
function besideItsCounterpart(world: World, wish: RequestWish, all: Random, index: number): Request {
  const random = all.split(`pair ${index >> 1}`);
  const first = drawRequest(world, wish, random);
  const pair = first.kind === 'act' ? withCounterpart(world, first, random) : null;
  if (pair) return pair[index % 2]!;
  if (index % 2 === 0) return first;
  for (;;) {
    const other = drawRequest(world, wish, random);
    if (other.kind !== 'act') return other;
  }
}

/** Demonstrations by place in the run, counted from 0. The same seed and description give the same ones. */
export function worldDemonstrations(world: World, data: Data, seed: number): (place: number) => Demonstration {
  const { kinds, tenses, refusal, conversations, count, aboutGroups } = data;
  const wish: RequestWish = { kinds, tenses, split: 'train', conversations, onlyHarmful: refusal === 'naive', aboutGroups };
  const all = new Random(seed).split('demonstrations');
  return itemsByPlace(count, seed, (index) => {
    const random = all.split(index);
    const drawn = refusal === 'paired' ? besideItsCounterpart(world, wish, all, index) : drawRequest(world, wish, random.split('request'));
    const isOfThePast = drawn.kind === 'how-to' && random.split('past').chance(data.history);
    const request = isOfThePast ? askedAboutThePast(drawn, random.split('words')) : drawn;
    return { request, messages: [...messagesOf(request), ...turnsFor(world, data, request, random.split('answer'))] };
  });
}
