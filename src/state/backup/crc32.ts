/**
 * @file CRC-32, as in zip and PNG: whether bytes came through whole. Not against forgery, which no checksum in a file is. Why not
 * SHA-256? Browsers offer it only to https and localhost, and a class may have neither.
 */

const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** @param before of the bytes that came before these */
export function crc32(bytes: Uint8Array, before = 0): number {
  let value = ~before;
  for (let at = 0; at < bytes.length; at++) value = TABLE[(value ^ bytes[at]!) & 255]! ^ (value >>> 8);
  return ~value >>> 0;
}
