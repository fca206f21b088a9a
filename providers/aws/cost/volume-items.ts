import type { Count, PricedItem } from '../../../src/cloud/provider.ts';

export interface BilledVolume {
  volumeSize?: number;
  volumeType?: string;
  iops?: number;
  throughput?: number;
  encrypted?: boolean;
  kmsKeyId?: string;
}

/** A volume, and the key it is encrypted with where that is the account's own. */
export function volumeItems({ volumeSize, volumeType = 'gp2', iops, throughput, kmsKeyId }: BilledVolume, count: Count, of?: string): PricedItem[] {
  return [
    {
      item: 'volume',
      volumeType,
      ...(volumeSize === undefined ? {} : { sizeGb: volumeSize }),
      ...(iops === undefined ? {} : { iops }),
      ...(throughput === undefined ? {} : { throughputMbps: throughput }),
      ...(of === undefined ? {} : { of }),
      count,
    },
    ...(kmsKeyId === undefined ? [] : keyItems(kmsKeyId)),
  ];
}

function keyItems(id: string): PricedItem[] {
  const one: Count = { min: 1, desired: 1, max: 1 };
  return [
    { item: 'encryptionKey', id, count: one },
    { item: 'usage', of: 'encryptionRequests10k', count: one },
  ];
}
