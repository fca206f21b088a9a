import { startLeaderElection } from '../../kube/leader-election.ts';
import { Scheduler, type SchedulerOptions } from './scheduler.ts';

export interface StartSchedulerOptions extends SchedulerOptions {
  /** Of the Lease kube-system/kube-scheduler; see LeaderElectionOptions. */
  identity: string;
}

/** Competes for the Lease and schedules while it holds it. */
export function startScheduler(options: StartSchedulerOptions): { stop(): Promise<void> } {
  const { client, environment, identity } = options;
  return startLeaderElection({ client, environment, identity, name: 'kube-scheduler', lead: () => new Scheduler(options) });
}
