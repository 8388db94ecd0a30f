/**
 * @file Conversations: a request in a situation (system prompt, style, tools, earlier turns), and whole dialogues with a
 * demonstrated answer for supervised fine-tuning. Three in four are one plain question.
 */
import type { Random } from '../random';
import type { ChatMessage } from '../text/chat-template';
import { ELLIPSES } from './data/follow-ups';
import { PLAIN_SYSTEMS, STYLE_WORDS, TOOL_SYSTEMS } from './data/styles';
import { DEMONSTRATION_POLICY } from './demonstration-policy';
import type { DemonstrationPolicy } from './demonstration-policy';
import { demonstrate } from './demonstrations';
import { followUpPhrasings, followUpsOf } from './follow-ups';
import { Grammar } from './grammar';
import { chooseFrom, drawHoldout, phraseRequest, sampleKind, sampleRequest, sampleSubject, stylesOf, withoutGreeting } from './requests';
import { sumInWords } from './subjects';
import type { Request, RequestKind, Situation, Split } from './subjects';
import { formatToolCall, runTool, wantedToolCall } from './tools';
import type { World } from './world';

const SITUATIONS = ['alone', 'system', 'styled-system', 'tools', 'earlier-subject', 'follow-up'] as const;
const SITUATION_WEIGHTS: readonly number[] = [0.79, 0.04, 0.05, 0.05, 0.03, 0.04];
/** Kinds for which a tool is of use; the others are asked with tools too, so that a model learns to leave them alone. */
const TOOL_KINDS: readonly RequestKind[] = ['arithmetic', 'person', 'unknown-person', 'place'];
const FOLLOWED_KINDS: readonly RequestKind[] = ['person', 'person', 'recipe', 'place', 'how-to', 'list', 'opinion', 'advice'];
const grammar = new Grammar({});

/** The turns before the last question are right. */
const CAREFUL: DemonstrationPolicy = {
  ...DEMONSTRATION_POLICY,
  invention: 0,
  refusal: { present: 1, past: 1, future: 1 },
  followsStyle: 1,
};

/** The turns of a good exchange about a request. */
function exchange(world: World, request: Request, random: Random): ChatMessage[] {
  return [
    { role: 'user', content: request.prompt },
    { role: 'assistant', content: demonstrate(world, request, random, 'good', CAREFUL) },
  ];
}

/** A request after another one; of the same kind it may be asked in few words ("And Otto Berg?"). */
function afterAnother(world: World, random: Random, split: Split, kind: RequestKind): Request {
  const request = sampleRequest(world, random, split, kind);
  const canBeShort = !request.style && (kind === 'recipe' || kind === 'person' || kind === 'unknown-person' || kind === 'place');
  const isShort = canBeShort && random.chance(0.5);
  let earlier: Request;
  do earlier = sampleRequest(world, random, split, isShort ? (kind === 'unknown-person' ? 'person' : kind) : undefined);
  while (earlier.style !== undefined || earlier.entity === request.entity);
  const history = exchange(world, earlier, random);
  // A held-out entity may be asked for in the words of training, and the other way round, as in single turns.
  const prompt = isShort
    ? grammar.expand(chooseFrom(ELLIPSES, split === 'heldout', random), random, { x: request.entity })
    : withoutGreeting(request.prompt);
  return { ...request, prompt, history };
}

/** A follow-up of the last answer, or null when nothing can be asked about the subject. */
function followUp(world: World, random: Random, split: Split, kind: RequestKind): Request | null {
  const held = drawHoldout(kind, split, random);
  const subject = sampleSubject(world, kind, held.entity, random);
  const possible = followUpsOf(world, subject);
  if (possible.length === 0) return null;
  const asked = random.pick(possible);
  const first: Request = { ...subject, prompt: phraseRequest(subject, held.phrasing, random), split };
  const phrasings = followUpPhrasings(asked, subject, random);
  return {
    ...first,
    prompt: chooseFrom(phrasings, split === 'heldout' && (held.phrasing || !held.entity), random),
    history: exchange(world, first, random),
    followUp: asked,
  };
}

