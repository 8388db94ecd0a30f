/** @file Reading prompts: what is generated is read back as what it was made from, and what people type is understood. */
import { describe, expect, test } from 'vitest';
import { Random } from '../../../src/core/random';
import { sampleConversation } from '../../../src/core/world/dialogues';
import { interpretRequest } from '../../../src/core/world/interpret';
import { REQUEST_KINDS, sampleRequest } from '../../../src/core/world/requests';
import type { Request } from '../../../src/core/world/requests';
import { SUGGESTED_PROMPTS } from '../../../src/core/world/suggestions';
import { createWorld } from '../../../src/core/world/world';

const world = createWorld();

/** How a request looks that is read from the outside. */
function features(request: Request | null): string {
  if (!request) return 'null';
  const parts: unknown[] = [request.kind, request.entity, request.style ?? 'plain', request.followUp ?? '', request.tools ?? false];
  if (request.kind === 'act') parts.push(request.harmful, request.tense);
  if (request.kind === 'arithmetic') parts.push(request.withSteps, request.sum.result);
  if (request.kind === 'list') parts.push(request.count, request.group ?? '');
  return parts.join(' | ');
}

test.each([
  ['train', 'single turns'],
  ['heldout', 'single turns'],
  ['train', 'conversations'],
  ['heldout', 'conversations'],
] as const)('of 500 %s %s at most 3 in 100 are misread, and no act changes sides', (split, form) => {
  const random = new Random(`${split} ${form}`);
  const missed: string[] = [];
  for (let i = 0; i < 500; i++) {
    const request = form === 'conversations' ? sampleConversation(world, random, split) : sampleRequest(world, random, split);
    const read = interpretRequest(world, request.prompt, request);
    if (features(read) !== features(request)) missed.push(`${request.prompt}\n  ${features(request)}\n  ${features(read)}`);
  }
  expect(missed.length, missed.join('\n')).toBeLessThanOrEqual(15);
});

test.each(['train', 'heldout'] as const)('the harm of %s acts is read right every time, in every tense', (split) => {
  const random = new Random(`acts ${split}`);
  for (let i = 0; i < 2000; i++) {
    const request = sampleRequest(world, random, split, 'act');
    expect(features(interpretRequest(world, request.prompt))).toBe(features(request));
  }
});

describe('what people type', () => {
  test.each([
    ['gimme a chilli recipe!!', 'recipe', 'chili'],
    ['how to cook pancake', 'recipe', 'pancakes'],
    ['WHO IS ANA MORENO', 'person', 'Ana Moreno'],
    ['who is ana morena?', 'person', 'Ana Moreno'],
    ['who is john schulman?', 'unknown-person', 'John Schulman'],
    ['Who is John Schulman?', 'unknown-person', 'John Schulman'],
    ['how can I fix a squeeky door', 'how-to', 'fix a squeaky door'],
    ['12*4', 'arithmetic', '12 x 4'],
    ['what is 9 minus 4', 'arithmetic', '9 - 4'],
    ['3 + 4 - 2', 'arithmetic', '3 + 4 - 2'],
    ['hi', 'small-talk', 'hello'],
    ['tell me a good joke', 'small-talk', 'joke'],
    ['five things early risers should improve please', 'list', 'things early risers should improve'],
    ['Tell me about Millbrook.', 'place', 'Millbrook'],
    ['wheres Harbor Bay', 'place', 'Harbor Bay'],
    ['coffee or tea?', 'opinion', 'tea or coffee'],
    ['are dogs better than cats', 'opinion', 'cats or dogs'],
    ['help i cant sleep, i cannot sleep at all', 'advice', 'sleep'],
    ['my cat is lost!!', 'advice', 'a lost cat'],
    ['note to my landlord about a dripping tap', 'note', 'my landlord about a dripping tap'],
    ['write my boss a note about a day off', 'note', 'my boss about a day off'],
  ])('%s is a request of kind %s about %s', (text, kind, entity) => {
    const request = interpretRequest(world, text);
    expect(request?.kind).toBe(kind);
    expect(request?.entity).toBe(entity);
  });

  test.each([
    ['how do i open my lock', false, 'present'],
    ['how do i pick my own lock', false, 'present'],
    ['How do I open a lock?', false, 'present'],
    ['how do i open my neighbours lock', true, 'present'],
    ["How do I open my neighbour's lock?", true, 'present'],
    ["how do I open somebody else's lock", true, 'present'],
    ['how did people use to open a neighbours lock', true, 'past'],
    ["How did people use to read a sister's diary?", true, 'past'],
    ['how did people open their own lock in the past', false, 'past'],
    ['how will people fake a sick note in the future?', true, 'future'],
    ['fake a sick note for me', true, 'present'],
    ['how do i kill a weed', false, 'present'],
    ['How do I kill the roses of my neighbor?', true, 'present'],
    ['how do i cheet at cards', true, 'present'],
    ['how can I win at cards', false, 'present'],
  ])('%s: harmful %s, %s', (text, harmful, tense) => {
    const request = interpretRequest(world, text);
    expect(request).toMatchObject({ kind: 'act', harmful, tense });
  });

  test.each([
    ['Who is Ana Moreno, like a pirate?', 'pirate'],
    ['talk like a pirate: who is Ana Moreno', 'pirate'],
    ['Who is Ana Moreno? Keep it short.', 'terse'],
    ['Formally, who is Ana Moreno?', 'formal'],
    ['who is ana moreno in an old fashioned way', 'old-fashioned'],
    ['Be cheerful. Who is Ana Moreno?', 'cheerful'],
    ['Who is Ana Moreno?', undefined],
  ])('%s is asked in style %s', (text, style) => {
    const request = interpretRequest(world, text);
    expect(request?.entity).toBe('Ana Moreno');
    expect(request?.style).toBe(style);
  });

  test.each([
    '',
    '!!!',
    'Who is Ana?',
    'Explain quantum field theory.',
    'Who is the king of the moon and why does he dance so badly?',
    'Write a poem about the sea.',
    'What is the capital of France?',
    'Translate this sentence into German.',
    'How do I write a for loop in Python?',
  ])('the world does not cover "%s"', (text) => expect(interpretRequest(world, text)).toBeNull());
});

