import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IdentityVerifier } from '../../../src/bootstrap/machine.ts';
import { CloudError } from '../../../src/cloud/errors.ts';
import type { Disk } from '../../../src/lib/disk.ts';
import type { Environment } from '../../../src/lib/environment.ts';
import { systemCode } from '../../../src/lib/errors.ts';
import { isPlainObject } from '../../../src/lib/json.ts';
import type { Ledger } from './ledger.ts';

const keyFile = 'identity.key';
const validMs = 300_000;

/** Proofs of who an instance is: signed by the cloud, for one audience, for five minutes. */
export class Identities {
  private readonly key: Uint8Array;
  private readonly ledger: Ledger;
  private readonly environment: Pick<Environment, 'clock'>;

  constructor(key: Uint8Array, ledger: Ledger, environment: Pick<Environment, 'clock'>) {
    this.key = key;
    this.ledger = ledger;
    this.environment = environment;
  }

  token(instanceId: string, audience: string): string {
    const claims = Buffer.from(JSON.stringify({ instanceId, audience, expires: this.environment.clock.now() + validMs })).toString('base64url');
    return `${claims}.${this.sign(claims)}`;
  }

  /** Throws CloudError `denied` with the reason. */
  readonly verify: IdentityVerifier = async (token, audience) => {
    const [claims = '', signature = ''] = token.split('.');
    const expected = Buffer.from(this.sign(claims));
    const given = Buffer.from(signature);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw denied('its signature is wrong');
    const value: unknown = JSON.parse(Buffer.from(claims, 'base64url').toString());
    if (!isPlainObject(value) || typeof value.expires !== 'number' || value.expires < this.environment.clock.now()) throw denied('it has expired');
    if (value.audience !== audience) throw denied('it was made for another request');
    const found = this.ledger.findInstance((instance) => instance.id === value.instanceId);
    if (!found || found.instance.state === 'terminating') throw denied(`there is no instance ${value.instanceId}`);
    const { id, cluster, instanceGroup, role, nodeName, privateIp } = found.instance;
    if (role === 'Bastion') throw denied(`instance ${id} is a bastion`);
    return { instanceId: id, clusterName: cluster, instanceGroup, role, nodeName, privateIp };
  };

  private sign(claims: string): string {
    return createHmac('sha256', this.key).update(claims).digest('base64url');
  }
}

/** The home's own key, made on first use. */
export async function identityKey(disk: Disk, environment: Pick<Environment, 'random'>): Promise<Uint8Array> {
  try {
    return await disk.readFile(keyFile);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
  const key = environment.random.bytes(32);
  await disk.writeFile(keyFile, key, { mode: 0o600 });
  return key;
}

function denied(why: string): CloudError {
  return new CloudError('denied', 'verifyIdentity', `the proof of identity is not accepted: ${why}`);
}
