/**
 * @file Pages about places: the home pages of towns, and what travellers write. Lines marked `*` are held out. Slots as in
 * `facts.ts`.
 */

/** The tables of pages about places. */
export const PLACE_TABLES: Readonly<Record<string, readonly string[]>> = {
  'town-page': [
    'Welcome to {town}!\n\n{townWhere} {townPop} {townFame} {townFest}\n\nTown hall: open on {day} from {hour}.',
    'Welcome to {town}!\n\n{townFame}\n\nGetting here: {gettingHere}\nWhat to see: {tfame}\nFestival: {tfest}\nPeople: {tpop}',
    'The home page of {town}\n\n| News | Town hall | Visitors |\n\n{townFest} {townFame} {townPerson} {townPop}',
    'The home page of {town}\n\n{townWhere} {townPerson} {townPerson2}\n\nVisitors today: {big}',
    'Welcome to {town}!\n\nOur people: {townPerson} {townPerson2}\nOur pride: {tfame}.\nOur festival: in {tfest}.\nOur dish: {d}. {dishWith}',
    'Town of {town}, office hours\n\n{day}: {hour} to 12. {townPop} {townWhere} Please bring your own pen.\n\nOn {day} the office is closed. {excuse}',
    '*The town of {town} says hello.\n\n{townPop} {townFame} {townPerson} {townFest}',
    '*Visit {town}! {townFame} {townWhere}\n\nAsk for the way at {place}.',
  ],
  townPerson2: ['{k}, {kj}, is from {town} too.', 'And then there is {k}, {kj}, born in {kb}.', 'Do not forget {k}, known for {kw}.'],
  gettingHere: [
    'There is a train twice a day.',
    'Take the bus and do not fall asleep.',
    'By boat, if the sailor is awake.',
    'On foot, and bring water.',
    'Follow the sign with the goat.',
  ],
  excuse: ['The mayor goes fishing.', 'The key is lost.', 'It is the day of the cat.', 'We are painting the chairs.', 'Do not ask.'],
  travel: [
    '# A weekend in {town}\n\n{townWhere} {gettingHere} {travelLine} {townFame}\n\nWhere to eat: {place3}. The {d} {was} {good}.\n\nWhen to go: in {tfest}, for the festival.',
    '# Three days in {town}\n\nDay one: {travelLine} {townFame}\nDay two: {travelLine} {townPerson}\nDay three: {travelLine} We went home {mood}.',
    '# {town} for beginners\n\n{townWhere} {townPop} {townFame} {travelLine} {townFest}\n\nTip: {travelTip}',
    'Postcard from {town}\n\nDear {relative2}, {town} is {tplace}. {travelLine} {travelLine} {townFame}\n\nSee you on {day}, {who}',
    '# From {town} to {pt}\n\nThe trip takes {num} hours. {townWhere} {travelLine} In {pt} we met {p}, {pj}. {personWork} {travelTip}',
    '*Travel notes from {town}\n\n{travelTip} {townFest} {townFame} {travelLine}',
    '*Should you go to {town}? Yes. {townFame} {townWhere} {travelLine} {travelTip}',
  ],
  travelLine: [
    'We slept in a small hotel near {place}.',
    'The bed was short, and the breakfast was long.',
    'We walked to {place} and back.',
    'We ate {d} in the rain.',
    'A man with {animal2} showed us the way.',
    'We got lost twice and were glad both times.',
    'I bought {thing} and had to carry it all day.',
    'Everybody asked where we were from.',
    'We saw {place} by night.',
    '{weather}',
    'The sea was cold, or maybe it was the soup.',
    'My shoes gave up near {place}.',
  ],
  travelTip: [
    'Bring good shoes.',
    'Do not pet the geese.',
    'Try the {d}.',
    'Order tea, the coffee is sad.',
    'The last bus leaves at {hour}, sometimes.',
    'Ask anybody for {q}. Nobody knows why, but it helps.',
    'Go early, before the bakery is empty.',
  ],
  animal2: ['a goat', 'a parrot', 'two dogs', 'a very old horse', 'a duck'],
};
