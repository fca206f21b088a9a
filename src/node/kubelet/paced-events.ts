import type { EventRecorder } from '../../kube/event-recorder.ts';
import type { Clock } from '../../lib/clock.ts';

/** The kubelet's defaults: eventRecordQPS and eventBurst. */
const eventsPerSecond = 50;
const burst = 100;
const longestQueue = 4096;

/** Holds a kubelet's events to its rate, so that a hundred pods that start at once are not slowed down by telling of it. */
export function pacedEvents(recorder: EventRecorder, clock: Clock): EventRecorder {
  const queue: Parameters<EventRecorder['event']>[] = [];
  let tokens = burst;
  let filledAtMs = clock.now();
  let armed = false;

  const refill = () => {
    const now = clock.now();
    tokens = Math.min(burst, tokens + ((now - filledAtMs) / 1000) * eventsPerSecond);
    filledAtMs = now;
  };
  const drain = () => {
    armed = false;
    refill();
    while (tokens >= 1 && queue.length > 0) {
      const next = queue.shift();
      tokens--;
      if (next) recorder.event(...next);
    }
    if (queue.length === 0) return;
    armed = true;
    clock.setTimer(1000 / eventsPerSecond, drain, { background: true });
  };
  return {
    event: (...event) => {
      if (queue.length >= longestQueue) return;
      queue.push(event);
      if (!armed) drain();
    },
    flush: () => recorder.flush(),
  };
}
