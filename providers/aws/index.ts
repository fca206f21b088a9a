import type { ProviderModule } from '../../src/cloud/provider.ts';
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
  open: async ({ region, configBase, home: _home, ...environment }) => {
    const [{ AwsApi }, { createAwsProvider }] = await Promise.all([import('./api/clients.ts'), import('./provider.ts')]);
    return createAwsProvider(new AwsApi(region, environment), { signal: environment.signal, ...(configBase === undefined ? {} : { configBase }) });
  },
};

export default aws;
