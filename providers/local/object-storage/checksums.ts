import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** Checksums that S3 knows, as base64, by the end of their header's name (`x-amz-checksum-crc32`). */
const algorithms: Readonly<Record<string, (data: Uint8Array) => Buffer>> = {
  crc32: (data) => word(crc32(data)),
  crc32c: (data) => word(crc32c(data)),
  crc64nvme: (data) => crc64nvme(data),
  sha1: (data) => createHash('sha1').update(data).digest(),
  sha256: (data) => createHash('sha256').update(data).digest(),
};

export const checksumHeader = /^x-amz-checksum-(crc32|crc32c|crc64nvme|sha1|sha256)$/;

/** Undefined for an algorithm that S3 does not know. */
export function checksum(algorithm: string, data: Uint8Array): string | undefined {
  return Object.hasOwn(algorithms, algorithm) ? algorithms[algorithm]?.(data).toString('base64') : undefined;
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

const castagnoli = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value;
});

function crc32c(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) crc = (crc >>> 8) ^ (castagnoli[(crc ^ byte) & 0xff] as number);
  return ~crc;
}

/** Halves of the table of the reflected polynomial 0x9a6c9329ac4bc9b5: bigints would be a hundred times slower. */
const nvme = Array.from({ length: 256 }, (_, index) => {
  let value = BigInt(index);
  for (let bit = 0; bit < 8; bit++) value = value & 1n ? (value >> 1n) ^ 0x9a6c9329ac4bc9b5n : value >> 1n;
  return { high: Number(value >> 32n), low: Number(value & 0xffffffffn) };
});
const nvmeHigh = Uint32Array.from(nvme, ({ high }) => high);
const nvmeLow = Uint32Array.from(nvme, ({ low }) => low);

function crc64nvme(data: Uint8Array): Buffer {
  let [high, low] = [0xffffffff, 0xffffffff];
  for (const byte of data) {
    const at = (low ^ byte) & 0xff;
    low = ((low >>> 8) | (high << 24)) ^ (nvmeLow[at] as number);
    high = (high >>> 8) ^ (nvmeHigh[at] as number);
  }
  return Buffer.concat([word(~high), word(~low)]);
}
