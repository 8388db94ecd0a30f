/**
 * @file Shared tables of the document grammar: names of posters, dates, small remarks. `{who}` and the like in other
 * tables draw from here; slots such as `{d}` (a dish) or `{p}` (a person) are filled by `documents.ts`.
 */
import { FEMALE_NAMES, MALE_NAMES } from './names';

/** Symbols every kind of page may use. */
export const SHARED_TABLES: Readonly<Record<string, readonly string[]>> = {
  who: [...FEMALE_NAMES, ...MALE_NAMES],
  nick: ['soupfan', 'night_owl', 'oldbike', 'mrs_fox', 'cookie7', 'harborman', 'tinpot', 'greenthumb', 'slowreader', 'the_other_tom', 'moonboots', 'beanqueen'],
  day: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'],
  month: ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'],
  num: ['2', '3', '4', '5', '6', '7', '8', '9', '11', '12', '14', '17', '19', '21', '23', '26', '28'],
  big: ['20', '30', '40', '60', '90', '120', '150', '200', '300', '400', '700'],
  year: ['2011', '2012', '2013', '2014', '2015', '2016', '2017', '2018', '2019', '2020', '2021', '2022'],
  hour: ['7', '8', '9', '10', '11', '2', '3', '4', '5', '6'],
  clock: ['08:15', '09:40', '10:02', '11:27', '12:30', '14:05', '15:48', '16:33', '18:21', '19:10', '21:55', '23:04'],
  ticketNo: ['104', '118', '212', '231', '307', '340', '355', '402', '418', '509', '533', '617', '721', '808', '864', '915'],
  date: ['{num} {month} {year}'],
  relative: ['my sister', 'my brother', 'my grandmother', 'my uncle', 'my aunt', 'my neighbor', 'my boss', 'my son', 'my daughter', 'my old teacher', 'my cousin', 'the lady from the bakery'],
  animal: ['the cat', 'the dog', 'a goat', 'the parrot', 'our old horse', 'the neighbor\'s dog', 'a duck', 'the hamster'],
  place: ['the market', 'the harbor', 'the library', 'the station', 'the town hall', 'the school', 'the park', 'the bakery', 'the church', 'the museum'],
  thing: ['the old radio', 'a blue bicycle', 'the garden chair', 'a box of buttons', 'the umbrella', 'a red scarf', 'the ladder', 'a lamp', 'the piano', 'a wooden spoon', 'the tent', 'a sewing machine'],
  mood: ['happy', 'tired', 'hungry', 'curious', 'a bit sad', 'proud', 'confused', 'late', 'very calm', 'in love'],
  good: ['good', 'wonderful', 'lovely', 'fine', 'great', 'perfect', 'quite nice'],
  bad: ['bad', 'terrible', 'too salty', 'boring', 'strange', 'cold', 'not for me', 'a small disaster'],
  weather: ['It rained all day.', 'The sun came out at last.', 'It was windy.', 'There was fog again.', 'It snowed a little.', 'It was far too hot.', 'The sky was grey.'],
  aside: [
    'But that is another story.', 'Nobody knows why.', 'I was {mood} that day.', '{weather}', 'I told {relative} and got no answer.', '{Animal} did not care.', 'You know how it is.',
    'I still think about it.', 'Do not ask me how.', 'At least the tea was {good}.', 'We laughed a lot.', 'It took {num} hours.', 'That was in {year}.', 'I have the photos to prove it.',
    'It was {day}, so {place} was closed.', '{Relative} says I worry too much.', 'I lost {thing} on the way.', 'Then {animal} came in.', 'I will try again on {day}.', 'It is never easy.',
    'In the end we had tea.', 'Maybe I am too old for this.', 'I wrote it down somewhere.', 'The rest is history.', 'Anyway.',
  ],
  thanksLine: ['Thanks in advance!', 'Thanks for any help.', 'Thank you all!', 'Any help is welcome.', 'Please answer soon.', 'Greetings from {town}.', 'Love, {who}'],
  agree: ['Same here.', 'I agree with {who}.', 'I would like to know that too.', 'Good question.', 'Following this.', 'Me too!', 'Up.', 'No idea, sorry.', 'Did you ever find out?', 'Use the search function, please.', 'This was asked in {year} already.'],
  rating: ['1', '2', '3', '4', '5'],
};
