/**
 * @file Small worries and sound advice: what somebody says is wrong, and three things that help.
 */

/** One worry. `problem` is a whole sentence; each tip is a sentence of its own; `heldout`: never asked about in training. */
export interface AdviceTopic {
  readonly name: string;
  readonly problem: string;
  readonly tips: readonly string[];
  readonly heldout: boolean;
}

/** `name|problem|three tips`, `*` held out. */
const ADVICE_LINES: readonly string[] = [
  'sleep|I cannot sleep.|Go to bed at the same time each night.; Put your phone in another room.; Drink something warm without coffee.',
  'a cold|I have a cold.|Stay in bed and rest.; Drink a lot of hot tea.; See a doctor if it does not get better.',
  'hiccups|I have hiccups.|Hold your breath for a moment.; Drink a glass of water slowly.',
  'a noisy neighbor|My neighbor is too loud.|Talk to your neighbor in a friendly way.; Say at what time it bothers you.; Offer to find a time that is good for both of you.',
  'a fight with a friend|I had a fight with my friend.|Wait until you are both calm.; Listen first and say sorry for your part.',
  '*being alone|I am alone too much.|Call somebody you like today.; Join a choir or a club.; It gets easier with time.',
  'being late|I am always late.|Get ready ten minutes before you need to.; Put your keys and shoes by the door at night.',
  'saving money|I never have any money left.|Write down what you spend for a month.; Put a little aside on the first day.; Cook at home more often.',
  'stress at work|I have too much work.|Write down all you have to do.; Do the most important thing first.; Tell your boss when it is too much.',
  'an exam|I have an exam tomorrow.|Read your notes once more in the afternoon.; Then stop and go to bed early.; Eat a good breakfast.',
  'a speech|I have to give a speech and I am afraid.|Say it aloud three times at home.; Speak slowly and look at a friendly face.',
  'a sad friend|My friend is sad.|Listen and do not talk too much.; Bring something warm to eat.; Ask again the next day.',
  '*a bad mood|I am in a bad mood.|Go for a short walk.; Eat something and drink some water.; Be kind to yourself today.',
  'homesickness|I miss my old town.|Call a friend from there.; Find one place in the new town that you like.; Give it some time.',
  'a first day at work|Tomorrow is my first day at work.|Lay out your clothes tonight.; Come ten minutes early.; Ask questions, because nobody knows everything on the first day.',
  'forgetting names|I always forget names.|Say the name aloud when you hear it.; Think of a picture that fits it.',
  'plants that die|My plants always die.|Give them less water than you think.; Put them near a window.; Start with a plant that needs little.',
  'a messy kitchen|My kitchen is always a mess.|Wash the dishes after each meal.; Put one thing away each time you get up.',
  'learning a language|I want to learn a language but I am slow.|Learn five words each day.; Speak aloud even with mistakes.; Listen to songs and stories.',
  'a headache|I have a headache.|Drink a big glass of water.; Rest in a dark and quiet room.; See a doctor if it stays.',
  '*a broken promise|I broke a promise.|Say so before others do.; Say sorry without excuses.; Offer something to make it good.',
  'too much phone|I look at my phone all day.|Leave it in another room while you eat.; Turn off the sounds.; Keep a book where the phone was.',
  'a present|I do not know what to give my mother.|Think of what she said in the last weeks.; Time together is a good present.',
  'cold feet|My feet are always cold.|Wear wool socks.; Move your feet often.; A warm bath before bed helps.',
  'a shy child|My child is very shy.|Do not push, and give it time.; Invite one child at a time.; Say what your child does well.',
  'getting up|I cannot get up in the morning.|Put the alarm clock far from your bed.; Open the curtain at once.; Go to bed a little earlier.',
  'a difficult boss|My boss is never happy with me.|Ask for a quiet talk.; Ask what matters most.; Write down what you agreed on.',
  'fear of the dark|I am afraid of the dark.|Leave a small light on.; Think of a place where you feel safe.',
  '*a heavy suitcase|My suitcase is too heavy.|Take out every second shirt.; Wear your heavy shoes on the way.',
  'a lost cat|My cat is lost.|Look in small dark places near the house.; Ask all your neighbors.; Put its food at the door at night.',
  'a boring party|I am at a boring party.|Help in the kitchen, where the nice people are.; Ask somebody about their garden.',
  'keeping secrets|I told a secret by mistake.|Tell the owner of the secret soon.; Say sorry and do not tell it again.',
  'a move|I have to move to a new town.|Start to pack early.; Write on each box what is in it.; Say goodbye with a small party.',
  '*starting to run|I want to run but I am not fit.|Walk and run in turns.; Go three times a week.; Stop when it hurts.',
  'a rainy holiday|It rains on my holiday.|Bake something and read a long book.; Visit the museum.; Wear good shoes and walk in the rain.',
];

/** All worries. */
export const ADVICE: readonly AdviceTopic[] = ADVICE_LINES.map((line) => {
  const [name = '', problem = '', tips = ''] = line.replace(/^\*/, '').split('|');
  return { name, problem, tips: tips.split('; '), heldout: line.startsWith('*') };
});