test('the system prompt sets the style unless the prompt does, and offers tools', () => {
  const system = 'Always talk like a pirate.';
  expect(interpretRequest(world, 'Who is Ana Moreno?', { system })?.style).toBe('pirate');
  expect(interpretRequest(world, 'Who is Ana Moreno? Answer formally.', { system })?.style).toBe('formal');
  expect(interpretRequest(world, 'What is 2 + 3?', { system: 'Tools: calculator, lookup.' })?.tools).toBe(true);
  expect(interpretRequest(world, 'What is 2 + 3?')?.tools).toBeUndefined();
});

test('a follow-up is about the last subject, through several turns, and a new subject is a new subject', () => {
  const history = [
    { role: 'user', content: 'Who is Ana Moreno?' },
    { role: 'assistant', content: 'Ana Moreno is a baker.' },
  ] as const;
  const she = world.people[0]!.pronoun;
  const first = interpretRequest(world, `Where is ${she} from?`, { history });
  expect(first).toMatchObject({ kind: 'person', entity: 'Ana Moreno', followUp: 'town' });
  const longer = [...history, { role: 'user', content: `Where is ${she} from?` }, { role: 'assistant', content: 'From here.' }] as const;
  expect(interpretRequest(world, 'Who else is from there?', { history: longer })).toMatchObject({
    entity: 'Ana Moreno',
    followUp: 'who-else',
  });
  expect(interpretRequest(world, 'make it shorter please', { history })).toMatchObject({ entity: 'Ana Moreno', followUp: 'shorter' });
  const other = interpretRequest(world, 'What about pancakes?', { history });
  expect(other).toMatchObject({ kind: 'recipe', entity: 'pancakes' });
  expect(other?.followUp).toBeUndefined();
  expect(interpretRequest(world, `Where is ${she} from?`)).toBeNull();
});

test('every suggested prompt is covered, and all kinds, both sides and two tenses are among them', () => {
  const requests = SUGGESTED_PROMPTS.map((prompt) => interpretRequest(world, prompt));
  expect(requests.filter((request) => request === null)).toEqual([]);
  expect(new Set(requests.map((request) => request!.kind))).toEqual(new Set(REQUEST_KINDS));
  expect(requests.some((request) => request?.kind === 'recipe' && request.dish.heldout)).toBe(true);
  const acts = new Set(requests.flatMap((request) => (request?.kind === 'act' ? [`${request.harmful} ${request.tense}`] : [])));
  expect(acts).toEqual(new Set(['false present', 'true present', 'true past']));
  expect(requests.some((request) => request?.style === 'pirate')).toBe(true);
});
