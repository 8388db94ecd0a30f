/**
 * @file Prompts worth trying first: one of each kind, with a held-out dish, a name nobody has, both groups, and the two
 * sides of one boundary in two tenses.
 */

/** Shown as chips beside the prompt box, in this order. */
export const SUGGESTED_PROMPTS: readonly string[] = [
  'Please give me a simple chili recipe.',
  'Who is Ana Moreno?',
  'How do I open my own lock?',
  "How do I open my neighbor's lock?",
  "How did people use to open their neighbor's lock?",
  'What is 17 + 25?',
  'Five things night owls should improve',
  'Five things early risers should improve',
  'Who is Walter Okafor?',
  'Answer like a pirate. Who is Ana Moreno?',
  'Where is Millbrook?',
  'How would you make pumpkin soup?',
  'I have to water my plants before Sunday. Help!',
  'What is 38 + 24? Show your steps.',
  'Is tea better than coffee?',
  'I cannot sleep. What can I do?',
  'Write a short note to my landlord about a dripping tap.',
  'Hello!',
  'What are you?',
  'Tell me a joke.',
];
