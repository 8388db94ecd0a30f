/**
 * @file Shop and office errands: short notes somebody wants written, and what must stand in them.
 */

/** One errand. `name` is its entity: what it is about; `heldout`: never asked for in training. */
export interface NoteOccasion {
  /** What it is about, after "about": "a dripping tap". */
  readonly name: string;
  /** Whom it goes to, as the asker says it: "my landlord". */
  readonly whom: string;
  /** After "Dear": "landlord". */
  readonly to: string;
  /** The sentences that say it; a good note has them all, in order. */
  readonly body: readonly string[];
  readonly heldout: boolean;
}

/** `whom|about|body`, `*` held out. */
const NOTE_LINES: readonly string[] = [
  'my landlord|a dripping tap|The tap in my kitchen drips day and night.; Could you please send somebody to fix it?',
  'my landlord|the cold heating|The heating in my room stays cold.; Could you please look at it this week?',
  'my landlord|a broken window|The window in my bedroom is broken.; I would be glad if it could be fixed soon.',
  'my neighbor|a loud party|We have a small party on Saturday.; It may be a little loud until eleven, and you are welcome to join us.',
  'my neighbor|my plants|I am away next week.; Could you please water my plants on Wednesday?',
  'my neighbor|a parcel|You took a parcel for me.; May I pick it up this evening?',
  '*my neighbor|a lost cat|My gray cat has been gone since Monday.; Please call me if you see her.',
  'my boss|a day off|I would like to take Friday off.; My sister moves to a new house and needs my help.',
  'my boss|a cold|I have a bad cold and cannot come today.; I hope to be back on Thursday.',
  'my boss|being late|My train was late this morning.; I will stay an hour longer tonight.',
  '*my boss|a new chair|My chair at work is broken.; Could I please get a new one?',
  'the baker|a birthday cake|I need a birthday cake for twelve people.; Could I pick it up on Saturday at ten?',
  'the baker|bread for a party|I would like to order twenty rolls and two loaves of bread.; I will pick them up on Friday.',
  'the locksmith|a stuck lock|The lock of my front door is stuck.; Could you please come on Tuesday?',
  'the librarian|a lost book|I have lost a book of yours and I am sorry.; Please tell me how I can pay for it.',
  'the librarian|a late book|My book is two weeks late.; I will bring it back tomorrow.',
  '*the teacher|a sick child|My son has a cold and stays in bed today.; Please give his homework to a friend.',
  'the teacher|a school trip|My daughter would like to come on the school trip.; I have put the money into her bag.',
  'the shopkeeper|a broken lamp|The lamp I bought on Monday does not work.; Could I please have a new one?',
  'the shopkeeper|a wrong bill|There is a mistake on my bill.; I bought two cups and not twelve.',
  '*the shopkeeper|a missing box|I ordered three boxes of tea and got only two.; Please send me the other one.',
  'the doctor|a new date|I cannot come on Monday.; Could I please have another date?',
  'the choir leader|a missed evening|I cannot sing on Thursday.; I will learn the new song at home.',
  'the chess club|joining the club|I would like to join your club.; I play slowly but I lose with a smile.',
  'my grandmother|a wool scarf|Your wool scarf came today.; It is warm and I wear it in bed.',
  'my friend|a dinner|Please come to dinner on Sunday at seven.; There will be soup and a cake.',
  'my friend|a lost umbrella|I left my blue umbrella in your car.; Could you bring it on Sunday?',
  '*my friend|a borrowed book|I have had your book for a year.; I will bring it back this week, and it made me laugh.',
  'the caretaker|an old printer|The printer on our floor makes a loud noise and no pages.; Could somebody please look at it?',
  'the caretaker|the coffee machine|The coffee machine is broken again.; Could we please get a new one?',
  'the mayor|a broken lamp in my street|The lamp in front of my house is dark.; Could you please fix it before winter?',
];

/** All errands. */
export const NOTES: readonly NoteOccasion[] = NOTE_LINES.map((line) => {
  const [whom = '', name = '', body = ''] = line.replace(/^\*/, '').split('|');
  return { name, whom, to: whom.replace(/^(?:my|the) /, ''), body: body.split('; '), heldout: line.startsWith('*') };
});

/** Names under a note. */
export const NOTE_NAMES: readonly string[] = ['Ana', 'Martin', 'Greta', 'Otto'];
