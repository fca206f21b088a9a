import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Backend, Rotation } from '../../../src/node/proxy/rotation.ts';

const backend = (index: number): Backend => ({ ip: `10.0.0.${index}`, port: 80, node: `node-${index % 2}`, ready: true, serving: true, terminating: false });
const backends = fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { minLength: 1 }).map((indexes) => indexes.map(backend));

describe('the rotation over the backends of a Service', () => {
  it('gives each the same share, to within one, from whatever place it starts', () => {
    fc.assert(
      fc.property(backends, fc.nat(20), fc.integer({ min: 1, max: 60 }), (list, before, connections) => {
        const rotation = new Rotation();
        rotation.update(list);
        for (let i = 0; i < before; i++) rotation.next('', () => true);
        const hits = new Map<string, number>(list.map(({ ip }) => [ip, 0]));
        for (let i = 0; i < connections; i++) {
          const ip = rotation.next('', () => true)?.ip ?? '';
          hits.set(ip, (hits.get(ip) ?? 0) + 1);
        }
        expect(Math.max(...hits.values()) - Math.min(...hits.values())).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('never gives what is not there, and goes on with whoever would have been next when others come and go', () => {
    fc.assert(
      fc.property(backends, backends, fc.nat(20), (first, second, before) => {
        const rotation = new Rotation();
        rotation.update(first);
        for (let i = 0; i < before; i++) rotation.next('', () => true);
        const order = rotation.all.map(({ ip }) => ip);
        const start = before % first.length;
        const survivors = [...order.slice(start), ...order.slice(0, start)].filter((ip) => second.some((other) => other.ip === ip));
        rotation.update(second);
        const next = rotation.next('', ({ ip }) => order.includes(ip))?.ip;
        expect(next).toBe(survivors[0]);
      }),
    );
  });

  it('keeps a cursor for each set that is chosen from', () => {
    const rotation = new Rotation();
    rotation.update([1, 2, 3, 4].map(backend));
    const local = () => rotation.next('node-1', ({ node }) => node === 'node-1')?.ip;
    const any = () => rotation.next('', () => true)?.ip;
    expect([local(), any(), local(), any(), local()]).toEqual(['10.0.0.1', '10.0.0.1', '10.0.0.3', '10.0.0.2', '10.0.0.1']);
  });
});
