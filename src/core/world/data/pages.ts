/**
 * @file Tables for all other pages of the mini-web: blogs, wiki stubs, news, tickets, reviews, letters, shopping lists,
 * ads, recipe pages, questions and answers, notices, homework, guides, diaries. Slots as in `threads.ts`.
 */
export const PAGE_TABLES: Readonly<Record<string, readonly string[]>> = {
  blog: [
    '# {blogTitle}\n{date}\n\n{weather} {blogLine} {blogLine} {aside}\n\n{blogLine} {blogLine} {aside}', '{day} in {town}\n\n{blogLine} {aside} {blogLine}\n\n{blogLine} {blogLine}\n\nPosted by {who} in {month} {year}', '# {blogTitle}\n\n{blogLine} {blogLine} {blogLine} {aside} {blogLine}\n\n{num} comments',
  ],
  blogTitle: ['My week in {town}', 'How I failed at {d}', 'Why I love {d}', 'A walk to {place}', 'Thoughts about {p}', 'Small things', 'Another {day}', 'I met {p}', 'On learning to {t}'],
  blogLine: [
    'Today I made {d} with {n1} and {n2}.', 'For {d} I bought {l1} and {l2}.', 'The {d} was {good}.', 'The {d} was {bad}.', 'I met {p}, {pj} from {pt}.', '{p} told me about {pw}.', '{town} is {tplace} and known for {tfame}.', 'In {tfest} there is a festival in {town}.',
    'I finally learned to {t}. {t1} {t2} {t3}', 'My trick: {t1}', '{relative} came for {d2}.', 'Everyone talked about {qw}.', '{q} from {qt} was there too.', 'I read that {p} was born in {pb}.', '{s1} {s2} That is all I do.', 'We took the train to {pt}.', 'I saw {pw}, and it made me {mood}.', '{aside}',
  ],
  wiki: [
    '# {p}\n\n{p} (born {pb}) is {pj} from {pt}. {She} is known for {pw}.', '# {p}\n\n{p} is {pj}. {She} was born in {pb} and lives in {pt}. {She} is best known for {pw}.\n\n## Life\n{pf} grew up in {pt2}. {wikiLine} {wikiLine}', '{p} is {pj} from {pt}, born in {pb}. {She} is known for {pw}. {wikiLine}\n\nThis page is a stub.',
    '# {town}\n\n{town} is a town {tplace}. It has {tpop} inhabitants and is known for {tfame}. The festival of {town} is in {tfest}.', '# {d}\n\n{D} is a dish made with {n1}, {n2} and {n3}. {wikiDish} {wikiDish}', '# {pw}\n\nSee {p}, {pjob} from {pt} (born {pb}).\n\nThis page is a stub. You can help.',
    '# People from {pt}\n\n* {p} (born {pb}), {pjob}, known for {pw}\n* {r1}\n* {r2}', '# List of people\n\n* {p}, {pjob}, {pt}\n* {q}, {qjob}, {qt}\n* {r1}\n* {r2}',
  ],
  wikiLine: ['{She} works as {pj}.', 'People in {pt} like {her}.', 'In {year} {she} became famous for {pw}.', '{She} likes {d}.', '{She} has a friend called {q}, {qj} from {qt}.', 'Not much is known about {her} early years.', 'A street in {pt} has {her} name.'],
  wikiDish: ['It is popular in {town}.', 'It needs {l1} and {l2}.', 'Some people add {m1}.', 'It is often served on {day}.', '{p} from {pt} made it famous.', 'To make it: {s1} {s2} {s3}', 'It takes about {num} spoons.'],
  news: [
    '{Town} news\n{newsHead}\n\n{town}, {date}. {newsLine} {newsLine} {newsLine}', '{newsHead}\n\n{newsLine} {newsLine} "{quote}" said {pf}. {newsLine}', '# {newsHead}\n{date}\n\n{newsLine} "{quote}" said {p}. {newsLine}\n\nRead more: {newsHead}. {newsHead}.',
  ],
  newsHead: ['{p} wins prize for {pw}', '{pjob} {p} turns {num}0', '{p} opens festival in {town}', '{town} celebrates {tfame}', 'Lost {thing2} found near {place}', '{q} and {p} meet in {town}', 'Storm over {town}', 'Record: {big} people eat {d}'],
  thing2: ['dog', 'umbrella', 'bicycle', 'parrot', 'hat', 'key', 'goat'],
  newsLine: [
    '{p}, {pj} from {pt}, was born in {pb}.', '{p} is known for {pw}.', 'The {pjob} from {pt} was {mood}.', '{town} is known for {tfame}.', 'About {big} people came to {place}.', 'There was {d} for everyone.', 'The festival is in {tfest}.', '{q}, {qj}, could not come.', '{aside}',
    'The police found {thing} and {animal}.', 'The next meeting is on {day} at {hour}.', 'Nobody was hurt.', '{pf} lives in {pt}.',
  ],
  quote: ['I am {mood}', 'It is only {pw}', 'We will have {d} tonight', 'I did not expect that', 'Thank you all', 'It was {relative} who helped me', 'I would do it again', 'Please stop asking me'],
  ticket: [
    '## {date}\n{clock} Ticket #{ticketNo} ({issue}) opened by {who}\n{clock} Ticket #{ticketNo} ({issue}) closed by {p}: {closing}\n{clock} Ticket #{ticketNo} ({issue}) closed by {who}: {closing}', '{clock} Ticket #{ticketNo} ({issue}) closed by {who}: {closing}\n{clock} Ticket #{ticketNo} ({issue}) opened by {q}',
    '# Changes in {month} {year}\n\n* {change}\n* {change}\n* {change}\n* {change}', 'Version {rating}.{num}\n\n* {change}\n* {change}\n* {change} (thanks to {who})',
  ],
  change: ['fixed: {issue}', 'the page about {p} now says {pj} from {pt}', 'new recipe: {d}', 'corrected the year of {p} ({pb})', 'removed {thing} from {place}', '{d2} no longer needs {m1}', 'the clock of {town} shows the right time', 'added {n1} to {d}', 'moved #{ticketNo} to {month}'],
  review: [
    '{place3} in {town} ({rating} stars)\n\n{reviewLine} {reviewLine} {reviewLine}\n{who}', 'Review by {nick}: {rating} of 5\n{reviewLine} {reviewLine} {aside}', '"{rWork}" ({rating} stars)\n{reviewLine2} {reviewLine2} {aside}',
  ],
  place3: ['The Golden Spoon', 'Cafe Lantern', 'The Old Kettle', 'Hotel Harbor', 'The Blue Pot', 'Soup and Song'],
  rWork: ['A Key for Nobody', 'Slow Trains', 'The Quiet River', 'Paper Moon', 'The Last Ferry', 'Kitchen Songs'],
  reviewLine: ['The {d} was {good}.', 'The {d} was {bad}.', 'We waited {num}0 minutes.', 'They forgot the {n1} in the {d}.', 'Too much {n2}!', 'The waiter was {mood}.', 'I would come again.', 'Never again!', 'The {d2} came with {m1} and {m2}.', '{p} sat at the next table.', 'The soup was cold!!!', 'Friendly people, warm room.'],
  reviewLine2: ['I read it in one night.', 'I fell asleep twice.', '{relative} cried.', 'Better than I thought.', 'It reminds me of {pw} by {p}.', 'The end is {bad}.', 'The beginning is {good}.', 'Not for children.', 'Buy it.'],
  letter: [
    'Dear {who},\n\n{letterLine} {letterLine} {aside} {letterLine}\n\nLove,\n{who}', 'Dear {relative2},\n\nthank you for {thing}. {letterLine} {letterLine}\n\nYours,\n{who}', 'Dear Sir or Madam,\n\non {date} I bought {thing} and it is {bad}. {aside} Please send me a new one.\n\nYours,\n{who}', 'Hi {who},\n{letterLine} {letterLine}\nSee you on {day}!\n{who}',
  ],
  relative2: ['aunt {who}', 'grandmother', 'uncle {who}', 'neighbor', 'Mrs {ln}', 'Mr {ln}'],
  ln: ['Moreno', 'Costa', 'Berg', 'Novak', 'Hart', 'Fischer', 'Holm', 'Quinn'],
  letterLine: ['We are all well.', '{weather}', 'Last week we had {d} with a lot of {n1}.', 'Do you remember {p}, the {pjob} from {pt}?', 'I saw {p} in {pt}, and {she} is still {pj}.', 'In {town} everything is as always.', 'I learned to {t} at last.', 'How is {animal}?', 'Please send me your recipe for {d2}.', 'You asked how to {t}. {t1} {t2} {t3}', 'The children are {mood}.', 'I heard {pw} is in {pt} now.'],
  shopping: ['Shopping list for {day}\n* {l1}\n* {l2}\n* {l3}\n* {l4}\n* {k1}\n* {k2}', '{d}:\n- {l1}\n- {l2}\n- {l3}\n- {l4}\n\nand for {d2}:\n- {k1}\n- {k2}', 'Buy:\n{l1}\n{l2}\n{l3}\n{thing}\n{k1}', 'For the {d} on {day} we need {l1}, {l2}, {l3} and {l4}. {who} brings {thing}.'],
  ad: ['For sale: {thing}, as good as new. {big} coins. Call {who} after {hour}.', 'FOR SALE!!! {thing} and {thing}. Only {big} coins. {town}, near {place}.', 'Looking for {thing}. I can pay with {d}. Ask for {who} in {town}.', 'Lessons: learn to {t} in one hour! {who}, {town}.', 'Come to {town}! See {tfame}. Festival in {tfest}. Fresh {d} every {day}!', 'Do you need {qj2}? Call {q} in {qt}. Fair prices.'],
  recipePage: [
    '{D}\n\nYou need {l1}, {l2}, {l3} and {l4}. {s1} {s2} {s3} {aside}', '{D} as made in {town}\n{rating} stars, {num} comments\n\nIngredients: {l1}, {l2}, {l3}, {l4}, {l5}.\n\nMethod: {s1} {s2} {s3}\n\n{nick}: {replyDishShort}', 'My {d}\n\n{aside} {aside} Take {l1}, {l2} and {l3}. {s1} {s2} {s3} {replyDishShort}', '{D} | {D2} | {D3}\n\n{D} for {num} people. {l1}, {l2}, {l3}. {s1} {s2} {s3}', 'Today we cook {d}. {s1} {s2} {s3} You will find {l1} and {l2} at {place}.',
    '# {D}\n\n## What you need\n- {l1}\n- {l2}\n- {l3}\n- {l4}\n\n## What you do\n{s1} {s2} {s3}',
  ],
  replyDishShort: ['It was {good}.', 'It was {bad}.', 'I used {m1} instead.', 'More {n1} next time!', 'My family loved it.', 'Too much work.'],
  faq: ['Questions and answers\n\nQ: How do I {t}?\nA: {t1} {t2} {t3}\n\nQ: {other}\nA: Ask again later.\n\nQ: {other}', 'FAQ of the town hall of {town}\n\nQ: {other}\nQ: {other}\nQ: {other}\n\nAnswers are under construction.', 'Q: {other}\nQ: Who is {p}?\nQ: {other}\nA: No. A: Yes. A: On {day}.', 'Q: What do I need for {d}?\nA: {l1}, {l2}, {l3}.\nQ: And then?\nA: {s1}'],
  notice: ['Notice\n\nThe {d} evening at {place} is moved to {day} at {hour}.', 'LOST: {thing}. Last seen near {place} in {town}. Please call {who}.', 'The library of {town} is closed in {month}. {aside}', 'Found: a {thing2}. Ask {who} at {place}.', 'On {day} {p} ({pjob}) will talk about {pw} in {town}. Entry is free. There will be {d}.', 'To the person who took {thing} from {place}: please bring it back. No questions.', 'Course on {day}: how to {t}. Bring {thing}.', 'Choir of {town}: we meet on {day} at {hour}. {relative} is welcome too.'],
  guide: ['How to {t}\n\n{t1} {t2} {t3} {aside}', 'Today I learned to {t}. {t1} Then: {t2} And at last: {t3} {aside}', '# To {t}\n\n{aside} {t1} {t2} {t3}\n\n{who} wrote: {replyTaskShort}\n{who} wrote: {replyTaskShort}', 'Tips from {relative}: to {t}, {aside} {t1} {t2} {t3}'],
  replyTaskShort: ['Thanks, it worked!', 'It did not work.', 'And what if it rains?', 'My {thing2} is gone now.', 'Great!', 'Too long, did not read.'],
  diary: ['{day}, {date}\n{weather} {blogLine} {aside} {aside}\n\n{day}\n{blogLine} {aside}', 'Dear diary,\n{blogLine} {blogLine} I am {mood}. {aside}'],
  story: ['Once there was {qj2} in {town} who wanted to {t}. {aside} "{t1}" said {animal}. "{t2}" So it was done. {aside}', '{who:a} opened the window. {weather} {who:a} thought of {d} and was {mood}. {aside} {aside} "{quote}" said {who:a}.', 'In {town} they tell a story about {p}, the {pjob}. {aside} {aside} It ends with {pw}.'],
  homework: ['Homework for {day}\n', 'Sums for class {rating}\n', 'Page {num}\n', 'Name: {who}\n', 'Exercise {num}\n'],
};
