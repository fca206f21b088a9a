import type { KubeClient } from '../../kube/client.ts';
import { createEventRecorder, type EventRecorder } from '../../kube/event-recorder.ts';
import type { SharedInformers } from '../../kube/informer.ts';
import { startWorkQueue, type WorkQueue, type WorkQueueOptions } from '../../kube/work-queue.ts';
import type { Environment } from '../../lib/environment.ts';

export interface ControllerOptions {
  client: KubeClient;
  informers: SharedInformers;
  environment: Environment;
}

export interface Running {
  stop(): Promise<void>;
}

/** What a controller gets to work with. */
export interface ControllerContext extends ControllerOptions {
  recorder(component: string): EventRecorder;
  /** A work queue that takes up nothing before all informers are in: half a picture makes a controller create what is there already. */
  queue(name: string, reconcile: (key: string) => Promise<void>, options?: Pick<WorkQueueOptions, 'concurrency' | 'firstDelayMs' | 'longestDelayMs'>): WorkQueue;
}

/** Subscribes to informers when called; everything it started ends with `stop`. */
export type StartController<C extends ControllerContext = ControllerContext> = (context: C) => Running;

/** Starts them all and stops them all; `context` makes what they share. */
export function runControllers<C extends ControllerContext>(options: ControllerOptions, starts: Iterable<StartController<C>>, extend: (context: ControllerContext) => C): Running {
  const recorders: EventRecorder[] = [];
  let begin = () => {};
  const synced = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const context = extend({
    ...options,
    recorder: (component) => {
      const recorder = createEventRecorder({ client: options.client, environment: options.environment, component });
      recorders.push(recorder);
      return recorder;
    },
    queue: (name, reconcile, more) =>
      startWorkQueue({
        ...more,
        name,
        environment: options.environment,
        reconcile: async (key) => {
          await synced;
          await reconcile(key);
        },
      }),
  });
  const running = [...starts].map((start) => start(context));
  options.informers.synced().then(begin, (error: unknown) => options.environment.log.error('the controllers cannot start', { error }));
  return {
    stop: async () => {
      // A reconcile that still waits for the informers shall not be waited for.
      begin();
      await Promise.all(running.map((controller) => controller.stop()));
      await Promise.all(recorders.map((recorder) => recorder.flush()));
    },
  };
}

/** One `stop` for subscriptions and queues. */
export function stopAll(parts: readonly (Running | (() => void))[]): Running {
  return {
    stop: async () => {
      for (const part of parts) if (typeof part === 'function') part();
      await Promise.all(parts.map((part) => (typeof part === 'function' ? undefined : part.stop())));
    },
  };
}
