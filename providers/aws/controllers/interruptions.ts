import type { Message } from '@aws-sdk/client-sqs';
import type { CloudControllers, FollowOptions } from '../../../src/cloud/controllers.ts';
import { isCloudError } from '../../../src/cloud/errors.ts';
import { messageOf } from '../../../src/lib/errors.ts';
import type { AwsApi } from '../api/clients.ts';
import { ownershipTag } from '../model/tags.ts';
import { type InterruptionEvent, type LifecycleAction, readInterruptionEvent } from './interruption-event.ts';

/** The longest that SQS lets one wait. */
const waitSeconds = 20;
/** A message comes again after so long while it is in work: then its new receipt counts, and if its reader is gone, another takes it up. */
const visibilitySeconds = 30;
const mostAtOnce = 10;
const afterFailureMs = 10_000;

export interface QueueSource extends Readonly<Record<string, string>> {
  queueUrl: string;
  /** Instances without this tag are somebody else's business. Empty: all of the cluster are meant. */
  managedTag: string;
}

/** Announcements of the end of instances, from the queue of the cluster. */
export function createInterruptions(aws: AwsApi): NonNullable<CloudControllers['interruptions']> {
  return { follow: (clusterName, source, options) => new QueueReader(aws, clusterName, source as QueueSource, options).run() };
}

class QueueReader {
  readonly #aws: AwsApi;
  readonly #clusterName: string;
  readonly #source: QueueSource;
  readonly #options: FollowOptions;
  /** What is in work, by the message's id. */
  readonly #working = new Map<string, Promise<void>>();
  /** The newest of each message: SQS forgets older ones. */
  readonly #receipts = new Map<string, string | undefined>();

  constructor(aws: AwsApi, clusterName: string, source: QueueSource, options: FollowOptions) {
    this.#aws = aws;
    this.#clusterName = clusterName;
    this.#source = source;
    this.#options = options;
  }

  async run(): Promise<void> {
    const { signal } = this.#options;
    while (!signal.aborted) {
      if (this.#working.size >= mostAtOnce) await Promise.race(this.#working.values());
      else for (const message of await this.#receive()) this.#take(message);
    }
    await Promise.all(this.#working.values());
  }

  async #receive(): Promise<Message[]> {
    const { log, signal } = this.#options;
    const request = {
      QueueUrl: this.#source.queueUrl,
      MaxNumberOfMessages: mostAtOnce - this.#working.size,
      VisibilityTimeout: visibilitySeconds,
      WaitTimeSeconds: waitSeconds,
    };
    try {
      const sqs = await this.#aws.service('sqs');
      return (await sqs.receiveMessage(request, { abortSignal: signal })).Messages ?? [];
    } catch (error) {
      if (signal.aborted) return [];
      log.warn('the queue of interruptions cannot be read', { queue: this.#source.queueUrl, error: messageOf(error) });
      await this.#aws.clock.sleep(afterFailureMs, signal).catch(() => {});
      return [];
    }
  }

  #take(message: Message): void {
    const { MessageId: id = '', ReceiptHandle, Body = '' } = message;
    this.#receipts.set(id, ReceiptHandle);
    if (this.#working.has(id)) return;
    const work = this.#work(id, Body).finally(() => {
      this.#working.delete(id);
      this.#receipts.delete(id);
    });
    this.#working.set(id, work);
  }

  /** Never rejects: what fails comes again. */
  async #work(id: string, body: string): Promise<void> {
    const { log, signal } = this.#options;
    try {
      const event = this.#read(id, body);
      if (event) await this.#handle(event);
      await (await this.#aws.service('sqs')).deleteMessage({ QueueUrl: this.#source.queueUrl, ReceiptHandle: this.#receipts.get(id) });
    } catch (error) {
      if (!signal.aborted) log.warn('an interruption could not be dealt with; it comes again', { message: id, error: messageOf(error) });
    }
  }

  #read(id: string, body: string): InterruptionEvent | undefined {
    try {
      return readInterruptionEvent(body);
    } catch (error) {
      this.#options.log.warn('a message that is no interruption is dropped', { message: id, error: messageOf(error) });
      return undefined;
    }
  }

  /** Rules see the events of the whole account: what is about other instances is not for this cluster. */
  async #handle({ instanceIds, reason, message, lifecycleAction }: InterruptionEvent): Promise<void> {
    const providerIds = await this.#ownInstances(instanceIds);
    await Promise.all(providerIds.map((providerId) => this.#options.handle({ providerId, reason, message })));
    if (lifecycleAction && providerIds.length > 0) await this.#complete(lifecycleAction, instanceIds[0]);
  }

  /** Provider ids of those that are the cluster's, and not gone. */
  async #ownInstances(instanceIds: readonly string[]): Promise<string[]> {
    const { managedTag } = this.#source;
    const Filters = [
      { Name: 'instance-id', Values: [...instanceIds] },
      { Name: 'tag-key', Values: [ownershipTag(this.#clusterName)] },
      { Name: 'instance-state-name', Values: ['pending', 'running', 'shutting-down', 'stopping', 'stopped'] },
    ];
    const { Reservations = [] } = await (await this.#aws.service('ec2')).describeInstances({ Filters });
    const found = Reservations.flatMap(({ Instances = [] }) => Instances);
    const managed = found.filter(({ Tags = [] }) => managedTag === '' || Tags.some(({ Key }) => Key === managedTag));
    return managed.map(({ InstanceId, Placement }) => `aws:///${Placement?.AvailabilityZone}/${InstanceId}`);
  }

  /** That Auto Scaling waits no longer is as good. */
  async #complete(action: LifecycleAction, InstanceId: string | undefined): Promise<void> {
    try {
      const autoscaling = await this.#aws.service('autoscaling');
      await autoscaling.completeLifecycleAction({ ...action, InstanceId, LifecycleActionResult: 'CONTINUE' });
    } catch (error) {
      if (!isCloudError(error, 'invalid', 'notFound')) throw error;
      this.#options.log.info('a lifecycle action is over already', { error: messageOf(error) });
    }
  }
}
