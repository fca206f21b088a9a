import type { ProviderModule, ProviderSpec } from '../../src/cloud/provider.ts';
import { KopsError } from '../../src/lib/errors.ts';

const spec: ProviderSpec = {
  ownsZone: (zone) => /^[a-z]{2}(-gov)?-[a-z]+-\d[a-z]$/.test(zone),
  references: () => ({}),
  clusterDefaults: () => ({ 'spec.networkCIDR': '172.20.0.0/16', 'spec.nonMasqueradeCIDR': '100.64.0.0/10' }),
  instanceGroupDefaults: () => ({}),
  validate: () => [],
};

const aws: ProviderModule = {
  apiVersion: 1,
  name: 'aws',
  catalog: async () => (await import('./catalog.ts')).awsCatalog,
  spec,
  open: async () => {
    throw new KopsError('the aws provider can price and complete specs but not yet apply', {
      code: 'PROVIDER_NOT_READY',
      exit: 'usage',
      object: 'aws',
      suggestions: ['Rehearse the same command here, for nothing: --cloud local', 'and see what it would cost there: --price-as aws:us-east-1'],
    });
  },
};

export default aws;
