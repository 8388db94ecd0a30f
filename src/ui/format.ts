/** @file Numbers as readers see them: a true minus sign, sensible digits, units spelled short. */

import { getLocale } from '../messages/runtime';

const MINUS = '−';

/** Three significant digits or so: "0.0005", "1.23", "−45.6", "1,234". */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'not a number' : value > 0 ? '∞' : `${MINUS}∞`;
  const size = Math.abs(value);
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : 2;
  const text =
    size !== 0 && size < 0.1
      ? String(Number(size.toPrecision(2)))
      : size.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return value < 0 && Number(text.replaceAll(',', '')) !== 0 ? MINUS + text : text;
}

/** With its sign, two decimals: "+0.40", "−1.20", "0.00". */
export function formatSigned(value: number, digits = 2): string {
  const text = Math.abs(value).toFixed(digits);
  if (Number(text) === 0) return text;
  return (value < 0 ? MINUS : '+') + text;
}

/** A setting as typed: no padding zeros. */
export function formatPlain(value: number): string {
  return String(Number(value.toPrecision(6))).replace('-', MINUS);
}

/** "38 %", "0.4 %", "< 0.1 %". */
export function formatPercent(share: number): string {
  const percent = share * 100;
  if (percent > 0 && percent < 0.1) return '< 0.1 %';
  return `${percent.toFixed(percent < 10 ? 1 : 0)} %`;
}

/** "4.2 MB", "10.7 GB". */
export function formatBytes(bytes: number): string {
  if (bytes < 1e3) return `${bytes} B`;
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(0)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

/** "0.7 s", "34 s", "2 min 5 s". */
export function formatSeconds(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 100) return `${Math.round(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** "1.2 M", "18 k". */
export function formatCount(count: number): string {
  if (count >= 1e6) return `${(count / 1e6).toFixed(1)} M`;
  if (count >= 1e4) return `${Math.round(count / 1e3)} k`;
  return String(count);
}

/** Whole numbers, thousands apart, in no country's way: "320", "20 000". */
export const formatWhole = (count: number): string => (count < 1e4 ? String(count) : count.toLocaleString('en').replaceAll(',', '\u202f'));

/** "right, polite": words one after the other, with the comma of the page's language. */
export const listWords = (words: readonly string[]): string => words.join(getLocale() === 'zh-CN' ? '、' : ', ');
