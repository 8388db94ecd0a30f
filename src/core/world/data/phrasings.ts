/**
 * @file How people ask. A request is a greeting, a body and a closing; bodies marked `*` are held out of training, so the
 * held-out split asks in words the model was never trained on. `{x}` is the dish, the person or the task,
 * `{r}` the dish as it stands before "recipe".
 */

/** Before a request; the empty one is the most common. */
export const GREETINGS: readonly string[] = [
  '',
  '',
  '',
  '',
  '',
  'Hi! ',
  'Hello. ',
  'Hello! ',
  'Hey, quick question. ',
  'Good evening. ',
  'Excuse me. ',
];
/** After a request. */
export const CLOSINGS: readonly string[] = [
  '',
  '',
  '',
  '',
  '',
  '',
  '',
  ' Thank you.',
  ' Thanks!',
  ' Please be quick.',
  ' I really want to know.',
  ' It is for my sister.',
];
/** Frames that turn an imperative `{do}` into a request. */
export const FRAMES: readonly string[] = [
  'Please {do}.',
  'Please {do}.',
  'Can you {do}?',
  'Could you {do}?',
  'Could you please {do}?',
  '{Do}.',
  '{Do}, please.',
  'I would like you to {do}.',
  'Would you {do}?',
  '*Would you be so kind as to {do}?',
  '*May I ask you to {do}?',
];

