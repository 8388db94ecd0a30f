/** @file Which language the page begins in, and places of the lessons in an address. */
import { describe, expect, it } from 'vitest';
import { readLessonPlace, writeLessonPlace } from '../../src/state/lesson-place';
import { chooseLocale, matchLocale, withLanguage } from '../../src/state/locale';

describe('the language', () => {
  it.each([
    ['pt', 'pt-BR'],
    ['pt-PT', 'pt-BR'],
    ['zh', 'zh-CN'],
    ['zh-Hans-SG', 'zh-CN'],
    ['zh-TW', null],
    ['en-GB', 'en'],
    ['fr', null],
    ['', null],
  ])('%j is served by %j', (wish, locale) => expect(matchLocale(wish)).toBe(locale));

  it('is the address’s, then the last choice, then the browser’s, then English', () => {
    expect(chooseLocale('?lang=zh-CN', 'pt-BR', ['en'])).toBe('zh-CN');
    expect(chooseLocale('?lang=klingon', 'pt-BR', ['en'])).toBe('pt-BR');
    expect(chooseLocale('?debug', null, ['fr', 'pt'])).toBe('pt-BR');
    expect(chooseLocale('', 'nonsense', ['fr'])).toBe('en');
  });

  it('goes into the address beside other switches', () => {
    expect(withLanguage('', 'en')).toBe('?lang=en');
    expect(withLanguage('?debug&lang=en&x=1', 'pt-BR')).toBe('?debug&x=1&lang=pt-BR');
  });
});

describe('a place in the lessons', () => {
  it.each(['', 'syllabus', '4', '4/step-2', '4/stage/3', '4/worksheet', '4/answers'])('%j is read and written alike', (place) =>
    expect(writeLessonPlace(readLessonPlace(place))).toBe(place),
  );

  it.each([
    ['nonsense', { page: 'index' }],
    ['4/step-0', { page: 'lesson', number: 4, step: 1 }],
    ['4/step-x', { page: 'lesson', number: 4, step: 1 }],
    ['4/stage', { page: 'stage', number: 4, slide: 1 }],
    ['-1', { page: 'index' }],
  ])('%j is %j', (place, expected) => expect(readLessonPlace(place)).toEqual(expected));
});
