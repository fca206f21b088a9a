import { CloudError } from '../../../src/cloud/errors.ts';
import type { Environment } from '../../../src/lib/environment.ts';
import { messageOf } from '../../../src/lib/errors.ts';

const timeoutMs = 5_000;
const tokenSeconds = 21_600;

/** The instance's own metadata, version 2 of the service: every question carries a token that only software on the instance can get. */
export class MetadataService {
  readonly #environment: Pick<Environment, 'clock' | 'signal'>;
  readonly #base: string;
  #token: Promise<string> | undefined;

  constructor(environment: Pick<Environment, 'clock' | 'signal' | 'variables'>) {
    this.#environment = environment;
    this.#base = `${(environment.variables.AWS_EC2_METADATA_SERVICE_ENDPOINT || 'http://169.254.169.254').replace(/\/+$/, '')}/latest`;
  }

  /** `meta-data/local-hostname`. Throws CloudError: notFound, denied, unavailable. */
  async get(path: string): Promise<string> {
    const first = await this.#ask(path);
    if (first.status !== 401) return answerOf(path, first);
    // The token's time is over.
    this.#token = undefined;
    return answerOf(path, await this.#ask(path));
  }

  async #ask(path: string): Promise<Answer> {
    this.#token ??= this.#fetch('api/token', { method: 'PUT', headers: { 'x-aws-ec2-metadata-token-ttl-seconds': String(tokenSeconds) } }).then((answer) =>
      answerOf('api/token', answer),
    );
    try {
      return await this.#fetch(path, { headers: { 'x-aws-ec2-metadata-token': await this.#token } });
    } catch (error) {
      this.#token = undefined;
      throw error;
    }
  }

  async #fetch(path: string, init: RequestInit): Promise<Answer> {
    const { clock, signal } = this.#environment;
    const late = new AbortController();
    const timer = clock.setTimer(timeoutMs, () => late.abort(new Error(`no answer within ${timeoutMs / 1000} seconds`)), { background: true });
    try {
      const response = await fetch(`${this.#base}/${path}`, { ...init, signal: AbortSignal.any([signal, late.signal]) });
      return { status: response.status, text: await response.text() };
    } catch (error) {
      throw new CloudError('unavailable', 'GetMetadata', `the metadata service of this instance does not answer: ${messageOf(error)}`, { object: path, cause: error });
    } finally {
      timer.cancel();
    }
  }
}

interface Answer {
  status: number;
  text: string;
}

function answerOf(path: string, { status, text }: Answer): string {
  if (status === 200) return text;
  const errorClass = status === 404 ? 'notFound' : status === 401 || status === 403 ? 'denied' : 'unavailable';
  throw new CloudError(errorClass, 'GetMetadata', `the metadata service of this instance answers ${status} to ${path}`, { object: path });
}
