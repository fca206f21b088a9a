import type { ApiResource, ApiTables } from '../../../kube/api/tables.ts';
import { schemaPrefix } from './schemas.ts';

type Json = Record<string, unknown>;
interface Kind {
  group: string;
  version: string;
  kind: string;
}

const patchTypes = ['application/apply-patch+yaml', 'application/json-patch+json', 'application/merge-patch+json', 'application/strategic-merge-patch+json'];
const answers = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];

/** `paths` of one group version, and the definitions they speak of. */
export class PathBuilder {
  readonly paths: Json = {};
  readonly definitions = new Set<string>();
  private readonly tables: ApiTables;
  private readonly root: string;

  constructor(tables: ApiTables, root: string) {
    this.tables = tables;
    this.root = root;
  }

  add(resource: ApiResource): void {
    const scope = resource.namespaced ? `${this.root}/namespaces/{namespace}` : this.root;
    const collection = `${scope}/${resource.resource}`;
    const verbs = new Set(resource.verbs);
    const list = { ...resource, kind: `${resource.kind}List` };
    const many: Json = {};
    if (verbs.has('list')) many.get = this.operation('list', 'list', resource, list);
    if (verbs.has('create')) many.post = this.operation('create', 'post', resource, resource);
    if (verbs.has('deletecollection')) many.delete = this.operation('deletecollection', 'deletecollection', resource, { group: '', version: 'v1', kind: 'Status' });
    this.paths[collection] = { ...many, parameters: scopeParameters(resource.namespaced, false) };
    if (resource.namespaced && verbs.has('list')) this.paths[`${this.root}/${resource.resource}`] = { get: many.get };
    if (verbs.has('get')) this.paths[`${collection}/{name}`] = this.item(resource, verbs);
    for (const [name, sub] of resource.subresources) {
      const streams = sub.kind.endsWith('Options') || name === 'log';
      const key = `sub:${resource.resource}/${name}`;
      const path = streams ? this.streaming(resource, key, sub.verbs) : this.item({ ...sub, namespaced: resource.namespaced }, new Set(sub.verbs));
      this.paths[`${collection}/{name}/${name}`] = path;
    }
  }

  private item(kind: Kind & { namespaced: boolean }, verbs: ReadonlySet<string>): Json {
    const path: Json = {};
    if (verbs.has('get')) path.get = this.operation('get', 'get', kind, kind);
    if (verbs.has('update')) path.put = this.operation('update', 'put', kind, kind);
    if (verbs.has('patch')) path.patch = this.operation('patch', 'patch', kind, kind);
    if (verbs.has('create')) path.post = this.operation('create', 'post', kind, kind);
    if (verbs.has('delete')) path.delete = this.operation('delete', 'delete', kind, { group: '', version: 'v1', kind: 'Status' });
    return { ...path, parameters: scopeParameters(kind.namespaced, true) };
  }

  private streaming(resource: ApiResource, key: string, verbs: readonly string[]): Json {
    const kind = { group: resource.group, version: resource.version, kind: resource.kind };
    const parameters = this.query(key);
    const operation = {
      parameters,
      responses: { 200: { description: 'OK', content: { '*/*': { schema: { type: 'string' } } } } },
      'x-kubernetes-action': 'connect',
      'x-kubernetes-group-version-kind': kind,
    };
    return { ...(verbs.includes('get') && { get: operation }), ...(verbs.includes('create') && { post: operation }), parameters: scopeParameters(resource.namespaced, true) };
  }

  private operation(verb: string, action: string, about: Kind, answer: Kind): Json {
    const operation: Json = {
      parameters: this.query(`verb:${verb}`),
      responses: {
        200: { description: 'OK', content: Object.fromEntries(answers.map((type) => [type, { schema: this.reference(answer) }])) },
        401: { description: 'Unauthorized' },
      },
      'x-kubernetes-action': action,
      'x-kubernetes-group-version-kind': { group: about.group, version: about.version, kind: about.kind },
    };
    if (verb === 'create' || verb === 'update') operation.requestBody = { content: { '*/*': { schema: this.reference(about) } }, required: true };
    if (verb === 'patch')
      operation.requestBody = {
        content: Object.fromEntries(patchTypes.map((type) => [type, { schema: this.reference({ group: '', version: 'v1', kind: 'Patch' }, 'meta.v1.Patch') }])),
        required: true,
      };
    if (verb === 'delete' || verb === 'deletecollection') operation.requestBody = { content: { '*/*': { schema: this.reference(about, 'meta.v1.DeleteOptions') } } };
    return operation;
  }

  private reference({ group, version, kind }: Kind, known?: string): Json {
    const name = known ?? (kind === 'Status' ? 'meta.v1.Status' : this.tables.definitionOf(group, version, kind));
    if (name === undefined) return { type: 'object' };
    this.definitions.add(name);
    return { $ref: schemaPrefix + this.tables.openApiName(name) };
  }

  private query(key: string): Json[] {
    return Object.entries(this.tables.parameters(key)).map(([name, type]) => ({ name, in: 'query', schema: { type, uniqueItems: true } }));
  }
}

function scopeParameters(namespaced: boolean, named: boolean): Json[] {
  const names = [...(named ? ['name'] : []), ...(namespaced ? ['namespace'] : [])];
  return names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string', uniqueItems: true } }));
}
