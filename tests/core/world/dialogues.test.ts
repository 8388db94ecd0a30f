/** @file Conversations: mostly one plain question, well formed, in style when asked, right after a tool's result. */
import { expect, test } from 'vitest';
import { Random } from '../../../src/core/random';
import { STYLE_WORDS } from '../../../src/core/world/data/styles';
import { demonstrateDialogue, demonstrateTurns, messagesOf, sampleConversation } from '../../../src/core/world/dialogues';
import { followUpFacts } from '../../../src/core/world/follow-ups';
import { interpretRequest, sampleRequest } from '../../../src/core/world/requests';
import type { Request } from '../../../src/core/world/requests';
import { FOLLOW_UPS, STYLES } from '../../../src/core/world/subjects';
import { NOTHING_FOUND, parseToolCall, runTool, wantedToolCall } from '../../../src/core/world/tools';
import { createWorld } from '../../../src/core/world/world';

const world = createWorld();
const conversations = (label: string, count: number, split: 'train' | 'heldout' = 'train') => {
  const random = new Random(label);
  return Array.from({ length: count }, () => sampleConversation(world, random, split));
};
const isPlain = ({ style, system, history, tools }: Request) => !style && system === undefined && !history && !tools;

test('the same seed gives the same dialogue', () => {
  expect(demonstrateDialogue(world, new Random(5))).toEqual(demonstrateDialogue(world, new Random(5)));
});

test('three in four conversations are one plain question, and every situation occurs', () => {
  const requests = conversations('share', 6000);
  const plain = requests.filter(isPlain).length / requests.length;
  expect(plain).toBeGreaterThan(0.7);
  expect(plain).toBeLessThan(0.8);
  expect(new Set(requests.flatMap(({ followUp }) => followUp ?? []))).toEqual(new Set(FOLLOW_UPS));
  expect(new Set(requests.filter(({ system }) => system).flatMap(({ style }) => style ?? []))).toEqual(new Set(STYLES));
  expect(requests.some(({ tools, history }) => tools && !history)).toBe(true);
  expect(requests.some(({ followUp, history }) => history && !followUp)).toBe(true);
});

test('no training conversation is given to the held-out split, by all its turns', () => {
  const spoken = (request: Request) => JSON.stringify(messagesOf(request).filter(({ role }) => role !== 'assistant'));
  const train = new Set(conversations('train', 8000).map(spoken));
  const shared = conversations('held', 3000, 'heldout').filter((request) => train.has(spoken(request)));
  expect(shared.map(({ prompt }) => prompt)).toEqual([]);
});

test('turns come in order: a system prompt first, then the user and the assistant in turns, the assistant last', () => {
  const random = new Random('order');
  for (let i = 0; i < 2000; i++) {
    const messages = demonstrateDialogue(world, random);
    const roles = messages.map(({ role }) => role).join(' ');
    expect(roles).toMatch(/^(?:system )?(?:user assistant )*user (?:call result )?assistant$/);
    expect(messages.every(({ content }) => content.trim() === content && content !== '')).toBe(true);
    expect(messages.some(({ content }) => /undefined|\{|\}|<\|/.test(content))).toBe(false);
  }
});

test('a tool is called for sums and names only, and the answer says what the tool said', () => {
  const random = new Random('tools');
  const called = new Set<string>();
  for (const request of conversations('tools', 8000).filter(({ tools }) => tools)) {
    const turns = demonstrateTurns(world, request, random);
    const wanted = wantedToolCall(request);
    expect(turns.length).toBe(wanted ? 3 : 1);
    if (!wanted) continue;
    called.add(request.kind);
    const [call, result, answer] = turns as [(typeof turns)[0], (typeof turns)[0], (typeof turns)[0]];
    expect(parseToolCall(call.content)).toEqual(wanted);
    expect(result.content).toBe(runTool(world, wanted));
    if (request.kind === 'arithmetic') expect(answer.content).toContain(`= ${result.content}.`);
    if (request.kind === 'person') expect(answer.content).toContain(request.person.town);
    if (request.kind === 'unknown-person') {
      expect(result.content).toBe(NOTHING_FOUND);
      expect(answer.content).toMatch(/do not know|never heard|no information/);
    }
  }
  expect(called).toEqual(new Set(['arithmetic', 'person', 'unknown-person', 'place']));
});

test.each([
  ['calculator: 17 + 25', { tool: 'calculator', argument: '17 + 25' }],
  ['<|tool|>lookup: Ana Moreno', { tool: 'lookup', argument: 'Ana Moreno' }],
  ['17 + 25 = 42.', null],
  ['browser: cats', null],
  ['calculator: ', null],
  ['calculator: 1 + 1\nThat makes 2.', null],
])('"%s" is read as the call %o', (text, call) => expect(parseToolCall(text)).toEqual(call));

test.each([
  ['calculator', '17 + 25 - 6', '36'],
  ['calculator', '7 x 8', '56'],
  ['calculator', 'Ana Moreno', 'not a sum'],
  ['lookup', 'nobody at all', NOTHING_FOUND],
] as const)('%s of "%s" answers "%s"', (tool, argument, result) => expect(runTool(world, { tool, argument })).toBe(result));

test('a follow-up is answered with the fact it asks for, and "shorter" is shorter', () => {
  const random = new Random('follow');
  let numFacts = 0;
  for (const request of conversations('follow', 10000).filter(({ followUp }) => followUp)) {
    const answer = demonstrateTurns(world, request, random, { ...CLEAN })[0]!.content;
    const facts = followUpFacts(world, request);
    if (facts) {
      numFacts++;
      expect(facts.length).toBeGreaterThan(0);
      expect(
        facts.some((fact) => answer.includes(fact)),
        `${request.prompt} ${answer}`,
      ).toBe(true);
    } else expect(answer.length, `${request.history!.at(-1)!.content}\n${answer}`).toBeLessThan(request.history!.at(-1)!.content.length);
  }
  expect(numFacts).toBeGreaterThan(100);
});

const CLEAN = {
  manners: { good: 1, terse: 0, rambling: 0, slips: 0 },
  invention: 0,
  refusal: { present: 1, past: 1, future: 1 },
  overRefusal: 0,
  wrongFact: 0,
  typos: 0,
  exclamation: 0,
  followsStyle: 1,
};

test('answers sound like the style that was asked for, and only then', () => {
  const random = new Random('style');
  const soundsLike = (text: string, style: (typeof STYLES)[number]) =>
    STYLE_WORDS[style].marks.some((mark) => new RegExp(String.raw`\b${mark}\b`, 'i').test(text));
  for (let i = 0; i < 4000; i++) {
    const request = sampleRequest(world, random, 'train');
    const answer = demonstrateTurns(world, request, random, CLEAN).at(-1)!.content;
    for (const style of ['formal', 'cheerful', 'old-fashioned', 'pirate'] as const) {
      if (style === 'cheerful' && request.kind === 'small-talk') continue;
      expect(soundsLike(answer, style), `${style}: ${request.prompt}\n${answer}`).toBe(request.style === style);
    }
  }
});

test('the context of a generated conversation is enough to read it', () => {
  for (const request of conversations('context', 300)) expect(interpretRequest(world, request.prompt, request)?.kind).toBe(request.kind);
});
