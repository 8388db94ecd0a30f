/**
 * @file First and last names. Known people use some of their combinations; every other combination is nobody.
 */

/** First names of women. */
export const FEMALE_NAMES: readonly string[] = (
  'Ana Greta Lena Maria Nora Ines Clara Rosa Edith Paula Ruth Vera Alma Ida Tessa Olga Marta Julia Sofia Hanna ' +
  'Emma Freya Lucy Mabel Petra Selma Thea Wanda Yara Zoe'
).split(' ');

/** First names of men. */
export const MALE_NAMES: readonly string[] = (
  'Bruno Martin Otto Felix Hugo Leo Max Nils Oscar Paul Ralf Simon Tom Viktor Walter Anton Boris Carl David Emil ' +
  'Frank Georg Henry Ivan Jonas Karim Luis Mateo Noah Peter'
).split(' ');

/** Last names. */
export const LAST_NAMES: readonly string[] = (
  'Moreno Costa Berg Lind Novak Silva Hart Keller Romano Varga Brandt Dahl Eriksen Fischer Grant Holm Iversen Jansen ' +
  'Kovac Lopez Marsh Nolan Ortega Petrov Quinn Rossi Sato Torres Ullman Vidal Weber Young Ziegler Abbott Blum Castro ' +
  'Duarte Ellis Fabre Goodwin Hale Ibsen Jordan Klein Lambert Mercer Nash Okafor Park Reyes'
).split(' ');
