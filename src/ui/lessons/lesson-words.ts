/** @file Dates and values as lessons write them, in the language of the moment. */
import { m } from '../../messages/messages';
import { getLocale } from '../../messages/runtime';
import type { Recording, Target } from '../../lessons/lesson';

/** "24 November 2026", and its like. Dates of recordings have no time, so they are the same day everywhere. */
export function formatDate(date: string): string {
  const locale = getLocale() === 'en' ? 'en-GB' : getLocale();
  return new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(`${date}T00:00:00Z`));
}

/** "This is a recording, seed 3, 24 November 2026." */
export const recordingLabel = ({ seed, date }: Pick<Recording<unknown>, 'seed' | 'date'>): string =>
  m.lessons_recording({ seed, date: formatDate(date) });

/** A value of an effect: "94 %", "+0.031", "2.6 nats", "0.14". */
export function formatEffect(value: number, unit: Target['unit']): string {
  const minus = (text: string) => text.replace('-', '−');
  switch (unit) {
    case 'share':
      return `${minus((100 * value).toFixed(1))} %`;
    case 'points':
      return `${value > 0 ? '+' : ''}${minus(value.toFixed(3))}`;
    case 'nats':
      return `${minus(value.toFixed(2))} nats`;
    case 'number':
      // An end of an interval that lies just below zero must not read as zero.
      return minus(value.toFixed(value !== 0 && Math.abs(value) < 0.005 ? 3 : 2));
  }
}
