/**
 * @file Lists of the mini-web: who is from where, who does what, which town has what, what goes into which dish. A roster
 * is a title and lines all worded the same way. Lines marked `*` are held out.
 */

/** Titles by what the people of a list share; `{x}` is the town, the job, the group or the first name. */
export const ROSTER_TITLES: Readonly<Record<string, readonly string[]>> = {
  town: ['# People from {x}', 'Who is who in {x}', '# Known people of {x}', 'Names to know in {x}', '*# Faces of {x}'],
  job: ['# List of people: {x}', 'Every {x} you should know', '# {X}', 'By job: {x}', '*# In one line: {x}'],
  group: ['# List of {x}s', 'Known {x}s', 'The club of the {x}s, list of members', '*# Guess who: {x}s'],
  firstName: ['{X} can mean:', '# {X} (name)', 'People called {x}', '*# Which {x} do you mean?'],
  all: [
    '# List of people',
    'Who is who',
    'Guests of the spring party',
    'Names in this book',
    '# People in the news',
    '*# Names and more names',
  ],
};

/** Wordings of a line about a person; `job`, `town` and so on say which facts it gives. */
export const PERSON_LINES: readonly string[] = [
  '* {p} (born {pb}), {pjob}, known for {pw}',
  '* {p}, {pjob}, {pt}',
  '- {p}: {pjob} from {pt}, born {pb}',
  '* {p} from {pt}, known for {pw}',
  '- {p} ({pb}), {pjob} in {pt}, {pg}',
  '{p} | {pjob} | {pt} | {pb}',
  '* {p}, {pjob}: {pw}',
  '{pb}: {p}, {pjob}, {pt}',
  '- {p}, {pg}, {pjob} from {pt}',
  '*> {p}. {Pjob}. {pt}. {pb}. {Pw}.',
];

/** Titles and lines of lists of towns. */
export const TOWN_ROSTERS: readonly string[] = [
  '# List of towns|* {town}, {tplace}, {tpop} inhabitants',
  'Festivals of the valley|* {tfest}: {town}',
  'Calendar of festivals|- {town} in {tfest}',
  '# What to see|* {town}: {tfame}',
  'Towns and what they are known for|- {town}, {tplace}: {tfame}',
  'Name | Inhabitants | Festival|{town} | {tpop} | {tfest}',
  '*# Short guide to the towns|> {town}. {tfame}, {tpop} people, {tfest}.',
];

/** Titles and lines of lists of dishes. */
export const DISH_ROSTERS: readonly string[] = [
  'Menu of the week|* {day}: {d} with {n1} and {n2}',
  '# What goes into what|* {d}: {n1}, {n2}, {n3}, {n4}',
  'Cook book, contents|- {d} ({n1}, {n2})',
  'Lunch at the school|{day}: {d} ({n1})',
  'What I can cook by now|- {d}: {s1} {s2} {s3}',
  '*# Kitchen list|> {d}: {l1}, {l2}, {l3}',
];
