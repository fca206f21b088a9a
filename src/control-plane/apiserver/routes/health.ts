import type { ApiRequest, ApiResponse } from '../../../kube/request.ts';
import { textResponse } from '../result.ts';

/** Undefined: well; otherwise what is wrong. */
export type HealthCheck = () => string | undefined;

/** /healthz, /livez and /readyz; `?verbose` names every check, `?exclude=NAME` leaves one out, `/readyz/NAME` asks for one. */
export function healthRoute(checks: Readonly<Record<string, HealthCheck>>): (request: ApiRequest) => ApiResponse | undefined {
  return ({ path, query }) => {
    const [, endpoint = '', only] = /^\/(healthz|livez|readyz)(?:\/([\w-]+))?$/.exec(path) ?? [];
    if (endpoint === '') return undefined;
    const excluded = query.getAll('exclude');
    const chosen = Object.entries(checks).filter(([name]) => (only === undefined || name === only) && !excluded.includes(name));
    if (only !== undefined && chosen.length === 0) return textResponse(404, '404 page not found\n');
    const results = chosen.map(([name, check]) => ({ name, problem: check() }));
    const healthy = results.every(({ problem }) => problem === undefined);
    if (healthy && !query.has('verbose')) return textResponse(200, 'ok');
    const lines = results.map(({ name, problem }) => (problem === undefined ? `[+]${name} ok` : `[-]${name} failed: ${problem}`));
    return textResponse(healthy ? 200 : 500, `${lines.join('\n')}\n${endpoint} check ${healthy ? 'passed' : 'failed'}\n`);
  };
}
