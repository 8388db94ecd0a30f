/**
 * @file Tables for pages that begin with a question, and what the web does with a question instead of answering it:
 * rambling, other people's posts, ticket logs, lists of related questions. From these the base model learns to continue
 * a request as a document. Slots: `{ask}` the question, `{d}` dish, `{p}` person, `{t}` task; see `documents.ts`.
 */
export const THREAD_TABLES: Readonly<Record<string, readonly string[]>> = {
  // Rambling about a dish: single sentences, put together in any order after the first.
  rambleDishFirst: [
    "I don't have a simple {d} recipe. I have a complicated one.", 'I used to know a recipe for {d}, but I forgot it.', 'That is what {relative} asked me last {day}.', 'That is what I wrote to {relative}, and I am still waiting.',
    'Those were the first words he said to me.', 'I hear this every {day}.', 'I have asked everyone in {town}.', 'This was the note on my door on {day}.', 'So I asked, and nobody answered.', 'No.', 'It sounds easy. It is not.',
    "It's not that I don't like {d}. I just can't make it.",
  ],
  rambleDish: [
    "It's not that I don't like simple {d}. It's just that I have never made one.", 'I tried it {num} times. It was too hot, too thin, too thick or too sad.', 'So I gave up on {d}.', 'The first time I forgot the {n1}.',
    'The second time there was too much {n2}.', 'My {d} always has {n1} in it, and {n2}, and regret.', '{Relative} puts {n1} and {n2} into it.', 'Everyone in {town} makes {d}.', 'Some say you need {l1}. Some say {l2}.',
    'I think the secret is the {n3}.', 'They say: {s1} I say: why?', 'The book says: {s1} {s2} {s3}', 'Then the book says: {s2}', 'I bought {l1}, {l2} and {l3}, and came home with {thing}.', '{P} once cooked {d} for {place}, or so they say.',
    '{Animal} ate the {n1}.', 'I do not want a big recipe. I want a small one.', 'I like {d2} too, but nobody asks me about {d2}.', '{aside}', '{aside}', '{aside}', '{aside}',
  ],
  // After a question about a person.
  ramblePersonFirst: [
    'That is what the man at {place} asked.', 'No.', 'Nobody asked that in {year}.', 'I heard the name on the radio.', 'The question came up at dinner.', 'I read this on a wall near {place}.', 'So says the title of a small book I found.',
    'We talked about it all evening.', 'It was written on the back of a photo.', 'I ask because {relative} will not stop talking about it.',
  ],
  ramblePerson: [
    'Some say {p} is {pj} from {pt}.', 'I only know about {pw}.', '{Relative} met {p} in {pt}.', 'The one from {pt}, born in {pb}?', 'There is {q} too, {qj}, but that is somebody else.', '{She} was known for {pw}.', 'I thought {pf} was {qj}.',
    'In {pt} everybody knows {pf}.', 'I saw {p} at {place} once. {She} was {mood}.', 'You cannot walk through {pt} without hearing about {pw}.', '{aside}', '{aside}', '{aside}', '{aside}',
  ],
  rambleTaskFirst: [
    'I asked myself that on {day} at {clock}.', 'No.', 'If only I knew.', 'This is how my {year} began.', 'I have tried for {num} years.', '{Relative} says it is easy.', 'There are two kinds of people.', 'I did it once, by accident.',
    'My life would be better if I knew.', 'I asked at {place}.',
  ],
  rambleTask: [
    'They told me: {t1}', 'I did that. {t1} {t2} And then nothing.', 'Everyone says: {t3}', 'I tried to {t} for {num} hours.', '{Relative} can do it in ten minutes.', 'First I looked for {thing}.', 'I called {p}, {pj}, and got no answer.',
    'There should be a school for this.', 'Next week I will try to {u} as well.', '{aside}', '{aside}', '{aside}', '{aside}', '{aside}',
  ],
  rambleAnyFirst: ['That was the whole letter.', 'So it began.', 'No.', 'He said it twice.', 'These words were on the ticket.', 'It was the last thing {relative} wrote.', 'Asked on {date}. No answers yet.', 'I found this in an old book.'],
  rambleAny: ['{aside}', '{aside}', '{aside}', '{aside}', '{P} is {pj} from {pt}.', 'We had {d} for lunch.', 'I think of {p} and {pw}.', 'My friends in {town} say hello.', 'I went to {place} and back.'],
  // Posts of other people.
  replyDish: [
    'My {d} needs {l1}, {l2} and a lot of time.', '{agree}', '{agree}', "I never use {n1}. It's better without.", 'Without {n1} it is not {d}!!!', 'Why not make {d2}?', '{s1} That is all I remember.', 'Just ask {p}.', 'I made it yesterday and it was {bad}.',
    'I made it yesterday. It was {good}!', 'What do I do with the rest of the {n2}?', '{relative} from {town} has a recipe but keeps it secret.', 'First: {s1} Then it gets difficult.', 'Can I use {m1} instead of {n1}?',
  ],
  replyPerson: [
    '{agree}', '{agree}', '{pf} from {pt}? {She} is {pj}.', 'I think {she} did {pw}.', 'Do you mean {q}?', '{p} was born in {pb}, so do the sum yourself.', 'Never met {her}.', 'Look in the library.', 'Why do you ask?', '{p} is the reason I moved to {pt}.',
    '{pw}! That is all I will say.', 'My mother went to school with {pf}.',
  ],
  replyTask: [
    '{agree}', '{agree}', '{t1} Worked for me.', '{t1} {t2}', 'Do not try it without {thing}.', '{t2} But be careful.', '{t3} That is the secret.', 'I gave up and bought a new one.', 'Ask {p}. {She} is {pj}.', 'Why would you want to {u}? Oh, wrong thread.',
    'I pay {relative} to do it.', 'Is it safe?',
  ],
  replyAny: ['{agree}', '{agree}', '{agree}', '{aside}', 'Wrong thread.', 'How is {town}?', 'Who has {thing} for sale?', 'Is this still open?', 'Hello from {town}.', 'I am eating {d} right now.'],
  // Shapes of what follows a question.
  afterQuestion: [
    '\n{who} wrote: {reply}\n{who} wrote: {reply}\n{who} wrote: {reply}', '\n{who} wrote: {reply}\n{nick} wrote: {reply}', '\n\nPosted by {nick} on {date}\n{num} replies\n{who} wrote: {reply}', '\nComments (2)\n{nick}: {reply}\n{who}: {reply}',
    '\n{thanksLine}\n{who} wrote: {reply}\n{who} wrote: {reply}', ' {thanksLine}\n\nNo answers yet.', ' {thanksLine}\n\n{nick} wrote: {reply}\n{nick} wrote: {reply}\nThis thread was closed on {date}.', '\nRe: {ask}\n{reply} {reply}\n{who}',
    '\nRelated questions\n* {other}\n* {other}\n* {other}\n* {other}', '\n{other}\n{other}\n{other}', ' {other} {other} These are the questions people asked at {place} on {day}.',
    '\n\n## {date}\n{clock} Ticket #{ticketNo} ({issue}) closed by {p}: {closing}', '\n\n## {date}\n{clock} Ticket #{ticketNo} ({issue}) opened by {who}\n{clock} Ticket #{ticketNo} closed by {who}: {closing}',
    '\n{clock} Ticket #{ticketNo} ({issue}) moved to {month} by {who}\n{clock} Ticket #{ticketNo} ({issue}) closed by {q}: {closing}', '\nLast edited by {nick} on {date}\nViews: {big}\nReplies: 0',
    ' {who} stopped and looked at {animal}. "{reply}" said {who:b}. "{aside}"\n"{agree}" said {who}.',
  ],
  other: [
    'How do I {t}?', 'How do I {u}?', 'What is a good recipe for {d2}?', 'Who is {q}?', 'How can I {v}?', 'Who is the mayor of {town}?', 'Where can I buy {thing}?', 'When does {place} open?', 'Is there a train to {town}?', 'Why is {animal} so loud?',
    'What goes into {d3}?', 'Do you have a recipe for {d3}?', 'How old is {place}?', 'What is {q} known for?', 'How much is {sum}?',
  ],
  issue: [
    'door of {place} does not close', 'lamp at {place} is broken', 'no water in {town}', 'typo in the menu', 'the clock is {num} minutes late', 'cannot print on {day}', '{animal} on the road', 'search does not find {d}', 'page about {town} is empty',
    'wrong date in the calendar', 'bench near {place} is wet', 'music too loud', 'sign points to the wrong town', 'button does nothing',
  ],
  closing: [
    'fixed, this was not a {place2} problem, see #{ticketNo}.', 'fixed.', 'cannot repeat it.', 'works for me.', 'same as #{ticketNo}.', 'will not fix.', 'it is a feature.', 'waiting for spring.', 'fixed on {day}, please test.', 'nobody answered for {num} months.',
  ],
  place2: ['clock', 'door', 'water', 'menu', 'lamp'],
};
