import { describe, expect, it } from 'vitest';
import { createEventCorrelator } from '../../../src/kube/event-recorder-correlate.ts';
import { VirtualClock } from '../../../src/lib/clock.ts';

const about = (message: string) => ({ reference: { kind: 'Pod', namespace: 'default', name: 'a', uid: '1' }, type: 'Normal', reason: 'Pulled', message });

describe('event correlation', () => {
  it('gives the same entry for the same event, another one for another message', () => {
    const correlator = createEventCorrelator(new VirtualClock());
    const first = correlator.correlate(about('x'));
    expect(correlator.correlate(about('x'))).toBe(first);
    expect(correlator.correlate(about('y'))).not.toBe(first);
  });

  it('combines similar events from the tenth on and drops beyond the burst', () => {
    const clock = new VirtualClock();
    const correlator = createEventCorrelator(clock);
    const entries = Array.from({ length: 30 }, (_, i) => correlator.correlate(about(`message ${i}`)));
    expect(entries.filter(Boolean)).toHaveLength(25);
    expect(entries[8]?.message).toBe('message 8');
    expect(entries[9]?.message).toBe('(combined from similar events): message 24');
    expect(entries[10]).toBe(entries[9]);
  });

  it('lets one more through after five minutes', async () => {
    const clock = new VirtualClock();
    const correlator = createEventCorrelator(clock);
    for (let i = 0; i < 26; i++) correlator.correlate(about('x'));
    expect(correlator.correlate(about('x'))).toBeUndefined();
    await clock.advance(300_000);
    expect(correlator.correlate(about('x'))).toBeDefined();
    expect(correlator.correlate(about('x'))).toBeUndefined();
  });
});
