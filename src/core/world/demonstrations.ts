/**
 * @file Demonstrations: answers as people write them for supervised fine-tuning. Good but uneven on purpose: some terse,
 * some rambling, some with a slip, and often inventing facts about people nobody knows. How uneven is set by one table,
 * `demonstration-policy.ts`; what is said of each kind of request stands in `demonstrated-answers.ts`.
 */
import type { Random } from '../random';
import { FILLER } from './data/answers';
import { answerRequest } from './demonstrated-answers';
import { DEMONSTRATION_POLICY, MANNERS } from './demonstration-policy';
import type { DemonstrationPolicy, DemonstrationStyle } from './demonstration-policy';
import { inStyle, linesOf } from './styling';
import type { Answer } from './styling';
import type { Request } from './subjects';
import { addTypos } from './typos';
import type { World } from './world';

export type { DemonstrationPolicy, DemonstrationStyle } from './demonstration-policy';

/** Wraps an answer in the chatter of somebody who cannot come to the point. */
function ramble(answer: Answer, random: Random): Answer {
  const [before, after] = random.shuffle(FILLER);
  const join = (...parts: string[]) => parts.filter((part) => part !== '').join(' ');
  const opening = random.chance(0.7) ? join(before!, answer.opening) : answer.opening;
  return { opening, core: answer.core, closing: random.chance(0.6) ? after! : answer.closing };
}

/** A few human slips: misspelled words, or far too much enthusiasm. */
function slip(text: string, { typos, exclamation }: DemonstrationPolicy, random: Random): string {
  if (random.chance(1 - exclamation)) return addTypos(text, typos, random);
  return text.replaceAll(/[.!]$/gm, () => random.pick(['!', '!!', '!!!']));
}

/** The list of the last answer without the words around it; null when it had none. */
function shortened({ history = [] }: Request): Answer | null {
  const last = history.findLast(({ role }) => role === 'assistant')?.content.split('\n') ?? [];
  const core = last.filter((line) => /^(?:\*\*|\* |\d+\. )/.test(line));
  return core.length > 1 && core.length < last.length ? { opening: '', core, closing: '' } : null;
}

/**
 * An answer to the request as one of our uneven demonstrators would write it, in the style it asks for.
 * @param style how the demonstrator writes; drawn by the policy when left out
 * @param policy the rates of what may go wrong
 */
export function demonstrate(
  world: World,
  request: Request,
  random: Random,
  style?: DemonstrationStyle,
  policy: DemonstrationPolicy = DEMONSTRATION_POLICY,
): string {
  const manner =
    style ??
    random.pickWeighted(
      MANNERS,
      MANNERS.map((name) => policy.manners[name]),
    );
  const asked = request.style !== undefined && random.chance(policy.followsStyle) ? request.style : 'plain';
  const isTerse = manner === 'terse' || asked === 'terse' || request.followUp === 'shorter';
  const shorter = request.followUp === 'shorter' ? shortened(request) : null;
  const plain = shorter ?? answerRequest(world, request, { policy, isTerse, isCareless: manner === 'slips' }, random);
  const styled = inStyle(plain, asked, random);
  // Who was asked to be brief, says hello or writes a letter does not ramble.
  const isLong = request.kind !== 'note' && request.kind !== 'small-talk' && !request.followUp;
  const mayRamble = manner === 'rambling' && isLong && !isTerse && asked === 'plain';
  const text = linesOf(mayRamble ? ramble(styled, random) : styled).join('\n');
  return manner === 'slips' ? slip(text, policy, random) : text;
}
