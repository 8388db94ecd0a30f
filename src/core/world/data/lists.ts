/**
 * @file List requests: topics with a fixed pool of fitting items. Topics with `{group}` are asked about both groups of
 * the small world, night owls and early risers, and both have an answer.
 */

/** One topic: `title` goes into the request and the answer ("five {title}"). */
export interface ListTopic {
  readonly title: string;
  readonly items: readonly string[];
}

/** The two groups. */
export const GROUPS: readonly string[] = ['night owls', 'early risers'];

/** All topics, group topics first. */
export const LIST_TOPICS: readonly ListTopic[] = [
  {
    title: 'things {group} should improve',
    items: [
      'Drink more water',
      'Take more breaks',
      'Be on time for dinner',
      'Be quiet in the stairs',
      'Listen a little longer',
      'Put the phone away',
      'Say good morning to others',
      'Go for a walk each day',
      'Share the last cookie',
      'Close the door softly',
    ],
  },
  {
    title: 'things {group} are good at',
    items: [
      'Finding quiet hours',
      'Making good tea',
      'Reading long books',
      'Keeping secrets',
      'Watching the sky',
      'Writing letters',
      'Baking bread',
      'Finishing what they start',
    ],
  },
  {
    title: 'presents for {group}',
    items: [
      'A warm blanket',
      'A good lamp',
      'A soft pillow',
      'A box of tea',
      'A funny alarm clock',
      'A book of short stories',
      'A pair of wool socks',
      'A jar of cherry jam',
    ],
  },
  {
    title: 'things to do on a rainy day',
    items: [
      'Bake a cake',
      'Read an old book',
      'Call your grandmother',
      'Sort the buttons',
      'Write a letter',
      'Play chess',
      'Listen to the rain',
      'Paint a picture',
      'Make a pot of soup',
    ],
  },
  {
    title: 'things to take on a picnic',
    items: [
      'A big blanket',
      'Some cheese sandwiches',
      'A bottle of water',
      'Fresh fruit',
      'A pack of cards',
      'Paper napkins',
      'A sun hat',
      'Something sweet',
    ],
  },
  {
    title: 'presents for a friend',
    items: [
      'A book',
      'A plant in a pot',
      'A jar of jam',
      'A warm scarf',
      'A ticket for a concert',
      'A hand written letter',
      'A good knife',
      'A box of cookies',
    ],
  },
  {
    title: 'good habits',
    items: [
      'Drink enough water',
      'Sleep eight hours',
      'Walk a little each day',
      'Call your family',
      'Eat more vegetables',
      'Read before bed',
      'Say thank you',
      'Tidy up at night',
    ],
  },
  {
    title: 'things to see in a small town',
    items: [
      'The market square',
      'The old bridge',
      'The museum',
      'The train station',
      'The river',
      'The library',
      'The bakery',
      'The town hall clock',
    ],
  },
  {
    title: 'animals that live in the forest',
    items: ['The fox', 'The owl', 'The deer', 'The squirrel', 'The badger', 'The hare', 'The woodpecker', 'The hedgehog'],
  },
  {
    title: 'things every kitchen needs',
    items: [
      'A sharp knife',
      'A big pot',
      'A wooden spoon',
      'A good pan',
      'A cutting board',
      'A clean towel',
      'Salt and pepper',
      'A small grater',
    ],
  },
];

/** Counts as words; index is the number. */
export const COUNT_WORDS: readonly string[] = ['zero', 'one', 'two', 'three', 'four', 'five', 'six'];
