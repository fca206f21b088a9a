import { type AwsProxy, startAwsProxy } from '../integration/aws-proxy.ts';
import { startMoto } from '../integration/moto.ts';
import { has, type Outcome, run, Workplace } from './harness.ts';

/** Empty, or why tests that look with the AWS CLI are skipped: for their names. */
export const awsCliMissing = has('aws') ? '' : ' (skipped: the AWS CLI is not installed, see .ci/run)';

const region = 'us-east-1';
const image = 'ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64';

const zones = `${region}a,${region}b,${region}c`;

/** `create cluster` with these: three zones, private, three control planes, three groups of workers, a bastion. */
export const highlyAvailable = [
  '--zones',
  zones,
  '--control-plane-zones',
  zones,
  '--topology',
  'private',
  '--bastion',
  '--networking',
  'cilium',
  '--dns',
  'none',
  '--image',
  image,
];

/** A user with a simulated AWS account of their own; every call is noted on its way there. */
export class AwsWorkplace extends Workplace {
  readonly proxy: AwsProxy;
  readonly #endpoint: string;
  readonly #stop: () => Promise<void>;
  /** Each AWS CLI is a Python process: a few at a time. */
  readonly #lanes: Promise<unknown>[] = [Promise.resolve(), Promise.resolve(), Promise.resolve()];
  #asked = 0;

  private constructor(endpoint: string, proxy: AwsProxy, stop: () => Promise<void>) {
    super({
      AWS_ENDPOINT_URL: proxy.endpoint,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_PAGER: '',
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      NODE_NO_WARNINGS: '1',
      KOPS_STATE_STORE: 's3://state',
    });
    this.proxy = proxy;
    this.#endpoint = endpoint;
    this.#stop = stop;
  }

  static async open(): Promise<AwsWorkplace> {
    const moto = await startMoto();
    const proxy = await startAwsProxy(moto.endpoint);
    const place = new AwsWorkplace(moto.endpoint, proxy, async () => {
      await proxy.stop();
      await moto.stop();
    });
    const made = await fetch(`${moto.endpoint}/state`, { method: 'PUT', headers: { authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${region}/s3/aws4_request` } });
    if (!made.ok) throw new Error(`the bucket for the state could not be made: ${made.status}`);
    return place;
  }

  override async close(): Promise<void> {
    await super.close();
    await this.#stop();
  }

  /** kops-ts, which must succeed. */
  async done(...args: string[]): Promise<Outcome> {
    const outcome = await this.kops(...args);
    if (outcome.code !== 0) throw new Error(`kops-ts ${args.join(' ')} ended with ${outcome.code}:\n${outcome.stdout}\n${outcome.stderr}`);
    return outcome;
  }

  /** What the AWS CLI answers; not among the noted calls. */
  aws<Answer>(...args: string[]): Promise<Answer> {
    const lane = this.#asked++ % this.#lanes.length;
    const answer = (this.#lanes[lane] ?? Promise.resolve()).then(() => this.#ask<Answer>(args));
    this.#lanes[lane] = answer.catch(() => {});
    return answer;
  }

  async #ask<Answer>(args: readonly string[]): Promise<Answer> {
    const { code, stdout, stderr } = await run('aws', [...args, '--endpoint-url', this.#endpoint, '--output', 'json'], this.env);
    if (code !== 0) throw new Error(`aws ${args.join(' ')} ended with ${code}: ${stderr}`);
    return JSON.parse(stdout || '{}') as Answer;
  }
}
