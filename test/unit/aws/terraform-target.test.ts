import { S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, describe, expect, it } from 'vitest';
import { createAwsProvider } from '../../../providers/aws/provider.ts';
import { mockedAws } from './aws-mocks.ts';

const s3 = mockClient(S3Client);
const { aws, context } = mockedAws();
const document = { kind: 'ManagedFile', name: 'kops-ts/one', attributes: { bucket: 'state', key: 'demo/kops-ts/one' } };

function documentStore(resources = [document]) {
  return createAwsProvider(aws, context).terraform?.documentStore?.(resources);
}

/** The cluster is in us-east-1. */
describe('the provider for documents in Terraform', () => {
  afterEach(() => s3.reset());

  it.each([
    { place: 'eu-central-1', expected: { region: 'eu-central-1' } },
    { place: 'EU', expected: { region: 'eu-west-1' } },
    { place: undefined, expected: undefined },
  ] as const)('is for the region of a bucket in $place', async ({ place, expected }) => {
    s3.onAnyCommand().resolves({ LocationConstraint: place });
    expect(await documentStore()).toEqual(expected);
  });

  it('is the one of the cluster where the bucket does not say its region, and where there are no documents', async () => {
    s3.onAnyCommand().rejects(new Error('AccessDenied'));
    expect(await documentStore()).toBeUndefined();
    expect(await documentStore([])).toBeUndefined();
    expect(s3.calls()).toHaveLength(1);
  });
});
