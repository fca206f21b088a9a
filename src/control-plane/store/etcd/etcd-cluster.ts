import type { ServiceError } from '@grpc/grpc-js';
import type { Clock } from '../../../lib/clock.ts';
import { messageOf } from '../../../lib/errors.ts';
import type { Log } from '../../../lib/log.ts';
import { StoreUnavailableError } from '../store.ts';
import { EtcdRefusal, type Failure, failureOf, OutcomeUnknownError } from './etcd-errors.ts';
import { EtcdMember, type EtcdTls } from './etcd-member.ts';
import { type Header, type Method, range } from './messages.ts';

/** A request is given up after this long: some member should have answered, also through an election. */
export const patienceMs = 10_000;
const firstPauseMs = 50;
const longestPauseMs = 1_000;

/** Asks for nothing but the revision, and of a majority: a member that is cut off cannot answer it. */
export const probe = { key: '\0', countOnly: true };

export interface Answer<Response> {
  response: Response;
  /** The answer to an earlier attempt was lost: that one may have been carried out as well. */
  doubtful: boolean;
}

/** The members as one server: a request goes to the one that answered last, and to the next when that fails. */
export class EtcdCluster {
  private readonly members: EtcdMember[];
  private readonly clock: Clock;
  private readonly log: Log;
  private index = 0;
  private highest = 1;
  private unavailable: StoreUnavailableError | undefined;

  constructor(options: { endpoints: readonly string[]; tls?: EtcdTls; clock: Clock; log: Log }) {
    this.members = options.endpoints.map((endpoint) => new EtcdMember(endpoint, options.tls, options.clock));
    this.clock = options.clock;
    this.log = options.log;
  }

  /** Highest revision that any answer told of. */
  get seen(): number {
    return this.highest;
  }

  /** Set while no member answers. */
  get problem(): StoreUnavailableError | undefined {
    return this.unavailable;
  }

  /** What an answer says about the store: that it answers, and how far it is. */
  heard({ revision }: Header): void {
    this.unavailable = undefined;
    if (revision > this.highest) this.highest = revision;
  }

  /**
   * Asks one member after another. What was not sent is sent again; what was sent and not answered only when `repeatable`.
   * Throws EtcdRefusal, OutcomeUnknownError (sent, not repeatable), or StoreUnavailableError.
   */
  async ask<Request, Response extends { header: Header }>(method: Method<Request, Response>, request: Request, repeatable: boolean): Promise<Answer<Response>> {
    const giveUpAt = this.clock.now() + patienceMs;
    let doubtful = false;
    for (let attempt = 1; ; attempt++) {
      const member = this.member();
      const { response, failure, why } = await this.attempt(member, method, request);
      if (response) {
        this.heard(response.header);
        return { response, doubtful };
      }
      this.leave(member, why);
      doubtful ||= failure === 'lost';
      if (doubtful && !repeatable) throw new OutcomeUnknownError(why);
      if (this.clock.now() >= giveUpAt) throw this.givenUp(why);
      await this.pause(attempt);
    }
  }

  /** A member that answers, and so is in touch with a majority. */
  async find(): Promise<EtcdMember> {
    await this.ask(range, probe, true);
    return this.member();
  }

  /** A member failed: the next one is asked from now on, and followed, since a stream of a machine that hangs is silent and not over. */
  leave(member: EtcdMember, why: string): void {
    if (member !== this.members[this.index]) return;
    this.index = (this.index + 1) % this.members.length;
    this.log.debug('a member of etcd does not answer', { member: member.address, why });
    if (this.members.length > 1) member.endStreams();
  }

  close(): void {
    for (const member of this.members) member.close();
  }

  private member(): EtcdMember {
    const member = this.members[this.index];
    if (!member) throw new StoreUnavailableError('no endpoint of etcd is given');
    return member;
  }

  private async attempt<Request, Response>(
    member: EtcdMember,
    method: Method<Request, Response>,
    request: Request,
  ): Promise<{ response?: Response; failure: Failure | undefined; why: string }> {
    let sent = false;
    try {
      // Over a connection that does not stand yet only a question goes: so it is known of a write that was not sent.
      if (!member.connected) await member.ask(range, probe);
      sent = true;
      return { response: await member.ask(method, request), failure: undefined, why: '' };
    } catch (error) {
      const failure = failureOf(error as ServiceError);
      if (failure === 'refused') throw new EtcdRefusal(error as ServiceError);
      return { failure: sent ? failure : 'unsent', why: `${member.address}: ${(error as ServiceError).details ?? messageOf(error)}` };
    }
  }

  private givenUp(why: string): StoreUnavailableError {
    this.unavailable = new StoreUnavailableError(`no member of etcd answers; the last one, ${why}`);
    return this.unavailable;
  }

  /** None while there are members that were not asked yet. */
  private async pause(attempt: number): Promise<void> {
    const rounds = Math.floor(attempt / this.members.length);
    if (attempt % this.members.length === 0) await this.clock.sleep(Math.min(firstPauseMs * 2 ** (rounds - 1), longestPauseMs));
  }
}
