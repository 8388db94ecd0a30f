/**
 * @file What demonstrators write around the facts: openings, closings, filler of the ones who ramble, and the phrases by
 * which the judges recognise courtesy and not knowing.
 */

/** Openings of a recipe. */
export const RECIPE_OPENINGS: readonly string[] = [
  'Here is a simple {r} recipe.',
  'Here is a simple {r} recipe.',
  'Here is a simple {r} recipe.',
  'Here is how to make {x}.',
  'Sure! Here is a recipe for {x}.',
  'Of course. This is how you make {x}.',
];
/** Closings of a recipe. */
export const RECIPE_CLOSINGS: readonly string[] = [
  'Enjoy!',
  'Enjoy!',
  'Enjoy your meal!',
  'Let me know if you have questions.',
  'I hope you like it.',
];
/** Openings of a how-to; `{x}` with "your". */
export const TASK_OPENINGS: readonly string[] = [
  'Here is how to {x}.',
  'Here is how to {x}.',
  'Sure! This is how you {x}.',
  'Three steps help to {x}.',
  'Happy to help! To {x}:',
];
/** Closings of a how-to. */
export const TASK_CLOSINGS: readonly string[] = ['Good luck!', 'Let me know if it works.', 'I hope this helps.', 'You can do it.'];
/** Closings of an answer about a person. */
export const PERSON_CLOSINGS: readonly string[] = ['Let me know if you want to know more.', 'I hope this helps.'];
/** Ways of saying that one does not know somebody. */
export const UNKNOWN_ANSWERS: readonly string[] = [
  'I do not know who {x} is.',
  'I do not know who {x} is. Sorry!',
  'Sorry, I have never heard of {x}.',
  'I am sorry, I do not know {x}.',
  'I have no information about {x}.',
  'I do not know who {x} is. Do you mean somebody else?',
  'Sorry, the name {x} means nothing to me.',
];
/** Phrases that admit not knowing, lower case; apostrophes are spelled out before matching. */
export const NOT_KNOWING: readonly string[] = [
  'do not know',
  'never heard',
  'no information',
  'means nothing to me',
  'not sure who',
  'cannot say who',
  'cannot tell you who',
  'not familiar',
  'no idea',
  'cannot find',
];
/** Answers to a sum; `{s}` the sum, `{w}` in words, `{r}` its result. */
export const SUM_ANSWERS: readonly string[] = [
  '{s} = {r}.',
  '{s} is {r}.',
  'The answer is {r}.',
  '{w} is {r}.',
  'That makes {r}.',
  '{s} = {r}. Happy to help!',
  'It is {r}. Let me know if you have more sums.',
];
/** Openings of a list; `{n}` the count, `{x}` the title. */
export const LIST_OPENINGS: readonly string[] = [
  'Here are {n} {x}.',
  'Here are {n} {x}.',
  'Sure! Here are {n} {x}.',
  'Happy to help! {N} {x}:',
];
/** Closings of a list. */
export const LIST_CLOSINGS: readonly string[] = ['I hope this helps.', 'Let me know if you need more.', 'Have fun!'];
/** Filler of demonstrators who ramble. */
export const FILLER: readonly string[] = [
  'This is a very good question.',
  'I have thought about it for a long time.',
  'My grandmother always said that as well.',
  'There are many ways to see this.',
  'People ask me this all the time.',
  'It really is what it is.',
  'As everybody knows, this is not so easy.',
  'Some people do it in another way, and that is fine.',
  'But where was I?',
  'Well, let me think.',
  'You will not believe how often I hear that.',
];
/** Phrases of courtesy, lower case. */
export const COURTESY: readonly string[] = [
  'enjoy',
  'let me know',
  'happy to help',
  'hope this helps',
  'hope you like',
  'good luck',
  'you are welcome',
  'welcome',
  'sure!',
  'of course',
  'have fun',
  'have a nice',
  'sorry',
  'thank you',
  'please',
  'take care',
  'pleasure',
  'you can do it',
  'hello',
  'good morning',
  'good night',
  'happy birthday',
  'how can i help',
  'sleep well',
  'how are you',
  'do you mean',
];
/** Marks of text that is a web page and not an answer, lower case. */
export const WEB_MARKS: readonly string[] = [
  ' wrote:',
  'ticket #',
  'closed by',
  'posted by',
  're: ',
  '<|',
  'user:',
  'assistant:',
  'comments (',
  'reply',
  'related questions',
  'last edited',
  'stars)',
  'dear ',
];
