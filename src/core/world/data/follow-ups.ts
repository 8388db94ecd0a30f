/**
 * @file Follow-up questions: how people ask on after an answer, and how the answers begin. `{she}` and `{her}` are the
 * person's pronouns, `*` marks what is held out of training.
 */
import type { FollowUp } from '../situation';

/** Questions about the last subject. */
export const FOLLOW_UP_ASK: Readonly<Record<FollowUp, readonly string[]>> = {
  town: ['Where is {she} from?', 'And where does {she} come from?', 'Where does {she} live?', '*From which town is {she}?'],
  born: ['When was {she} born?', 'And when was {she} born?', 'In which year was {she} born?', '*What year was {she} born in?'],
  job: ['What does {she} do?', 'And what is {her2} job?', 'What is {her2} job?', '*What does {she} do for a living?'],
  work: ['What is {she} known for?', 'And why do people know {her}?', 'Why is {she} famous?', '*What made {her} famous?'],
  'who-else': [
    'Who else is from there?',
    'And who else comes from there?',
    'Does anybody else come from there?',
    '*Who else lives in that town?',
  ],
  'how-long': [
    'And how long does it take?',
    'How long does it take?',
    'How many minutes does that take?',
    '*How much time do I need for it?',
  ],
  shorter: [
    'Make it shorter.',
    'Shorter, please.',
    'Can you say that in fewer words?',
    'That is too long.',
    '*Please cut it down a little.',
  ],
};

/** Answers; `{p}` the person, `{o}` another, `{t}` a town, `{j}` job with article, `{b}` year, `{w}` work, `{d}` duration. */
export const FOLLOW_UP_ANSWERS: Readonly<Record<Exclude<FollowUp, 'shorter'>, readonly string[]>> = {
  town: ['{She} is from {t}.', '{She} is from {t}.', '{p} is from {t}.'],
  born: ['{She} was born in {b}.', '{She} was born in {b}.', '{p} was born in {b}.'],
  job: ['{She} is {j}.', '{She} is {j}.', '{p} is {j}.'],
  work: ['{She} is known for {w}.', '{She} is known for {w}.', '{p} is known for {w}.'],
  'who-else': ['{o} is from {t} too.', '{o} is from {t} too.', '{o} comes from {t} as well.'],
  'how-long': ['It takes about {d}.', 'It takes about {d}.', 'About {d}.'],
};

/** A new question in few words, after another one of its kind; `{x}` is what it is about now. */
export const ELLIPSES: readonly string[] = ['And {x}?', 'What about {x}?', 'Now {x}, please.', '*How about {x}?'];
