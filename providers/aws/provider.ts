import { setMaxListeners } from 'node:events';
import type { Provider } from '../../src/cloud/provider.ts';
import type { AwsApi } from './api/clients.ts';
import { apiEndpoint } from './api-endpoint.ts';
import { createControllers } from './controllers.ts';
import { lookUpBucketRegion } from './facts/buckets.ts';
import { lookUpFacts } from './facts.ts';
import { awsInstances } from './instances.ts';
import { awsKinds } from './kinds.ts';
import { modelCluster } from './model/model.ts';
import { type DocumentContents, documentContents } from './resources/managed-file.ts';
import { awsTerraform } from './terraform/target.ts';

export interface AwsProviderOptions {
  /** Ends long waits. */
  signal: AbortSignal;
  /** `s3://bucket/cluster`: where instances read their documents. */
  configBase?: string;
}

/** The provider over the APIs of one region. Nothing is called before something is asked for. */
export function createAwsProvider(aws: AwsApi, { signal, configBase }: AwsProviderOptions): Provider {
  // Every call of an apply listens for its end.
  setMaxListeners(0, signal);
  let contents: DocumentContents = new Map();
  const { kinds, inventory } = awsKinds(aws, { contents: () => contents, ...(configBase === undefined ? {} : { configBase }) });
  return {
    name: 'aws',
    facts: (_clusterName, request) => lookUpFacts(aws, request, signal),
    model: (input) => {
      contents = documentContents(input.documents);
      return modelCluster(input);
    },
    kinds,
    inventory,
    instances: awsInstances(aws, signal),
    controllers: createControllers(aws, signal),
    apiEndpoint: (clusterName) => apiEndpoint(aws, clusterName, signal),
    terraform: awsTerraform(aws.region, (bucket) => lookUpBucketRegion(aws, bucket, signal)),
    close: () => aws.close(),
  };
}
