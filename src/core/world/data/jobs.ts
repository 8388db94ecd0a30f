/**
 * @file Jobs and the works people are known for: `job | works`, each work held by at most one person.
 *
 * Works are written so that "is known for …" can stand before them.
 */

/** One job a line; works are separated by `;`. */
export const JOB_LINES: readonly string[] = [
  'baker|the longest bread in the valley; a cake shaped like a train; the rye rolls of the night market; a bread without a crust; the first bakery on a boat; a wedding cake with nine floors; the smallest cookie ever sold; the blue bagel',
  'painter|the painting "Blue Boat"; the painting "Three Goats"; the painting "Sunday Rain"; the painting "My Green Chair"; a wall of painted cats; the painting "Empty Harbor"; portraits of sleeping dogs; the painting "Two Moons"',
  'writer|the novel "The Quiet River"; the novel "A Key for Nobody"; the novel "Winter in My Shoes"; the novel "The Last Ferry"; the book "Ten Small Lies"; the novel "Under the Clock"; a diary of a snail; the novel "Salt and Honey"',
  'teacher|a school under a tree; lessons that start with a song; the slowest race in town; a library in a bus; teaching chess to grandmothers; the garden school; a map drawn by children; a class without homework',
  'gardener|the black tulip; a maze of beans; the oldest rose in town; a garden on a roof; a pumpkin as big as a car; the moon garden; a hedge shaped like a whale; potatoes that grow in towers',
  'singer|the song "Lantern Road"; the song "Call Me Tomorrow"; singing for eleven hours; the song "One More Spoon"; the harbor choir; the song "Paper Moon"; the song "Old Brown Dog"; a voice that broke a window',
  'engineer|the bridge that folds; a clock that runs on water; the quiet tram; a lamp that never goes out; the wooden bicycle; the tallest swing in the world; a lift for boats; the wind mill at the beach',
  'doctor|the free clinic on wheels; a cure for hiccups; house calls by bicycle; the hospital for toys; a book about sleep; the laughing hour; the walking club for the old; a syrup that tastes good',
  'locksmith|a lock with no key; opening the town safe; the museum of keys; a door that opens to a song; the smallest padlock; a key made of glass; the lock of the old gate; free spare keys for all',
  'cook|the midnight soup; a restaurant with one table; the soup kitchen at the station; a chili that made the mayor cry; noodles pulled by hand; the dinner for a thousand; a book of leftovers; the silent restaurant',
  'photographer|photos of empty chairs; the photo "Wet Umbrella"; pictures of every door in town; photos from a balloon; the photo "Grandmother Laughing"; photos of fog; a picture of the first snow; the photo "Fox at Noon"',
  'sailor|sailing around the cape alone; finding the lost bell; a boat made of bottles; crossing the bay in a bathtub; saving eleven goats from a storm; the longest letter in a bottle; rowing home in fog; the map of the reef',
  'musician|the glass piano; the album "Slow Trains"; a concert in the rain; the march of the geese; playing two flutes at once; the album "Kitchen Songs"; the smallest orchestra; a waltz for tractors',
  'chess player|beating nine mayors at once; the sleeping bishop opening; a game that took three years; winning with one hand; the chess club at the station; losing with a smile; a match played by mail; the pawn storm of the spring cup',
  'scientist|counting the bees of the valley; the theory of wet socks; a map of the winds; the study of yawning; finding a new kind of moss; measuring the fog; the weather diary; a machine that sorts buttons',
  'carpenter|a chair with one leg; the round table of the town hall; a bed for twelve children; the stairs to the lighthouse; toys made of old doors; the singing bench; a house without nails; the longest table in town',
  'runner|running backwards up the hill; the night marathon; a race against a train; winning the mud race four times; running with a tray of eggs; the dawn mile; a run across the moor; finishing last with joy',
  'librarian|the library that lends umbrellas; reading to the night shift; a catalog of lost letters; the silent disco; saving the books from the flood; the longest bookmark; a shelf for unfinished books; the story phone',
  'farmer|the friendliest goats in the valley; a cow that wins prizes; purple carrots; the corn maze; cheese made at night; the egg machine; a farm shop without a door; the sheep that cut the town lawn',
  'mayor|the law against sad mondays; free soup in winter; moving the clock tower; the bench plan; planting nine hundred trees; the longest speech in town; a road for frogs; opening the old tunnel',
];
