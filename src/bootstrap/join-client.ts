import { generateKeyPair } from 'node:crypto';
import { request as httpsRequest } from 'node:https';
import { connect as tlsConnect } from 'node:tls';
import { promisify } from 'node:util';
import type { Source } from '../fabric/fabric.ts';
import { KopsError, messageOf } from '../lib/errors.ts';
import { type CertificateName, type JoinRequest, type JoinResponse, joinAudience } from './join.ts';
import { joinPath } from './join-server.ts';
import type { Machine } from './machine.ts';
import { type BootConfig, hashNodeConfig } from './node-config.ts';

export interface NodeCredentials extends JoinResponse {
  /** PKCS#8 in PEM, by certificate name. */
  privateKeys: Record<CertificateName, string>;
}

const firstRetryMs = 100;
const longestRetryMs = 5_000;

/** Asks the control plane to let this machine in, again and again until it does: it may not run yet. Ends with the environment's signal. */
export async function join(machine: Machine, boot: BootConfig): Promise<NodeCredentials> {
  const { clock, log, signal } = machine.environment;
  const keys = { kubelet: await newKey(), 'kubelet-server': await newKey() };
  const request: JoinRequest = { instanceGroup: boot.instanceGroup, publicKeys: { kubelet: keys.kubelet.publicKey, 'kubelet-server': keys['kubelet-server'].publicKey } };
  for (let waitMs = firstRetryMs; ; waitMs = Math.min(waitMs * 2, longestRetryMs)) {
    try {
      const response = await send(machine, boot, request);
      checkConfig(boot, response);
      return { ...response, privateKeys: { kubelet: keys.kubelet.privateKey, 'kubelet-server': keys['kubelet-server'].privateKey } };
    } catch (error) {
      if (signal.aborted) throw error;
      log.debug('not joined yet', { node: machine.metadata.nodeName, error: messageOf(error) });
      await clock.sleep(waitMs, signal);
    }
  }
}

/** The hash in the user data decides which document this instance was launched for; another one means the group changed since. */
function checkConfig(boot: BootConfig, response: JoinResponse): void {
  if (hashNodeConfig(response.nodeConfig) === boot.nodeupConfigHash) return;
  throw new KopsError(`the node document of ${boot.instanceGroup} is not the one this instance was launched for`, {
    code: 'NODE_CONFIG_CHANGED',
    exit: 'conflict',
    object: boot.instanceGroup,
    suggestions: ['Replace the instance: a new one starts from the current document.'],
  });
}

async function send(machine: Machine, boot: BootConfig, request: JoinRequest): Promise<JoinResponse> {
  const ip = await machine.resolve(boot.apiServer.host);
  if (ip === undefined) throw new KopsError(`${boot.apiServer.host} is not known to the cloud's DNS yet`, { code: 'API_NOT_RESOLVED', exit: 'notReady' });
  const token = await machine.identityToken(joinAudience(request));
  const from: Source = { type: 'node', name: machine.metadata.nodeName, ip: machine.metadata.privateIp };
  const stream = await machine.fabric.connect(from, ip, boot.apiServer.joinPort);
  const socket = tlsConnect({ socket: stream, ca: boot.certificateAuthority, servername: boot.apiServer.host });
  try {
    return await new Promise<JoinResponse>((resolve, reject) => {
      stream.on('error', reject);
      socket.on('error', reject);
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const call = httpsRequest({ method: 'POST', path: joinPath, host: boot.apiServer.host, headers, createConnection: () => socket }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          if (response.statusCode === 200) resolve(JSON.parse(text) as JoinResponse);
          else reject(new KopsError(`the control plane answered ${response.statusCode}: ${text}`, { code: 'JOIN_REFUSED', exit: 'cloud' }));
        });
      });
      call.on('error', reject);
      call.end(JSON.stringify(request));
    });
  } finally {
    socket.destroy();
    stream.destroy();
  }
}

const generate = promisify(generateKeyPair);

async function newKey(): Promise<{ publicKey: string; privateKey: string }> {
  return generate('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}
