import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { openHostListener } from '../../../src/fabric/host-listener.ts';
import type { Disk } from '../../../src/lib/disk.ts';
import type { Environment } from '../../../src/lib/environment.ts';
import { hex } from '../../../src/lib/random.ts';
import { type AccessKey, ensureAccessKey } from './access-key.ts';
import { type Bucket, Buckets } from './buckets.ts';
import { MultipartUploads } from './multipart-uploads.ts';
import { BodyReader } from './request-body.ts';
import { dispatch } from './routes.ts';
import type { Storage } from './s3-call.ts';
import { errorDocument, S3Error } from './s3-error.ts';
import { type S3Response, toRequest } from './s3-request.ts';
import { verifySignature } from './signature.ts';

export interface ObjectStorage {
  /** `http://127.0.0.1:port` */
  endpoint: string;
  key: AccessKey;
  buckets(): Bucket[];
  close(): void;
}

export interface ObjectStorageOptions {
  environment: Pick<Environment, 'clock' | 'random' | 'log'>;
  disk: Disk;
  /** On 127.0.0.1; another one where somebody else has it. */
  port: number;
  /** The last bucket has just gone. */
  onEmpty(): void;
}

/** The object storage of the local cloud: an S3 endpoint on loopback, for whoever has the home's access key. */
export async function openObjectStorage({ environment, disk, port, onEmpty }: ObjectStorageOptions): Promise<ObjectStorage> {
  const [key, buckets] = await Promise.all([ensureAccessKey(disk, environment.random), Buckets.open(disk, environment)]);
  const storage: Storage = { buckets, uploads: new MultipartUploads(disk, environment.random), bodies: new BodyReader(), onEmpty };
  const server = createServer((request, response) => void answer(storage, key, environment, request, response));
  const sockets = new Set<Socket>();
  const listener = await openHostListener('127.0.0.1', port, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    server.emit('connection', socket);
  });
  return {
    endpoint: `http://${listener.exposed.ip}:${listener.exposed.port}`,
    key,
    buckets: () => buckets.list(),
    close: () => {
      listener.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function answer(storage: Storage, key: AccessKey, environment: ObjectStorageOptions['environment'], incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const requestId = hex(environment.random, 16).toUpperCase();
  const [path = '/'] = (incoming.url ?? '/').split('?');
  try {
    const request = toRequest(incoming.method ?? 'GET', incoming.url ?? '/', incoming.headers, incoming as AsyncIterable<Uint8Array>);
    const signed = verifySignature(request, key, environment.clock.now());
    send(response, await dispatch(storage, request, signed), requestId);
  } catch (error) {
    const known = error instanceof S3Error ? error : new S3Error('InternalError');
    if (known !== error) environment.log.error('a request to the object storage failed', { method: incoming.method, path, error });
    const body = incoming.method === 'HEAD' || known.status === 304 ? '' : errorDocument(known, path, requestId);
    send(response, { status: known.status, headers: body === '' ? {} : { 'content-type': 'application/xml' }, body }, requestId);
  }
}

function send(response: ServerResponse, { status, headers = {}, body = '' }: S3Response, requestId: string): void {
  if (response.destroyed) return;
  const length = status === 204 || status === 304 ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  response.writeHead(status, { ...length, ...headers, 'x-amz-request-id': requestId, server: 'kops-ts' });
  response.end(body);
}
