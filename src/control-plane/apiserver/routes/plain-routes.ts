import type { ApiRequest, ApiResponse } from '../../../kube/request.ts';
import type { ApiCore } from '../core.ts';
import { jsonResponse } from '../result.ts';
import { discoveryRoute } from './discovery-route.ts';
import { healthRoute } from './health.ts';
import { openApiRoute } from './openapi-route.ts';
import { versionInfo } from './version.ts';

export interface PlainRouteOptions {
  core: ApiCore;
  kubernetesVersion: string;
  /** `127.16.0.1:443`: told to clients that ask for /api without aggregated discovery. */
  serverAddress: string;
}

/** Every URL that is no resource's. */
export function plainRoutes({ core, kubernetesVersion, serverAddress }: PlainRouteOptions): (request: ApiRequest) => ApiResponse | undefined {
  const version = versionInfo(kubernetesVersion, process.versions.node);
  const etcd = () => core.storage.problem;
  const health = healthRoute({ ping: () => undefined, log: () => undefined, etcd, 'informer-sync': () => undefined });
  const routes = [discoveryRoute(core.tables, serverAddress), health, openApiRoute(core.tables)];
  return (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return undefined;
    const { path } = request;
    if (path === '/version' || path === '/version/') return jsonResponse(version);
    if (path === '/openid/v1/jwks' && core.tokens) return jsonResponse({ keys: core.tokens.publicKeys() });
    if (path === '/.well-known/openid-configuration' && core.tokens) return jsonResponse(issuerConfiguration(core.tokens.issuer));
    for (const route of routes) {
      const response = route(request);
      if (response) return response;
    }
    return undefined;
  };
}

function issuerConfiguration(issuer: string): object {
  return {
    issuer,
    jwks_uri: `${issuer}/openid/v1/jwks`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256', 'RS256'],
  };
}
