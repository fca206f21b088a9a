import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Pod } from '../../../src/kube/objects.ts';
import { TestCluster } from './cluster.ts';

const ready = ({ status }: Pod): boolean => status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false;

describe('probes and hooks', () => {
  let cluster: TestCluster;

  beforeEach(async () => {
    cluster = await TestCluster.start();
    await cluster.addNode('node-1');
  });
  afterEach(() => cluster.close());

  it('is ready when the readiness probe says so, over HTTP, TCP and exec', async () => {
    const image = 'nginx:1.27';
    await cluster.createPod('http', {
      containers: [{ name: 'main', image, ports: [{ name: 'web', containerPort: 80 }], readinessProbe: { httpGet: { path: '/', port: 'web' } } }],
    });
    await cluster.createPod('tcp', { containers: [{ name: 'main', image, readinessProbe: { tcpSocket: { port: 80 } } }] });
    await cluster.createPod('exec', { containers: [{ name: 'main', image, readinessProbe: { exec: { command: ['true'] } } }] });
    for (const name of ['http', 'tcp', 'exec']) await cluster.podWhere(name, ready);
  });

  it('is not ready while the probe fails, and says why', async () => {
    await cluster.createPod('deaf', { containers: [{ name: 'main', image: 'nginx:1.27', readinessProbe: { httpGet: { path: '/nothing', port: 80 } } }] });
    await cluster.createPod('shut', { containers: [{ name: 'main', image: 'nginx:1.27', readinessProbe: { tcpSocket: { port: 81 } } }] });
    const events = await cluster.eventually(
      async () => [...(await cluster.events('deaf')), ...(await cluster.events('shut'))],
      (list) => list.filter((event) => event.includes('Unhealthy')).length >= 2,
    );
    expect(events).toContain('Warning Unhealthy Readiness probe failed: HTTP probe failed with statuscode: 404');
    expect(events).toContain('Warning Unhealthy Readiness probe failed: dial tcp 10.2.1.3:81: connect: connection refused');
    expect((await cluster.pod('deaf'))?.status?.containerStatuses?.[0]).toMatchObject({ ready: false, started: true, restartCount: 0 });
  });

  it('restarts a container whose liveness probe fails', async () => {
    const livenessProbe = { exec: { command: ['cat', '/no/such/file'] }, periodSeconds: 2, failureThreshold: 2 };
    await cluster.createPod('sick', { terminationGracePeriodSeconds: 1, containers: [{ name: 'main', image: 'nginx:1.27', livenessProbe }] });
    const pod = await cluster.podWhere('sick', ({ status }) => status?.containerStatuses?.[0]?.restartCount === 1);
    expect(pod.status?.containerStatuses?.[0]?.lastState?.terminated).toBeDefined();
    const events = await cluster.events('sick');
    expect(events).toContain('Normal Killing Container main failed liveness probe, will be restarted');
    expect(events.some((event) => event.startsWith('Warning Unhealthy Liveness probe failed: '))).toBe(true);
  });

  it('holds the other probes back until the startup probe passes', async () => {
    const command = ['sh', '-c', 'sleep 7; touch /tmp/up; sleep 3600'];
    const check = { exec: { command: ['cat', '/tmp/up'] }, periodSeconds: 2, failureThreshold: 10 };
    await cluster.createPod('slow', { containers: [{ name: 'main', image: 'busybox:1.36', command, startupProbe: check, livenessProbe: { ...check, failureThreshold: 1 } }] });
    await cluster.podWhere('slow', ({ status }) => status?.phase === 'Running');
    expect((await cluster.pod('slow'))?.status?.containerStatuses?.[0]).toMatchObject({ ready: false, started: false });
    const pod = await cluster.podWhere('slow', ready);
    expect(pod.status?.containerStatuses?.[0]).toMatchObject({ started: true, restartCount: 0 });
    // Why it was not ready is said no more.
    expect(pod.status?.conditions?.filter(({ reason }) => reason !== undefined)).toEqual([]);
  });

  it('runs the postStart hook before the container counts as started; a hook that fails kills it', async () => {
    const lifecycle = (...command: string[]) => ({ postStart: { exec: { command } } });
    await cluster.createPod('hooked', { containers: [{ name: 'main', image: 'nginx:1.27', lifecycle: lifecycle('sh', '-c', 'sleep 3') }] });
    await cluster.createPod('broken', { terminationGracePeriodSeconds: 1, containers: [{ name: 'main', image: 'nginx:1.27', lifecycle: lifecycle('false') }] });
    await cluster.podWhere('hooked', ({ status }) => status?.phase === 'Running');
    expect(ready((await cluster.pod('hooked')) as Pod)).toBe(false);
    await cluster.podWhere('hooked', ready);
    await cluster.podWhere('broken', ({ status }) => (status?.containerStatuses?.[0]?.restartCount ?? 0) > 0);
    expect((await cluster.events('broken')).some((event) => event.startsWith('Warning FailedPostStartHook PostStartHook failed'))).toBe(true);
  });

  it('refuses gRPC probes by name', async () => {
    await cluster.createPod('grpc', { containers: [{ name: 'main', image: 'nginx:1.27', livenessProbe: { grpc: { port: 9000 } } }] });
    const pod = await cluster.podWhere('grpc', ({ status }) => status?.containerStatuses?.[0]?.state?.waiting?.reason === 'CreateContainerConfigError');
    expect(pod.status?.containerStatuses?.[0]?.state?.waiting?.message).toBe('container main: gRPC probes are not supported; use httpGet, tcpSocket or exec');
  });
});
