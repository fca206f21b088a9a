import type { IdentityVerifier } from '../../../src/bootstrap/machine.ts';
import { CloudError } from '../../../src/cloud/errors.ts';
import type { Identities } from './identity.ts';
import type { Ledger } from './ledger.ts';

/** What the cloud does for the software on its instances. */
export class InstanceServices {
  readonly verifyIdentity: IdentityVerifier;
  private readonly ledger: Ledger;
  private readonly identities: Identities;

  constructor(ledger: Ledger, identities: Identities) {
    this.ledger = ledger;
    this.identities = identities;
    this.verifyIdentity = identities.verify;
  }

  identityToken(instanceId: string, audience: string): string {
    this.instance(instanceId, 'identityToken');
    return this.identities.token(instanceId, audience);
  }

  /** Throws CloudError `notFound`, or `denied` when the instance's role may not read it. */
  fetchDocument(instanceId: string, path: string): Uint8Array {
    const { state, instance } = this.instance(instanceId, 'fetchDocument');
    const document = state.resources.find((resource) => resource.kind === 'Document' && resource.name === path);
    const content = document && state.contents[document.id];
    if (!document || content === undefined) throw new CloudError('notFound', 'fetchDocument', `there is no document ${path}`, { object: path });
    const roles = document.attributes.roles;
    if (!Array.isArray(roles) || !roles.includes(instance.role)) {
      throw new CloudError('denied', 'fetchDocument', `instances with role ${instance.role} may not read ${path}`, { object: path });
    }
    return Buffer.from(content);
  }

  /** The cloud's DNS: the API's internal name always, records, and instances by name. */
  resolve(cluster: string, host: string): string | undefined {
    const state = this.ledger.cluster(cluster);
    const record = state?.resources.find((resource) => resource.kind === 'DNSRecord' && resource.name === host);
    if (record) return String(record.attributes.value);
    if (host === `api.internal.${cluster}` || host === `api.${cluster}`) {
      const balancer = state?.resources.find((resource) => resource.kind === 'LoadBalancer' && resource.name === `api.${cluster}`);
      return balancer && String(balancer.outputs.ip);
    }
    return state?.instances.find((instance) => instance.nodeName === host)?.privateIp;
  }

  private instance(id: string, operation: string) {
    const found = this.ledger.findInstance((instance) => instance.id === id);
    if (!found) throw new CloudError('notFound', operation, `there is no instance ${id}`, { object: id });
    return found;
  }
}