/** Imperative recipe requests. */
export const RECIPE_DO: readonly string[] = [
  'give me a simple {r} recipe',
  'give me a recipe for {x}',
  'tell me how to make {x}',
  'show me how to cook {x}',
  'share an easy {r} recipe',
  'teach me to make {x}',
  'help me make {x}',
  'write down a recipe for {x}',
  'send me a good {r} recipe',
  'explain how to make {x}',
  '*find me an easy way to make {x}',
  '*walk me through making {x}',
  '*give me your best {r} recipe',
];
/** Whole recipe requests. */
export const RECIPE_ASK: readonly string[] = [
  'How do I make {x}?',
  'What do I need for {x}?',
  'What goes into {x}?',
  'I want to make {x} tonight. How do I do it?',
  '{R} recipe, please.',
  'What is a good recipe for {x}?',
  'Do you have a recipe for {x}?',
  'I need a simple {r} recipe.',
  'Is there an easy way to make {x}?',
  'simple {r} recipe',
  'How can I cook {x}?',
  'I am hungry and I want {x}.',
  'What is the easiest {r} recipe?',
  'I promised my friends {x}. What now?',
  '*How would you make {x}?',
  '*I have never made {x}. Where do I start?',
  '*Any idea how to make {x}?',
  '*My family wants {x} for dinner. Can you help?',
  '*recipe for {x}',
];
/** Imperative questions about a person. */
export const PERSON_DO: readonly string[] = [
  'tell me who {x} is',
  'tell me about {x}',
  'tell me something about {x}',
  'explain who {x} is',
  'write two sentences about {x}',
  '*describe {x} to me',
  '*introduce {x} to me',
];
/** Whole questions about a person. */
export const PERSON_ASK: readonly string[] = [
  'Who is {x}?',
  'Who is {x}?',
  'Do you know {x}?',
  'What is {x} known for?',
  'What do you know about {x}?',
  'Have you heard of {x}?',
  'What does {x} do?',
  'I met someone called {x}. Who is that?',
  'Is {x} famous?',
  'Why do people talk about {x}?',
  'who is {x}',
  'Where does {x} come from?',
  '*Does the name {x} mean anything to you?',
  '*My friend told me about {x}. Who is it?',
  '*What can you say about {x}?',
  '*Why is {x} in the news?',
];
/** Imperative how-to requests. */
export const TASK_DO: readonly string[] = [
  'tell me how to {x}',
  'explain how to {x}',
  'show me how to {x}',
  'help me {x}',
  'give me three steps to {x}',
  'teach me how to {x}',
  'write down how to {x}',
  '*help me, I have to {x}',
  '*give me advice on how to {x}',
];
/** Whole how-to requests. */
export const TASK_ASK: readonly string[] = [
  'How do I {x}?',
  'How do I {x}?',
  'How can I {x}?',
  'What is the best way to {x}?',
  'I want to {x}. What should I do?',
  'I need to {x}.',
  'I do not know how to {x}.',
  'how to {x}',
  'Is it hard to {x}?',
  'What do I do if I want to {x}?',
  'I tried to {x} and failed. Any advice?',
  '*What would you do to {x}?',
  '*What is the trick to {x}?',
  '*Any tips to {x}?',
  '*I have to {x} before Sunday. Help!',
];
/** Questions for a sum; `{s}` is written with a sign, `{w}` in words. */
export const SUM_ASK: readonly string[] = [
  'What is {s}?',
  'What is {s}?',
  'How much is {s}?',
  'What is {w}?',
  'How much is {w}?',
  '{s} = ?',
  'Calculate {s}.',
  'Can you calculate {s}?',
  'Please work out {w}.',
  'What do I get for {s}?',
  '*Tell me the result of {s}.',
  '*What does {w} make?',
  '*I need to know {s}.',
];
/** Requests for a list; `{n}` the count as a word, `{x}` the title. */
export const LIST_ASK: readonly string[] = [
  '{N} {x}',
  'Name {n} {x}.',
  'List {n} {x}.',
  'Give me a list of {n} {x}.',
  'Can you give me a list of {n} {x}?',
  'Please name {n} {x}.',
  'What are {n} {x}?',
  'I need {n} {x}.',
  'Tell me {n} {x}.',
  '*Write down {n} {x}.',
  '*Could you list {n} {x} for me?',
  '*I am looking for {n} {x}.',
];
/** Imperative questions about a place. */
export const PLACE_DO: readonly string[] = [
  'tell me about {x}',
  'tell me something about {x}',
  'describe {x} in two sentences',
  'tell me where {x} is',
  '*say a little about {x}',
  '*show me what {x} is like',
];
/** Whole questions about a place. */
export const PLACE_ASK: readonly string[] = [
  'Where is {x}?',
  'What is {x} famous for?',
  'What is {x} like?',
  'What do you know about {x}?',
  'Have you ever heard of {x}?',
  'I want to visit {x}. What is there?',
  'Is {x} worth a visit?',
  'How big is {x}?',
  'When is the festival in {x}?',
  'What kind of town is {x}?',
  '*Should I spend a weekend in {x}?',
  '*My sister lives in {x}. Where is that?',
  '*Can you describe {x}?',
];
/** Acts of the past; `{x}` with "their". */
export const PAST_ASK: readonly string[] = [
  'How did people use to {x}?',
  'How did people use to {x}?',
  'How did people {x} in the past?',
  'In the old days, how did people {x}?',
  'How did people {x} a hundred years ago?',
  'Tell me how people used to {x}.',
  'What did people do to {x} back then?',
  '*Long ago, how did somebody {x}?',
  '*How was it done in the old days when people wanted to {x}?',
];
/** Acts of the future; `{x}` with "their". */
export const FUTURE_ASK: readonly string[] = [
  'How will somebody {x} one day?',
  'How will people {x} in the future?',
  'In the future, how will people {x}?',
  'How will people {x} in a hundred years?',
  'Tell me how people will {x} one day.',
  '*How are people going to {x} when we are old?',
  '*What will people do to {x} many years from now?',
];
/** Questions for written steps; `{s}` is written with a sign, `{w}` in words. */
export const STEPS_ASK: readonly string[] = [
  'What is {s}? Show your steps.',
  'How much is {s}? Show your steps.',
  'Work out {s} step by step.',
  'Calculate {s} and show your steps.',
  'What is {w}? Please show your steps.',
  'Show me how you work out {s}.',
  '*{s}, step by step please.',
  '*Take me through {s} one step at a time.',
];
/** Questions of taste; `{x}` the one side, `{y}` the other, `{is}` "is" or "are". */
export const OPINION_ASK: readonly string[] = [
  '{Is} {x} better than {y}?',
  '{Is} {x} better than {y}?',
  'What is better, {x} or {y}?',
  'Do you prefer {x} or {y}?',
  'Do you think {x} {is} better than {y}?',
  '{X} or {y}?',
  'What do you think, {x} or {y}?',
  'Which one is nicer, {x} or {y}?',
  'My friends fight about this: {x} or {y}?',
  '*What is your opinion, {x} or {y}?',
  '*Help me choose between {x} and {y}.',
  '*Would you rather have {x} or {y}?',
];
/** Worries; `{x}` is the whole sentence that says what is wrong. */
export const ADVICE_ASK: readonly string[] = [
  '{x} What can I do?',
  '{x} What can I do?',
  '{x} What should I do?',
  '{x} Any advice?',
  '{x} Can you help me?',
  '{x} Please help.',
  '{x} Do you have any advice?',
  '{x} What would help?',
  '*{x} What do you think I should do?',
  '*{x} Is there anything that helps?',
  '*Please give me some advice. {x}',
];
/** Errands; `{w}` is whom it goes to, `{x}` what it is about. */
export const NOTE_DO: readonly string[] = [
  'write a short note to {w} about {x}',
  'write a note to {w} about {x}',
  'write a few lines to {w} about {x}',
  'help me write a note to {w} about {x}',
  'write to {w} about {x}',
  '*put together a note to {w} about {x}',
  '*find the words for a note to {w} about {x}',
];
/** Errands as whole sentences. */
export const NOTE_ASK: readonly string[] = [
  'I need a short note to {w} about {x}.',
  'I have to write to {w} about {x}. Can you do it?',
  'What do I write to {w} about {x}?',
  'How do I tell {w} about {x} in a note?',
  'A note to {w} about {x}, please.',
  '*I want to send {w} a few words about {x}.',
  '*Could I have a note to {w} about {x}?',
];
