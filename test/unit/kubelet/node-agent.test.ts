import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Lease, NodeObject, Pod } from '../../../src/kube/objects.ts';
import { resourceTypes } from '../../../src/kube/resource-types.ts';
import { TestCluster } from './cluster.ts';

const node = (cluster: TestCluster) => cluster.client.get<NodeObject>(resourceTypes.nodes, undefined, 'node-1');

describe('a node', () => {
  let cluster: TestCluster;

  beforeEach(async () => {
    cluster = await TestCluster.start();
  });
  afterEach(() => cluster.close());

  it('renews its lease every ten seconds', async () => {
    await cluster.addNode('node-1');
    const lease = () => cluster.client.get<Lease>(resourceTypes.leases, 'kube-node-lease', 'node-1');
    const first = await lease();
    expect(first.spec).toMatchObject({ holderIdentity: 'node-1', leaseDurationSeconds: 40 });
    await cluster.clock.advance(10_500);
    expect((await lease()).spec.renewTime).not.toBe(first.spec.renewTime);
  });

  it('brings taints, labels and its provider id, and the taint a cloud controller takes away', async () => {
    await cluster.addNode('node-1', 1, { taints: ['dedicated=db:NoExecute', 'plain:NoSchedule'], cloudControllers: true, providerId: 'local:///local-1a/i-1', zone: 'local-1a' });
    const { spec, metadata } = await node(cluster);
    expect(spec.providerID).toBe('local:///local-1a/i-1');
    expect(metadata.labels).toMatchObject({ 'topology.kubernetes.io/zone': 'local-1a' });
    expect(spec.taints?.filter(({ key }) => !key.startsWith('node.kubernetes.io/'))).toEqual([
      { key: 'dedicated', value: 'db', effect: 'NoExecute' },
      { key: 'plain', effect: 'NoSchedule' },
      { key: 'node.cloudprovider.kubernetes.io/uninitialized', value: 'true', effect: 'NoSchedule' },
    ]);
  });

  it('is not ready, and starts no pods, before it has a pod CIDR', async () => {
    const agent = await cluster.addNode('node-1', 1, { podCIDR: undefined } as never);
    const readiness = (object: NodeObject) => object.status?.conditions?.find(({ type }) => type === 'Ready');
    expect(readiness(await node(cluster))).toMatchObject({ status: 'False', reason: 'KubeletNotReady' });
    await cluster.createPod('web', { containers: [{ name: 'main', image: 'nginx:1.27' }] });
    await cluster.clock.advance(2_000);
    expect((await cluster.pod('web'))?.status?.phase).toBe('Pending');
    await cluster.client.patch(resourceTypes.nodes, undefined, 'node-1', { spec: { podCIDR: '10.9.0.0/24', podCIDRs: ['10.9.0.0/24'] } }, 'application/merge-patch+json');
    await cluster.podWhere('web', ({ status }) => status?.podIP === '10.9.0.2' && status.phase === 'Running');
    const ready = readiness(await node(cluster));
    expect(ready).toMatchObject({ status: 'True' });

    await cluster.clock.advance(5_000);
    await cluster.until(agent.stop({ graceful: false }));
    await cluster.addNode('node-1', 1, { podCIDR: undefined } as never);
    expect(readiness(await node(cluster))?.lastTransitionTime).toBe(ready?.lastTransitionTime);
  });

  it('runs its static pods, shows them in the API, and shows them again when someone deletes them', async () => {
    const manifest: Pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'kube-scheduler', namespace: 'kube-system' },
      spec: { hostNetwork: true, priorityClassName: '', containers: [{ name: 'kube-scheduler', image: 'registry.k8s.io/pause:3.10' }] },
    };
    const agent = await cluster.addNode('node-1', 1, {}, { staticPods: [manifest] });
    const shown = () => cluster.pod('kube-scheduler-node-1', 'kube-system');
    const running = (pod: Pod | undefined) => pod?.status?.phase === 'Running';
    const mirror = await cluster.eventually(shown, running);
    expect(mirror?.metadata.annotations).toMatchObject({ 'kubernetes.io/config.source': 'file', 'kubernetes.io/config.mirror': expect.any(String) });
    expect(mirror?.status).toMatchObject({ podIP: '10.1.0.1', hostIP: '10.1.0.1' });
    await cluster.client.delete(resourceTypes.pods, 'kube-system', 'kube-scheduler-node-1');
    const again = await cluster.eventually(shown, (pod) => pod?.metadata.uid !== mirror?.metadata.uid && running(pod));
    expect(again?.status?.containerStatuses?.[0]?.containerID).toBe(mirror?.status?.containerStatuses?.[0]?.containerID);

    await cluster.until(agent.stop({ graceful: false }));
    await cluster.addNode('node-1', 1, {}, { staticPods: [manifest] });
    const restarted = await cluster.eventually(shown, (pod) => pod?.status?.containerStatuses?.[0]?.restartCount === 1 && pod.status.containerStatuses[0].ready);
    expect(restarted?.metadata.uid).toBe(again?.metadata.uid);
    expect(restarted?.status?.containerStatuses?.[0]).toMatchObject({ ready: true, lastState: { terminated: { exitCode: 255, reason: 'Unknown' } } });
  });

  it('says that it goes when it is shut down, and nothing when the power goes', async () => {
    const agent = await cluster.addNode('node-1');
    await cluster.until(agent.stop({ graceful: true }));
    const ready = (await node(cluster)).status?.conditions?.find(({ type }) => type === 'Ready');
    expect(ready).toMatchObject({ status: 'False', reason: 'KubeletNotReady', message: 'node is shutting down' });
  });

  it('lets the requests under way have their answers when it is shut down', async () => {
    const agent = await cluster.addNode('node-1');
    await cluster.createPod('web', { containers: [{ name: 'main', image: 'nginx:1.27' }] });
    const pod = await cluster.podWhere('web', ({ status }) => status?.phase === 'Running');
    const stream = await cluster.fabric.connect({ type: 'outside' }, pod.status?.podIP ?? '', 80);
    let answer = '';
    stream.on('data', (chunk: Buffer) => {
      answer += chunk.toString();
    });
    const ended = new Promise((resolve) => stream.once('end', resolve));
    stream.write('GET / HTTP/1.1\r\nHost: web\r\n');
    await cluster.clock.advance(10);
    const stopped = agent.stop({ graceful: true });
    await cluster.clock.advance(100);
    stream.write('\r\n');
    await cluster.until(Promise.all([stopped, ended]));
    expect(answer).toContain('HTTP/1.1 200 OK');
    expect(answer).toContain('</html>');
  });

  it('starts its pods again after a crash, as after a reboot', async () => {
    const killed = await cluster.addNode('node-1');
    await cluster.createPod('web', { containers: [{ name: 'main', image: 'nginx:1.27' }] });
    await cluster.createPod('once', { restartPolicy: 'Never', containers: [{ name: 'main', image: 'nginx:1.27' }] });
    for (const name of ['web', 'once']) await cluster.podWhere(name, ({ status }) => status?.phase === 'Running');
    const { bootID } = (await node(cluster)).status?.nodeInfo ?? {};
    await cluster.until(killed.stop({ graceful: false }));
    await expect(cluster.get('10.2.1.2', 80)).rejects.toThrow();
    expect((await cluster.pod('web'))?.status?.phase).toBe('Running');

    await cluster.addNode('node-1');
    const pod = await cluster.podWhere('web', ({ status }) => status?.containerStatuses?.[0]?.restartCount === 1 && status.containerStatuses[0].ready);
    expect(pod.status?.containerStatuses?.[0]?.lastState?.terminated).toMatchObject({ exitCode: 255, reason: 'Unknown' });
    expect(await cluster.get(pod.status?.podIP ?? '', 80)).toContain('nginx');
    expect((await cluster.podWhere('once', ({ status }) => status?.phase === 'Failed')).status?.containerStatuses?.[0]?.restartCount).toBe(0);
    expect((await node(cluster)).status?.nodeInfo?.bootID).not.toBe(bootID);
  });

  it('takes away a pod that was deleted while the node was down', async () => {
    const killed = await cluster.addNode('node-1');
    await cluster.createPod('web', { containers: [{ name: 'main', image: 'nginx:1.27' }] });
    await cluster.podWhere('web', ({ status }) => status?.phase === 'Running');
    await cluster.until(killed.stop({ graceful: false }));
    await cluster.client.delete(resourceTypes.pods, 'default', 'web');
    await cluster.addNode('node-1');
    await cluster.eventually(
      () => cluster.pod('web'),
      (pod) => pod === undefined,
    );
  });

  it('runs commands, hands out logs and reaches ports for the API server', async () => {
    const agent = await cluster.addNode('node-1');
    await cluster.createPod('web', { containers: [{ name: 'main', image: 'nginx:1.27' }] });
    const { metadata } = await cluster.podWhere('web', ({ status }) => status?.phase === 'Running');
    const reference = { namespace: 'default', name: 'web', uid: metadata.uid ?? '' };
    let output = '';
    const collect = (chunk: Uint8Array) => {
      output += Buffer.from(chunk).toString();
    };
    const streams = { stdout: collect, stderr: collect, tty: false, signal: new AbortController().signal };
    expect(await cluster.until(agent.kubelet.exec(reference, 'main', ['sh', '-c', 'hostname; exit 4'], streams))).toBe(4);
    expect(output).toBe('web\n');
    const stream = await agent.kubelet.portForward(reference, 80);
    const answer = new Promise<string>((resolve) => stream.once('data', (chunk: Buffer) => resolve(chunk.toString())));
    stream.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    expect(await answer).toContain('200 OK');
    await expect(agent.kubelet.portForward(reference, 9)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await expect(agent.kubelet.exec(reference, 'nope', ['true'], streams)).rejects.toMatchObject({ reason: 'BadRequest' });
    await expect(agent.kubelet.logs(reference, 'main', { follow: false, previous: true, timestamps: false, signal: streams.signal })).rejects.toThrow(
      'previous terminated container "main" in pod "web" not found',
    );
  });

  it('writes the status of a pod when it is being made and when it runs, and three events', async () => {
    await cluster.addNode('node-1');
    const containers = [{ name: 'main', image: 'nginx:1.27' }];
    await cluster.createPod('first', { containers });
    await cluster.podWhere('first', ({ status }) => status?.phase === 'Running');
    const created = await cluster.createPod('second', { containers });
    const pod = await cluster.podWhere('second', ({ status }) => status?.phase === 'Running');
    await cluster.clock.advance(5_000);
    expect((await cluster.pod('second'))?.metadata.resourceVersion).toBe(pod.metadata.resourceVersion);
    expect(pod.status?.startTime).toBeDefined();
    expect(created.metadata.uid).toBe(pod.metadata.uid);
    const writes = cluster.versionsOf('second');
    expect(writes).toEqual(['Pending', 'Pending', 'Running']);
    expect(await cluster.events('second')).toEqual([
      'Normal Pulled Container image "nginx:1.27" already present on machine and can be accessed by the pod',
      'Normal Created Container created',
      'Normal Started Container started',
    ]);
  });

  it('writes the status of most pods once when many come', async () => {
    await cluster.addNode('node-1');
    const names = Array.from({ length: 40 }, (_, i) => `many-${i}`);
    await Promise.all(names.map((name) => cluster.createPod(name, { containers: [{ name: 'main', image: 'registry.k8s.io/pause:3.10' }] })));
    for (const name of names) await cluster.podWhere(name, ({ status }) => status?.phase === 'Running');
    expect(names.filter((name) => cluster.versionsOf(name).length > 2).length).toBeLessThan(20);
  });
});
