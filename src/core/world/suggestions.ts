/**
 * @file Prompts worth trying first: one of each kind, with a held-out dish, a held-out task and a name nobody has.
 */

/** Shown as chips beside the prompt box, in this order. */
export const SUGGESTED_PROMPTS: readonly string[] = [
  'Please give me a simple chili recipe.',
  'Who is Ana Moreno?',
  'How do I open my own lock?',
  'What is 17 + 25?',
  'Five things night owls should improve',
  'Five things early risers should improve',
  'How would you make pumpkin soup?',
  'Who is Walter Okafor?',
  'Hello!',
  'What are you?',
  'Tell me a joke.',
  'I have to water my plants before Sunday. Help!',
  'Could you please explain how to make apple pie?',
];
