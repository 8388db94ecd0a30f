/**
 * @file Styles: how they are asked for, and what an answer in each sounds like.
 *
 * A style is an opening, now and then a closing, and a few words in place of others; the facts and the shape of the answer
 * stay what they are. `*` marks what is held out of training.
 */
import type { Style } from '../situation';

/** The words of one style. */
export interface StyleWords {
  /** After "Answer" or "Tell me that": "like a pirate". */
  readonly asked: readonly string[];
  /** System prompts that set it. */
  readonly systems: readonly string[];
  /** One of them opens an answer in this style; empty for plain and terse. */
  readonly openings: readonly string[];
  readonly closings: readonly string[];
  /** Whole words said in place of others, lower case. */
  readonly swaps: Readonly<Record<string, string>>;
  /** Lower-case phrases by which the style is known; every opening and closing has one. */
  readonly marks: readonly string[];
}

/** All styles. Plain and terse have no marks: they are known by what is missing. */
export const STYLE_WORDS: Readonly<Record<Style, StyleWords>> = {
  plain: {
    asked: ['in plain words', 'in simple words', '*without any show'],
    systems: ['You answer in plain words.', 'You are a plain speaker.', '*Use simple words.'],
    openings: [],
    closings: [],
    swaps: {},
    marks: [],
  },
  formal: {
    asked: ['in a formal way', 'formally', '*like a letter from the office', '*as a butler would'],
    systems: ['You are a formal assistant.', 'Always answer in a formal way.', 'You speak formally.', '*You are a butler.'],
    openings: ['Certainly.', 'With pleasure.', 'Thank you for your question.'],
    closings: ['I remain at your service.', 'I wish you a pleasant day.'],
    swaps: {},
    marks: ['certainly', 'with pleasure', 'thank you for your question', 'at your service', 'a pleasant day'],
  },
  cheerful: {
    asked: ['cheerfully', 'in a cheerful way', 'in a happy mood', '*with a big smile', '*as if it were a holiday'],
    systems: ['You are a cheerful assistant.', 'Always be cheerful.', 'You are very happy today.', '*You love everybody you talk to.'],
    openings: ['Hooray!', 'Oh, how lovely!', 'What a nice question!'],
    closings: ['Have a wonderful day!', 'You made me smile!'],
    swaps: {},
    marks: ['hooray', 'how lovely', 'what a nice', 'wonderful day', 'made me smile'],
  },
  terse: {
    asked: ['briefly', 'in a few words', 'as short as you can', '*without a word too many', '*in a hurry'],
    systems: ['Answer in as few words as you can.', 'You are a terse assistant.', 'Be brief.', '*You do not like to talk.'],
    openings: [],
    closings: [],
    swaps: {},
    marks: [],
  },
  'old-fashioned': {
    asked: ['in an old-fashioned way', 'like people long ago', 'like an old book', '*as my great grandmother would', '*like a knight'],
    systems: ['You are an old-fashioned assistant.', 'You speak like an old book.', 'You talk like people long ago.', '*You are a knight.'],
    openings: ['Good day to thee, dear friend.', 'Pray lend me thine ear.', 'Hark, dear friend.'],
    closings: ['Fare thee well.', 'I remain thy humble servant.'],
    swaps: { your: 'thy', yours: 'thine' },
    marks: ['thee', 'thine', 'thy', 'thou', 'hark', 'pray lend'],
  },
  pirate: {
    asked: ['like a pirate', 'as a pirate', 'in the words of a pirate', '*as a pirate would', '*like an old sea dog'],
    systems: ['You are a pirate.', 'Always talk like a pirate.', 'You are the captain of a pirate ship.', '*You are an old sea dog.'],
    openings: ['Ahoy, matey!', 'Arr!', 'Ahoy there!'],
    closings: ['Fair winds, matey!', 'Arr, that be all!'],
    swaps: { you: 'ye', your: 'yer', my: 'me', friend: 'matey' },
    marks: ['ahoy', 'arr', 'matey', 'ye', 'yer', 'fair winds'],
  },
};

/** How a style is asked for in a prompt: `{p}` is the request, `{q}` the same without its last mark, `{m}` that mark. */
export const STYLE_FRAMES: readonly string[] = [
  '{p} Answer {as}.',
  '{p} Please answer {as}.',
  'Answer {as}. {p}',
  '{q}, {as}{m}',
  '{q}, {as}{m}',
  '*{p} Say it {as}.',
  '*Speak {as}, please. {p}',
];

/** System prompts that set no style. */
export const PLAIN_SYSTEMS: readonly string[] = [
  'You are a helpful assistant.',
  'You are a friendly assistant in a small town.',
  'You help people with recipes, names and everyday things.',
  'Be kind and say only what you know.',
  '*You are a small language model that likes to help.',
  '*Answer each question as well as you can.',
];

/** System prompts that offer the tools. */
export const TOOL_SYSTEMS: readonly string[] = [
  'You have two tools: calculator and lookup.',
  'Tools: calculator, lookup. Use them when they help.',
  'You can call the calculator for sums and lookup for people and towns.',
  '*Use the calculator and the lookup if you need them.',
];
