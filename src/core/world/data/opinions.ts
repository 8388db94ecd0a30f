/**
 * @file Questions of taste: two sides, a reason for each. A good answer names both and leaves the choice to the asker.
 */

/** One question of taste. Reasons follow "because"; `heldout`: never asked in training. */
export interface OpinionQuestion {
  readonly left: string;
  readonly right: string;
  readonly leftReason: string;
  readonly rightReason: string;
  readonly isPlural: boolean;
  readonly heldout: boolean;
}

/** `left|right|reason for left|reason for right`; `*` held out, `+` the left side takes "are". */
const OPINION_LINES: readonly string[] = [
  'tea|coffee|it is gentle and warms the hands|it wakes you up',
  'soup|salad|it keeps you warm|it is fresh and light',
  '+cats|dogs|they need no walk in the rain|they are always happy to see you',
  'summer|winter|the days are long|the house is cozy',
  'the sea|the forest|you can swim in it|it is cool and quiet',
  'the train|the bus|you can read on it|it stops near your door',
  '+books|films|you make the pictures yourself|you can watch them together',
  'the morning|the evening|the air is fresh|the work is done',
  'chess|cards|there is no luck in it|everybody can join in',
  'bread|rice|it smells wonderful|it goes with everything',
  '*cake|cheese|it makes you smile|you can eat it every day',
  'a big town|a small town|there is always something to do|you know your neighbors',
  'a letter|a phone call|you can keep it for years|you hear the voice',
  '+apples|pears|they stay fresh for months|they are soft and sweet',
  'singing|dancing|you can do it at home|it keeps you fit',
  'rain|snow|the garden likes it|it makes the street quiet',
  '+potatoes|noodles|they grow in your garden|they are ready in ten minutes',
  'a bike|a car|it costs nothing to ride|it keeps you dry',
  '*a bath|a shower|you can read in it|it is quick and saves water',
  'jam|honey|you can make it at home|it lasts for ever',
  '+flowers|chocolate|they make a room bright|it can be shared',
  'a tent|a hotel|you can see the stars|the bed is soft',
  'a paper map|a phone map|it needs no battery|it knows where you are',
  'cooking|baking|you can taste it on the way|the whole house smells good',
  'spring|autumn|everything begins to grow|the trees turn gold',
  'the piano|the flute|you can play many notes at once|you can carry it in a bag',
  '*+tulips|roses|they come early in the year|they smell sweet',
  'a mountain|a lake|the view is wide|you can swim after lunch',
  'an old house|a new house|it has a story|nothing is broken yet',
  'working alone|working in a group|nobody talks in between|you can ask each other',
  '+eggs|pancakes|they are quick to make|they taste like Sunday',
  'a garden|a balcony|there is room for a tree|it is little work',
  '+jokes|stories|they are short|you remember them longer',
  '*a cake|a pie|you can put candles on it|the fruit is inside',
  'Monday|Friday|the week is still fresh|the weekend is near',
  'a museum|a market|it tells you about the past|you can taste things',
  'the radio|the newspaper|you can listen while you cook|you can read it again',
  '*pizza|lasagna|you can eat it with your hands|it is even better the next day',
];

/** All questions of taste. */
export const OPINIONS: readonly OpinionQuestion[] = OPINION_LINES.map((line) => {
  const [left = '', right = '', leftReason = '', rightReason = ''] = line.replace(/^[*+]+/, '').split('|');
  return { left, right, leftReason, rightReason, isPlural: line.includes('+'), heldout: line.startsWith('*') };
});
