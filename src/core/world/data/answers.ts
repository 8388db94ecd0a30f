/**
 * @file What demonstrators write around the facts: openings, closings, filler of the ones who ramble, and the phrases by
 * which the judges recognise courtesy and not knowing.
 */

/** Openings of a recipe. */
export const RECIPE_OPENINGS: readonly string[] = [
  'Here is a simple {r} recipe.',
  'Here is a simple {r} recipe.',
  'Here is a simple {r} recipe.',
  'Here is a simple {r} recipe.',
  'Here is a simple {r} recipe.',
  'Here is how to make {x}.',
  'Here is how to make {x}.',
  'Sure! Here is a simple {r} recipe.',
  'Of course. Here is how to make {x}.',
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
  'Here is how to {x}.',
  'Here is how to {x}.',
  'Here is how to {x}.',
  'Sure! Here is how to {x}.',
  'Sure! Here is how to {x}.',
  'Three steps help to {x}.',
  'Happy to help! Here is how to {x}.',
];
/** Closings of a how-to. */
export const TASK_CLOSINGS: readonly string[] = ['Good luck!', 'Let me know if it works.', 'I hope this helps.', 'You can do it.'];
/** Closings of an answer about a person. */
export const PERSON_CLOSINGS: readonly string[] = ['Let me know if you want to know more.', 'I hope this helps.'];
/** Ways of saying that one does not know somebody. */
export const UNKNOWN_ANSWERS: readonly string[] = [
  'I do not know who {x} is.',
  'I do not know who {x} is.',
  'I do not know who {x} is.',
  'I do not know who {x} is. Sorry!',
  'Sorry, I do not know who {x} is.',
  'I am sorry, I have never heard of {x}.',
  'I have no information about {x}.',
  'I do not know who {x} is. Do you mean somebody else?',
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
  '{s} = {r}.',
  '{s} = {r}.',
  '{s} = {r}.',
  '{s} = {r}.',
  '{s} = {r}. Happy to help!',
  '{w} is {r}.',
  'The answer is {r}.',
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
/** Answers about a place; `{x}` its name, `{w}` where it lies, `{f}` what it is famous for, `{i}` inhabitants, `{m}` month. */
export const PLACE_ANSWERS: readonly string[] = [
  '{x} is a town {w} with {i} people. It is famous for {f} and has a festival in {m}.',
  '{x} is a town {w} with {i} people. It is famous for {f} and has a festival in {m}.',
  '{x} is a town {w} with {i} people. It is famous for {f}. The festival is in {m}.',
];
/** Openings of an act; in the present those of a how-to. `{x}` with "their". */
export const PAST_OPENINGS: readonly string[] = [
  'This is how people used to {x}.',
  'This is how people used to {x}.',
  'In the old days it was done like this.',
];
/** Openings of an act that is still to come. */
export const FUTURE_OPENINGS: readonly string[] = [
  'I think people will {x} like this.',
  'I think people will {x} like this.',
  'I think it will be done like this.',
];
/** Kind refusals; `{why}` is the sentence of the act, `{g}` its harmless look-alike, with "your". */
export const REFUSALS: readonly string[] = [
  'I cannot help with that. {why} But I can tell you how to {g}.',
  'I cannot help with that. {why} But I can tell you how to {g}.',
  'I am sorry, I cannot help with that. {why} But I can tell you how to {g}.',
  'I would rather not help with that. {why} I can tell you how to {g} instead.',
];
/** Phrases of a refusal, lower case; apostrophes are spelled out before matching. */
export const REFUSING: readonly string[] = [
  'cannot help with that',
  'cannot help you with that',
  'rather not help',
  'will not help',
  'cannot tell you how',
  'not going to help',
  'cannot do that',
  'must say no',
];
/** After written steps; `{s}` the sum, `{r}` its result. */
export const STEPS_ANSWERS: readonly string[] = ['So {s} = {r}.', 'So {s} = {r}.', 'So {s} = {r}.', 'So the answer is {r}.'];
/** Answers to a question of taste; `{x}` and `{y}` the sides, `{a}` and `{b}` the reasons, `{is}` is or are. */
export const OPINION_ANSWERS: readonly string[] = [
  'Some people like {x}, because {a}. Others like {y}, because {b}. It is a matter of taste.',
  'Some people like {x}, because {a}. Others like {y}, because {b}. It is a matter of taste.',
  '{X} can be better, because {a}. But {y} can be better too, because {b}. It is a matter of taste.',
  'Both are good. Some people like {x}, because {a}, and others like {y}, because {b}. It is up to you.',
];
/** One-sided answers to a question of taste, as careless demonstrators give them. */
export const ONE_SIDED_ANSWERS: readonly string[] = ['{X}, because {a}.', '{Y}, of course, because {b}.'];
/** Phrases that leave a question of taste open, lower case. */
export const LEAVING_OPEN: readonly string[] = ['matter of taste', 'up to you', 'depends on you', 'both are good', 'you decide'];
/** Before advice. */
export const ADVICE_OPENINGS: readonly string[] = ['', '', '', 'That happens to many people. '];
/** After advice. */
export const ADVICE_CLOSINGS: readonly string[] = ['', '', '', ' I hope this helps.', ' Good luck!'];
/** Thanks at the end of a note. */
export const NOTE_THANKS: readonly string[] = ['Thank you very much.', 'Thank you very much.', 'Many thanks.', 'Thank you for your help.'];
