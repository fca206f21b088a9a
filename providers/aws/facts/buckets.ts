import type { AwsApi } from '../api/clients.ts';

/** What S3 calls places by names that are older than regions. */
const oldNames: Readonly<Record<string, string>> = { '': 'us-east-1', EU: 'eu-west-1' };

/** Where a bucket lies; undefined for who may not see it, and where it is on another server than Amazon's. */
export async function lookUpBucketRegion(aws: AwsApi, Bucket: string, abortSignal: AbortSignal): Promise<string | undefined> {
  try {
    const { LocationConstraint: place = '' } = await (await aws.service('s3')).getBucketLocation({ Bucket }, { abortSignal });
    return oldNames[place] ?? place;
  } catch {
    abortSignal.throwIfAborted();
    return undefined;
  }
}
