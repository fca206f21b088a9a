import type { ProviderModule } from '../../src/cloud/provider.ts';
import { KopsError } from '../../src/lib/errors.ts';
import { awsSpec } from './spec.ts';

const aws: ProviderModule = {
  apiVersion: 1,
  name: 'aws',
  catalog: async () => (await import('./catalog.ts')).awsCatalog,
  refreshPrices: async (context, regions) => (await import('./pricing/refresh-prices.ts')).refreshPrices(context, regions),
  priceBook: async (figures) => (await import('./prices.ts')).withRefreshedPrices(figures),
  spec: awsSpec,
  permissions: async (role, request) => (await import('./permissions.ts')).awsPermissions(role, request),
  openInstance: async (context) => (await import('./machine/instance.ts')).openAwsInstance(context),
  open: async () => {
    throw new KopsError('the aws provider can price and complete specs but not yet apply', {
      code: 'PROVIDER_NOT_READY',
      exit: 'usage',
      object: 'aws',
      suggestions: [
        'Rehearse the same command here, for nothing: --cloud local',
        'and see what it would cost there: --price-as aws:us-east-1',
        'Answer look-ups of existing networks yourself: --dry-run --facts FILE',
      ],
    });
  },
};

export default aws;
