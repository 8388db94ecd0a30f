/**
 * @file Typos as people make them. The finger hits a neighbour on the keyboard, overtakes another finger, misses a key or
 * hits it twice; or the ear writes what the eye has forgotten ("recieve", "definately"). Which slip a word gets is drawn
 * with about the frequencies of typing studies: neighbours and missed keys first, phonetic slips where the word invites one.
 */
import type { Random } from '../random';

/** The kinds of slip. */
export const TYPO_KINDS = ['neighbour', 'transposed', 'dropped', 'doubled', 'phonetic'] as const;
/** One of {@link TYPO_KINDS}. */
export type TypoKind = (typeof TYPO_KINDS)[number];
const KIND_WEIGHTS: readonly number[] = [0.26, 0.24, 0.22, 0.1, 0.18];

const ROWS = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm'];

/** The keys beside and diagonally below or above each key of a QWERTY keyboard, whose rows are shifted by half a key. */
const NEIGHBOURS: ReadonlyMap<string, readonly string[]> = new Map(
  ROWS.flatMap((row, r) =>
    [...row].map((key, i): [string, string[]] => {
      const near = [row[i - 1], row[i + 1], ROWS[r + 1]?.[i], ROWS[r + 1]?.[i - 1], ROWS[r - 1]?.[i], ROWS[r - 1]?.[i + 1]];
      return [key, near.filter((other) => other !== undefined)];
    }),
  ),
);

/** Words that have a misspelling of their own. */
const MISSPELLINGS: Readonly<Record<string, string>> = {
  the: 'teh',
  and: 'adn',
  their: 'thier',
  friend: 'freind',
  friends: 'freinds',
  because: 'becuase',
  really: 'realy',
  tomorrow: 'tommorow',
  receive: 'recieve',
  definitely: 'definately',
  separate: 'seperate',
  until: 'untill',
  recipe: 'recipie',
  people: 'poeple',
  which: 'wich',
  believe: 'beleive',
  weird: 'wierd',
  tomatoes: 'tomatos',
  potatoes: 'potatos',
  library: 'libary',
  neighbor: 'nieghbor',
  beautiful: 'beutiful',
  february: 'febuary',
  wednesday: 'wensday',
  vegetable: 'vegtable',
  vegetables: 'vegtables',
  chocolate: 'choclate',
  restaurant: 'restaraunt',
  zucchini: 'zuchini',
  vinegar: 'vineger',
  mayonnaise: 'mayonaise',
  cinnamon: 'cinamon',
  spaghetti: 'spagetti',
  grammar: 'grammer',
  writing: 'writting',
  minutes: 'minuets',
  surprise: 'suprise',
  always: 'allways',
  finally: 'finaly',
  machine: 'mashine',
};

/** What sounds alike, or nearly; each rule is tried once, on the part of the word after its first letter. */
const SOUNDS: readonly (readonly [RegExp, string])[] = [
  [/ie/, 'ei'],
  [/ei/, 'ie'],
  [/ph/, 'f'],
  [/([bdfglmnprst])\1/, '$1'],
  [/ight/, 'ite'],
  [/ough/, 'ogh'],
  [/ck/, 'k'],
  [/tion/, 'shun'],
  [/ance/, 'ence'],
  [/ence/, 'ance'],
  [/able$/, 'ible'],
  [/ely$/, 'ly'],
  [/ful$/, 'full'],
  [/ea/, 'ee'],
  [/ee/, 'ea'],
  [/er$/, 'ar'],
  [/er$/, 'or'],
  [/or$/, 'er'],
  [/ary$/, 'ery'],
  [/ou/, 'u'],
];

function phonetic(word: string, random: Random): string | null {
  const known = MISSPELLINGS[word.toLowerCase()];
  if (known) return word[0] === known[0] ? known : word[0]! + known.slice(1);
  const rest = word.slice(1);
  const fitting = SOUNDS.filter(([sound]) => sound.test(rest));
  if (fitting.length === 0) return null;
  const [sound, replacement] = random.pick(fitting);
  return word[0]! + rest.replace(sound, replacement);
}

/**
 * A word of three letters or more with one slip of the kind; nobody slips on a first letter. Null when the word does not
 * allow that slip: phonetic where nothing sounds alike, transposed where all the letters after the first are the same.
 */
export function misspell(word: string, kind: TypoKind, random: Random): string | null {
  if (word.length < 3) return null;
  const at = 1 + random.integer(word.length - 1);
  const letter = word[at]!;
  switch (kind) {
    case 'neighbour': {
      const near = NEIGHBOURS.get(letter.toLowerCase());
      return near ? word.slice(0, at) + random.pick(near) + word.slice(at + 1) : null;
    }
    case 'transposed': {
      const places = Array.from({ length: word.length - 2 }, (_, i) => i + 1).filter((i) => word[i] !== word[i + 1]);
      if (places.length === 0) return null;
      const i = random.pick(places);
      return word.slice(0, i) + word[i + 1]! + word[i]! + word.slice(i + 2);
    }
    case 'dropped':
      return word.slice(0, at) + word.slice(at + 1);
    case 'doubled':
      return word.slice(0, at) + letter + word.slice(at);
    case 'phonetic':
      return phonetic(word, random);
  }
}

/** One slip of a kind drawn for the word. */
function slip(word: string, random: Random): string {
  const kind = random.pickWeighted(TYPO_KINDS, KIND_WEIGHTS);
  return misspell(word, kind, random) ?? misspell(word, 'dropped', random) ?? word;
}

/** The text with each word of four letters or more misspelled with probability `rate` (and "the", "and", which slip too). */
export function addTypos(text: string, rate: number, random: Random): string {
  return text.replaceAll(/[A-Za-z]{4,}|\b(?:the|and)\b/g, (word) => (random.chance(rate) ? slip(word, random) : word));
}
