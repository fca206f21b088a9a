import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NodeObject } from '../../../src/kube/objects.ts';
import { resourceTypes } from '../../../src/kube/resource-types.ts';
import { TestCluster } from './cluster.ts';

describe('a pod on a node', () => {
  let cluster: TestCluster;

  beforeEach(async () => {
    cluster = await TestCluster.start();
    await cluster.addNode('node-1');
  });
  afterEach(() => cluster.close());

  it('registers the node as ready', async () => {
    const node = await cluster.client.get<NodeObject>(resourceTypes.nodes, undefined, 'node-1');
    expect(node.status?.conditions?.map(({ type, status, reason }) => `${type} ${status} ${reason}`)).toEqual([
      'MemoryPressure False KubeletHasSufficientMemory',
      'DiskPressure False KubeletHasNoDiskPressure',
      'PIDPressure False KubeletHasSufficientPID',
      'Ready True KubeletReady',
    ]);
    expect(node.status?.capacity).toMatchObject({ cpu: '2', memory: '4Gi', pods: '110' });
    expect(node.metadata.labels).toMatchObject({ 'kubernetes.io/hostname': 'node-1', 'kubernetes.io/os': 'linux', 'node-role.kubernetes.io/node': '' });
  });

  it('runs and answers, with the events people know', async () => {
    await cluster.createPod('web', { containers: [{ name: 'nginx', image: 'nginx:1.27' }] });
    const pod = await cluster.podWhere('web', ({ status }) => status?.phase === 'Running');
    expect(pod.status?.conditions?.map(({ type, status }) => `${type}=${status}`).sort()).toEqual([
      'ContainersReady=True',
      'Initialized=True',
      'PodReadyToStartContainers=True',
      'PodScheduled=True',
      'Ready=True',
    ]);
    expect(pod.status?.containerStatuses?.[0]).toMatchObject({ name: 'nginx', ready: true, started: true, restartCount: 0, containerID: expect.stringMatching(/^simulated:\/\//) });
    expect(pod.status?.podIP).toBe('10.2.1.2');
    expect(await cluster.get('10.2.1.2', 80)).toContain('nginx');
    const events = await cluster.eventually(
      () => cluster.events('web'),
      (list) => list.length >= 4,
    );
    expect(events).toEqual([
      'Normal Pulling Pulling image "nginx:1.27"',
      expect.stringMatching(/^Normal Pulled Successfully pulled image "nginx:1.27" in /),
      'Normal Created Container created',
      'Normal Started Container started',
    ]);
  });

  it('restarts a program that crashes, with a growing wait', async () => {
    await cluster.createPod('crash', { containers: [{ name: 'main', image: 'busybox:1.36', command: ['sh', '-c', 'echo boom; exit 3'] }] });
    const pod = await cluster.podWhere('crash', ({ status }) => status?.containerStatuses?.[0]?.state?.waiting?.reason === 'CrashLoopBackOff');
    expect(pod.status?.phase).toBe('Running');
    expect(pod.status?.containerStatuses?.[0]).toMatchObject({
      ready: false,
      restartCount: 1,
      state: { waiting: { message: `back-off 10s restarting failed container=main pod=crash_default(${pod.metadata.uid})` } },
      lastState: { terminated: { exitCode: 3, reason: 'Error' } },
    });
    const again = await cluster.podWhere('crash', ({ status }) => status?.containerStatuses?.[0]?.restartCount === 2);
    expect(again.status?.containerStatuses?.[0]?.restartCount).toBe(2);
    const later = await cluster.podWhere('crash', ({ status }) => status?.containerStatuses?.[0]?.state?.waiting?.message?.startsWith('back-off 20s') === true);
    expect(later.status?.containerStatuses?.[0]?.restartCount).toBe(2);
    expect(await cluster.events('crash')).toContain(`Warning BackOff Back-off restarting failed container main in pod crash_default(${pod.metadata.uid})`);
  });

  it('completes a pod that is not restarted, and fails one whose program fails', async () => {
    await cluster.createPod('done', { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox:1.36', command: ['sh', '-c', 'echo bye'] }] });
    await cluster.createPod('failed', { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox:1.36', command: ['sh', '-c', 'exit 7'] }] });
    const done = await cluster.podWhere('done', ({ status }) => status?.phase === 'Succeeded');
    expect(done.status?.containerStatuses?.[0]?.state?.terminated).toMatchObject({ exitCode: 0, reason: 'Completed' });
    expect(done.status?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'False', reason: 'PodCompleted' });
    const failed = await cluster.podWhere('failed', ({ status }) => status?.phase === 'Failed');
    expect(failed.status?.containerStatuses?.[0]?.state?.terminated?.exitCode).toBe(7);
    expect(await cluster.log('done', 'main')).toBe('bye\n');
  });

  it('says that an image cannot be pulled, and backs off', async () => {
    await cluster.createPod('typo', { containers: [{ name: 'main', image: 'ngnix' }] });
    const first = await cluster.podWhere('typo', ({ status }) => status?.containerStatuses?.[0]?.state?.waiting?.reason === 'ErrImagePull');
    expect(first.status?.phase).toBe('Pending');
    const second = await cluster.podWhere('typo', ({ status }) => status?.containerStatuses?.[0]?.state?.waiting?.reason === 'ImagePullBackOff');
    expect(second.status?.containerStatuses?.[0]?.state?.waiting?.message).toMatch(/^Back-off pulling image "ngnix": ErrImagePull: /);
    const events = await cluster.eventually(
      () => cluster.events('typo'),
      (list) => list.length >= 5,
    );
    expect(events).toContain('Normal BackOff Back-off pulling image "ngnix"');
    expect(events).toContain('Warning Failed Error: ErrImagePull');
    expect(events).toContain('Warning Failed Error: ImagePullBackOff');
    expect(events.some((event) => event.startsWith('Warning Failed Failed to pull image "ngnix": '))).toBe(true);
  });

  it('runs init containers one after the other, then the others; a sidecar stays', async () => {
    await cluster.createPod('staged', {
      initContainers: [
        { name: 'first', image: 'busybox:1.36', command: ['sh', '-c', 'echo one > /work/a'], volumeMounts: [{ name: 'work', mountPath: '/work' }] },
        { name: 'side', image: 'nginx:1.27', restartPolicy: 'Always' },
        { name: 'second', image: 'busybox:1.36', command: ['sh', '-c', 'cat /work/a'], volumeMounts: [{ name: 'work', mountPath: '/work' }] },
      ],
      containers: [{ name: 'main', image: 'busybox:1.36', command: ['sh', '-c', 'sleep 3600'] }],
      volumes: [{ name: 'work', emptyDir: {} }],
    });
    const pod = await cluster.podWhere('staged', ({ status }) => status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false);
    expect(pod.status?.initContainerStatuses?.map(({ name, state }) => `${name} ${Object.keys(state ?? {})[0]}`)).toEqual([
      'first terminated',
      'side running',
      'second terminated',
    ]);
    expect(await cluster.log('staged', 'second')).toBe('one\n');
  });

  it('gives a container its environment and files', async () => {
    const { client } = cluster;
    await client.create(resourceTypes.configMaps, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'settings', namespace: 'default' },
      data: { mode: 'fast', 'app.conf': 'x=1\n' },
    });
    await client.create(resourceTypes.secrets, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'keys', namespace: 'default' },
      data: { token: Buffer.from('s3cret').toString('base64') },
    });
    await cluster.createPod(
      'env',
      {
        restartPolicy: 'Never',
        containers: [
          {
            name: 'main',
            image: 'busybox:1.36',
            command: ['sh', '-c', 'echo $POD $IP $MODE $TOKEN $SUM $P_mode; cat /etc/settings/app.conf; cat /etc/keys/t; cat /etc/info/labels'],
            envFrom: [{ prefix: 'P_', configMapRef: { name: 'settings' } }],
            env: [
              { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
              { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
              { name: 'MODE', valueFrom: { configMapKeyRef: { name: 'settings', key: 'mode' } } },
              { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'keys', key: 'token' } } },
              { name: 'SUM', value: '$(POD)-$(MODE)-$(NOPE)-$$(MODE)' },
            ],
            volumeMounts: [
              { name: 'settings', mountPath: '/etc/settings' },
              { name: 'keys', mountPath: '/etc/keys' },
              { name: 'info', mountPath: '/etc/info' },
            ],
          },
        ],
        volumes: [
          { name: 'settings', configMap: { name: 'settings' } },
          { name: 'keys', secret: { secretName: 'keys', items: [{ key: 'token', path: 't' }] } },
          { name: 'info', downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
        ],
      },
      { app: 'env' },
    );
    await cluster.podWhere('env', ({ status }) => status?.phase === 'Succeeded');
    expect(await cluster.log('env', 'main')).toBe('env 10.2.1.2 fast s3cret env-fast-$(NOPE)-$(MODE) fast\nx=1\ns3cretapp="env"\n');
  });

  it('waits for what a container refers to', async () => {
    await cluster.createPod('early', { containers: [{ name: 'main', image: 'nginx:1.27', envFrom: [{ configMapRef: { name: 'late' } }] }] });
    const waiting = await cluster.podWhere('early', ({ status }) => status?.containerStatuses?.[0]?.state?.waiting?.reason === 'CreateContainerConfigError');
    expect(waiting.status?.containerStatuses?.[0]?.state?.waiting?.message).toBe('configmap "late" not found');
    await cluster.client.create(resourceTypes.configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'late', namespace: 'default' }, data: {} });
    await cluster.podWhere('early', ({ status }) => status?.phase === 'Running');
  });

  it('refuses a volume it does not have', async () => {
    await cluster.createPod('host', { containers: [{ name: 'main', image: 'nginx:1.27' }], volumes: [{ name: 'root', hostPath: { path: '/' } }] });
    const events = await cluster.eventually(
      () => cluster.events('host'),
      (list) => list.length > 0,
    );
    expect(events[0]).toMatch(/^Warning FailedMount MountVolume.SetUp failed for volume "root" : volumes of type hostPath are not supported/);
    await cluster.podWhere('host', ({ status }) => status?.containerStatuses?.[0]?.state?.waiting?.reason === 'ContainerCreating');
  });

  it('rejects a pod that does not fit', async () => {
    await cluster.createPod('big', { containers: [{ name: 'main', image: 'nginx:1.27', resources: { requests: { cpu: '3' } } }] });
    const pod = await cluster.podWhere('big', ({ status }) => status?.phase === 'Failed');
    expect(pod.status).toMatchObject({ reason: 'OutOfcpu', message: "Pod was rejected: Node didn't have enough resource: cpu, requested: 3000, used: 0, capacity: 2000" });
  });

  it('ends a pod that lives longer than its deadline', async () => {
    await cluster.createPod('short', { activeDeadlineSeconds: 5, containers: [{ name: 'main', image: 'nginx:1.27' }] });
    const pod = await cluster.podWhere('short', ({ status }) => status?.phase === 'Failed');
    expect(pod.status).toMatchObject({ reason: 'DeadlineExceeded', message: 'Pod was active on the node longer than the specified deadline' });
  });

  it('stops a pod that is deleted and takes it out of the API', async () => {
    await cluster.createPod('gone', { containers: [{ name: 'main', image: 'nginx:1.27', lifecycle: { preStop: { exec: { command: ['sh', '-c', 'sleep 2'] } } } }] });
    await cluster.podWhere('gone', ({ status }) => status?.phase === 'Running');
    await cluster.client.delete(resourceTypes.pods, 'default', 'gone');
    expect((await cluster.pod('gone'))?.metadata.deletionTimestamp).toBeDefined();
    const startedAt = cluster.clock.now();
    await cluster.eventually(
      () => cluster.pod('gone'),
      (pod) => pod === undefined,
    );
    expect(cluster.clock.now() - startedAt).toBeGreaterThanOrEqual(2_000);
    await expect(cluster.get('10.2.1.2', 80)).rejects.toMatchObject({ code: expect.stringMatching(/ECONNREFUSED|EHOSTUNREACH/) });
    expect(await cluster.events('gone')).toContain('Normal Killing Stopping container main');
  });

  it('opens host ports on the address of the node', async () => {
    const containers = [{ name: 'main', image: 'nginx:1.27', ports: [{ containerPort: 80, hostPort: 8088 }] }];
    await cluster.createPod('edge', { containers });
    await cluster.podWhere('edge', ({ status }) => status?.phase === 'Running');
    expect(await cluster.get('10.1.0.1', 8088)).toContain('nginx');
    await cluster.createPod('second', { containers });
    const events = await cluster.eventually(
      () => cluster.events('second'),
      (list) => list.length > 0,
    );
    expect(events[0]).toContain('FailedCreatePodSandBox');
    await cluster.client.delete(resourceTypes.pods, 'default', 'edge');
    await cluster.podWhere('second', ({ status }) => status?.phase === 'Running');
  });

  it('mounts the token and the CA of its service account, and renews the token', async () => {
    const { client } = cluster;
    await client.create(resourceTypes.configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kube-root-ca.crt', namespace: 'default' }, data: { 'ca.crt': 'PEM' } });
    await cluster.createPod('trusted', { automountServiceAccountToken: true, containers: [{ name: 'main', image: 'nginx:1.27' }] });
    const { metadata } = await cluster.podWhere('trusted', ({ status }) => status?.phase === 'Running');
    const folder = '/var/run/secrets/kubernetes.io/serviceaccount';
    const read = () => cluster.exec('trusted', metadata.uid ?? '', ['sh', '-c', `cat ${folder}/namespace ${folder}/ca.crt; echo; cat ${folder}/token`]);
    const first = await read();
    expect(first).toMatch(/^defaultPEM\n\S+\.\S+\.\S+$/);
    await cluster.clock.advance(3_600_000);
    expect(await read()).not.toBe(first);
  });

  it('never gives an address to two pods', async () => {
    await cluster.addNode('node-2', 2, { podCIDR: '10.7.0.0/29' });
    const start = (name: string, command?: string[]) =>
      cluster.createPod(name, { nodeName: 'node-2', restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox:1.36', command: command ?? ['sleep', '3600'] }] });
    await start('done', ['true']);
    const done = await cluster.podWhere('done', ({ status }) => status?.phase === 'Succeeded');
    const names = ['a', 'b', 'c', 'd', 'e'];
    for (const name of names) await start(name);
    const pods = await Promise.all(names.map((name) => cluster.podWhere(name, ({ status }) => status?.phase === 'Running')));
    const ips = pods.map(({ status }) => status?.podIP);
    expect(new Set(ips).size).toBe(5);
    expect(ips).toContain(done.status?.podIP);
    await cluster.client.delete(resourceTypes.pods, 'default', 'done');
    await cluster.eventually(
      () => cluster.pod('done'),
      (pod) => pod === undefined,
    );
    await start('f');
    const events = await cluster.eventually(
      () => cluster.events('f'),
      (list) => list.length > 0,
    );
    expect(events[0]).toBe('Warning FailedCreatePodSandBox Failed to create pod sandbox: no IP addresses available in the pod CIDR of the node');
    await cluster.client.delete(resourceTypes.pods, 'default', 'a', { gracePeriodSeconds: 1 });
    await cluster.podWhere('f', ({ status }) => status?.phase === 'Running');
  });

  it('brings a changed config map into running pods', async () => {
    const map = (text: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'site', namespace: 'default' }, data: { 'index.html': text } });
    await cluster.client.create(resourceTypes.configMaps, map('old'));
    const volumeMounts = [{ name: 'site', mountPath: '/usr/share/nginx/html' }];
    await cluster.createPod('site', { containers: [{ name: 'main', image: 'nginx:1.27', volumeMounts }], volumes: [{ name: 'site', configMap: { name: 'site' } }] });
    const { status } = await cluster.podWhere('site', (pod) => pod.status?.phase === 'Running');
    expect(await cluster.get(status?.podIP ?? '', 80)).toBe('old');
    await cluster.client.update(resourceTypes.configMaps, map('new'));
    await cluster.clock.advance(70_000);
    expect(await cluster.get(status?.podIP ?? '', 80)).toBe('new');
  });
});