/** A request of the split, or of one kind of it, in any situation: alone, under a system prompt, with tools, after other turns. */
export function sampleConversation(world: World, random: Random, split: Split, kind?: RequestKind): Request {
  const situation = random.pickWeighted(SITUATIONS, SITUATION_WEIGHTS);
  const isHeld = split === 'heldout' && random.chance(0.5);
  const plain = (chosen: RequestKind): Request => {
    const { style, ...request } = sampleRequest(world, random, split, chosen);
    return style === undefined ? request : plain(chosen);
  };
  const under = (system: string, extra: Situation = {}, chosen = kind ?? sampleKind(random)): Request => ({
    ...plain(chosen),
    system,
    ...extra,
  });
  switch (situation) {
    case 'alone':
      return sampleRequest(world, random, split, kind);
    case 'system':
      return under(chooseFrom(PLAIN_SYSTEMS, isHeld, random));
    case 'styled-system': {
      const chosen = kind ?? sampleKind(random);
      const styles = stylesOf(chosen);
      if (styles.length === 0) return under(chooseFrom(PLAIN_SYSTEMS, isHeld, random), {}, chosen);
      const style = random.pick(styles);
      return under(chooseFrom(STYLE_WORDS[style].systems, isHeld, random), { style }, chosen);
    }
    case 'tools':
      return under(
        chooseFrom(TOOL_SYSTEMS, isHeld, random),
        { tools: true },
        kind ?? (random.chance(0.8) ? random.pick(TOOL_KINDS) : sampleKind(random)),
      );
    case 'earlier-subject':
      return afterAnother(world, random, split, kind ?? sampleKind(random));
    case 'follow-up': {
      const chosen = kind ?? random.pick(FOLLOWED_KINDS);
      return followUp(world, random, split, chosen) ?? afterAnother(world, random, split, chosen);
    }
  }
}

/** The turns before the answer: system prompt, earlier turns, the prompt. What a chat model is given. */
export function messagesOf(request: Request): ChatMessage[] {
  const system: ChatMessage[] = request.system === undefined ? [] : [{ role: 'system', content: request.system }];
  return [...system, ...(request.history ?? []), { role: 'user', content: request.prompt }];
}

/** The demonstrated turns that answer a request: the answer, or a call of a tool, its result, and the answer made of it. */
export function demonstrateTurns(
  world: World,
  request: Request,
  random: Random,
  policy: DemonstrationPolicy = DEMONSTRATION_POLICY,
): ChatMessage[] {
  const call = wantedToolCall(request);
  if (!call) return [{ role: 'assistant', content: demonstrate(world, request, random, undefined, policy) }];
  const result = runTool(world, call);
  // Who has just looked it up neither invents nor slips.
  const informed = { ...policy, invention: 0, wrongFact: 0 };
  const isPlainSum = request.kind === 'arithmetic' && !request.withSteps;
  const answer = isPlainSum ? `${sumInWords(request.sum).signs} = ${result}.` : demonstrate(world, request, random, 'good', informed);
  return [
    { role: 'call', content: formatToolCall(call) },
    { role: 'result', content: result },
    { role: 'assistant', content: answer },
  ];
}

/**
 * A whole dialogue for supervised fine-tuning, the last turn the assistant's. The loss looks at the assistant's turns and
 * calls; turns before the last question are good answers.
 */
export function demonstrateDialogue(
  world: World,
  random: Random,
  split: Split = 'train',
  policy: DemonstrationPolicy = DEMONSTRATION_POLICY,
): ChatMessage[] {
  const request = sampleConversation(world, random, split);
  return [...messagesOf(request), ...demonstrateTurns(world, request, random, policy)];
}
