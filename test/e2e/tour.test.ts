import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { curl, eventually, has, processesWith, rows, Workplace } from './harness.ts';

const ready = has('kubectl') && has('curl');
const cluster = 'demo.k8s.local';

const pod = `
apiVersion: v1
kind: Pod
metadata:
  name: nginx
spec:
  containers:
  - name: nginx
    image: nginx:1.14.2
    ports:
    - containerPort: 80
`;

const deployment = (replicas: number, extra = '') => `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: payment
  labels:
    app: payment
spec:
  replicas: ${replicas}
  selector:
    matchLabels:
      app: payment
  template:
    metadata:
      labels:
        app: payment
    spec:
      containers:
      - name: web
        image: registry.k8s.io/e2e-test-images/agnhost:2.53
        args: ["netexec", "--http-port=8080"]
        ports:
        - containerPort: 8080${extra}
`;

const service = (name: string, type: string) => `
apiVersion: v1
kind: Service
metadata:
  name: ${name}
spec:
  type: ${type}
  selector:
    app: payment
  ports:
  - port: 80
    targetPort: 8080
`;

interface Listed {
  items: {
    metadata: { name: string; labels: Record<string, string> };
    spec: Record<string, never> & { providerID?: string };
    status: { podIP?: string; phase?: string; conditions?: { type: string; status: string }[] };
  }[];
}

describe.skipIf(!ready)(`the tour of the README, with the real kubectl${ready ? '' : ' (skipped: kubectl or curl is not installed)'}`, () => {
  const place = new Workplace();
  const readyPods = () =>
    eventually('all pods of payment are ready', async () => {
      const table = await place.kubectl('get', 'pods', '-l', 'app=payment');
      const pods = rows(table.stdout);
      if (pods.length === 0 || pods.some((row) => row.READY !== '1/1' || row.STATUS !== 'Running')) throw new Error(table.stdout + table.stderr);
      return pods;
    });

  beforeAll(() => {
    writeFileSync(place.kubeconfig, 'apiVersion: v1\nkind: Config\nclusters: []\ncontexts:\n- name: other\n  context: {cluster: x, user: y}\nusers: []\ncurrent-context: other\n', {
      mode: 0o600,
    });
  });
  afterAll(() => place.close());

  it('creates a running cluster in one line', async () => {
    const created = await place.kops('create', 'cluster', cluster, '--zones', 'local-1a,local-1b,local-1c', '--yes', '--wait', '60s');
    expect(created.code, created.stdout + created.stderr).toBe(0);
    const config = readFileSync(place.kubeconfig, 'utf8');
    expect(config).toContain('name: other');
    expect(config).toContain(`current-context: ${cluster}`);
    expect(statSync(place.kubeconfig).mode & 0o777).toBe(0o600);
  });

  it('shows one control plane and three workers, ready, with roles, zones and provider ids', async () => {
    const wide = await place.kubectl('get', 'nodes', '-o', 'wide');
    const nodes = rows(wide.stdout);
    expect(
      nodes.map((row) => row.STATUS),
      wide.stdout + wide.stderr,
    ).toEqual(['Ready', 'Ready', 'Ready', 'Ready']);
    expect(nodes.map((row) => row.ROLES).sort()).toEqual(['control-plane', 'node', 'node', 'node']);
    const { items } = await place.json<Listed>('get', 'nodes');
    const zones = items.filter((node) => !('node-role.kubernetes.io/control-plane' in node.metadata.labels)).map((node) => node.metadata.labels['topology.kubernetes.io/zone']);
    expect(zones.sort()).toEqual(['local-1a', 'local-1b', 'local-1c']);
    for (const node of items) expect(node.spec.providerID).toMatch(/^[a-z]+:\/\/.+i-[0-9a-f]+$/);
  });

  it('shows the components of the control plane as pods', async () => {
    const names = rows((await place.kubectl('get', 'pods', '-A')).stdout).map((row) => row.NAME ?? '');
    for (const component of ['kube-apiserver', 'kube-scheduler', 'kube-controller-manager', 'cloud-controller-manager', 'etcd']) {
      expect(
        names.some((name) => name.startsWith(component)),
        `${component} in ${names.join(' ')}`,
      ).toBe(true);
    }
  });

  it('runs a bare pod: create, reach, describe, logs, delete for ever', async () => {
    expect((await place.manifest('create', pod)).stdout).toBe('pod/nginx created\n');
    expect((await place.kubectl('wait', '--for=condition=Ready', 'pod/nginx', '--timeout=30s')).code).toBe(0);
    const [row] = rows((await place.kubectl('get', 'pods', 'nginx', '-o', 'wide')).stdout);
    expect(row).toMatchObject({ READY: '1/1', STATUS: 'Running', RESTARTS: '0' });
    expect((await curl(`http://${row?.IP}/`)).stdout).toContain('nginx');
    expect((await place.kubectl('describe', 'pod', 'nginx')).stdout).toMatch(/Normal\s+Scheduled[\s\S]*Normal\s+Started/);
    expect((await place.kubectl('logs', 'nginx')).stdout).toContain('"GET / HTTP/1.1" 200');
    expect((await place.kubectl('exec', 'nginx', '--', 'hostname')).stdout).toBe('nginx\n');
    expect((await place.kubectl('delete', 'pod', 'nginx')).stdout).toContain('pod "nginx" deleted');
    expect((await place.kubectl('get', 'pod', 'nginx')).stderr).toContain('Error from server (NotFound): pods "nginx" not found');
  });

  it('heals a Deployment: the replacement appears before the old pod is gone', async () => {
    expect((await place.manifest('apply', deployment(3))).stdout).toBe('deployment.apps/payment created\n');
    const [first] = await readyPods();
    const all = (await place.kubectl('get', 'all')).stdout;
    expect(all).toMatch(/pod\/payment-[\s\S]*service\/kubernetes[\s\S]*deployment.apps\/payment\s+3\/3\s+3\s+3[\s\S]*replicaset.apps\/payment-\w+\s+3\s+3\s+3/);
    const watch = place.background('get', 'pods', '-w', '-l', 'app=payment');
    await eventually('the watch shows the pods', async () => expect(watch.lines().length).toBeGreaterThan(3));
    await place.kubectl('delete', 'pod', first?.NAME ?? '');
    await readyPods();
    await eventually('the watch shows both pods', async () => {
      const lines = watch.lines();
      const replaced = lines.findIndex((line) => line.includes('Pending') || line.includes('ContainerCreating'));
      const gone = lines.findLastIndex((line) => line.startsWith(first?.NAME ?? '?'));
      expect(replaced, lines.join('\n')).toBeGreaterThan(0);
      expect(replaced, lines.join('\n')).toBeLessThan(gone);
    });
    await watch.stop();
  });

  it('scales to 5 and back', async () => {
    expect((await place.manifest('apply', deployment(5))).stdout).toBe('deployment.apps/payment configured\n');
    await eventually('five pods', async () => expect((await readyPods()).length).toBe(5));
    expect((await place.kubectl('scale', 'deployment/payment', '--replicas=3')).stdout).toBe('deployment.apps/payment scaled\n');
    await eventually('three pods', async () => expect((await readyPods()).length).toBe(3));
  });

  it('says why a pod does not run: a misspelled image, too much CPU', async () => {
    await place.kubectl('run', 'typo', '--image=nginxx');
    await eventually('the image cannot be pulled', async () => expect((await place.kubectl('get', 'pod', 'typo')).stdout).toMatch(/ErrImagePull|ImagePullBackOff/));
    await eventually('the kubelet backs off', async () => expect((await place.kubectl('get', 'pod', 'typo')).stdout).toContain('ImagePullBackOff'));
    await place.manifest('apply', pod.replace('name: nginx\nspec', 'name: greedy\nspec').replace('    ports:', '    resources: {requests: {cpu: "100"}}\n    ports:'));
    await eventually('the scheduler says why', async () => {
      const text = (await place.kubectl('describe', 'pod', 'greedy')).stdout;
      expect(text).toMatch(/Status:\s+Pending/);
      expect(text).toMatch(/0\/4 nodes are available: .*3 Insufficient cpu/);
    });
    await place.kubectl('delete', 'pod', 'typo', 'greedy', '--now');
  });

  it('shows a crash in the logs and backs off', async () => {
    await place.kubectl('run', 'broken', '--image=python:3.12', '--', 'python', '-c', 'print(undefined_name)');
    await eventually('the traceback is in the logs', async () => expect((await place.kubectl('logs', 'broken')).stdout).toContain('Traceback (most recent call last):'));
    await eventually('it crashes again and again', async () => expect((await place.kubectl('get', 'pod', 'broken')).stdout).toContain('CrashLoopBackOff'));
    await place.kubectl('delete', 'pod', 'broken', '--now');
  });

  it('spreads 30 connections 10/10/10 over every way to a Service', async () => {
    for (const [name, type] of [
      ['inside', 'ClusterIP'],
      ['door', 'NodePort'],
      ['front', 'LoadBalancer'],
    ] as const)
      await place.manifest('apply', service(name, type));
    const nodes = rows((await place.kubectl('get', 'nodes', '-o', 'wide', '-l', 'node-role.kubernetes.io/node')).stdout);
    const address = await eventually('the cloud gives the load balancer an address', async () => {
      const { stdout } = await place.kubectl('get', 'svc', 'front', '-o', 'jsonpath={.status.loadBalancer.ingress[0].ip}');
      expect(stdout).toMatch(/^\d+\./);
      return stdout;
    });
    const clusterIp = (await place.kubectl('get', 'svc', 'inside', '-o', 'jsonpath={.spec.clusterIP}')).stdout;
    const nodePort = (await place.kubectl('get', 'svc', 'door', '-o', 'jsonpath={.spec.ports[0].nodePort}')).stdout;
    for (const url of [`http://${clusterIp}/hostname`, `http://${nodes[0]?.['INTERNAL-IP']}:${nodePort}/hostname`, `http://${address}/hostname`]) {
      await eventually(`${url} answers`, () => curl(url).then((outcome) => expect(outcome.stdout, outcome.stderr).toContain('payment')));
      const counts = new Map<string, number>();
      for (let i = 0; i < 30; i++) {
        const { stdout } = await curl(url);
        counts.set(stdout, (counts.get(stdout) ?? 0) + 1);
      }
      expect([...counts.values()], url).toEqual([10, 10, 10]);
    }
  });

  it('fails no request while pods come and go behind the Service', async () => {
    const clusterIp = (await place.kubectl('get', 'svc', 'inside', '-o', 'jsonpath={.spec.clusterIP}')).stdout;
    let stop = false;
    const failures: string[] = [];
    let requests = 0;
    const client = (async () => {
      while (!stop) {
        const outcome = await curl(`http://${clusterIp}/hostname`);
        requests++;
        if (outcome.code !== 0) failures.push(outcome.stderr);
      }
    })();
    const pods = await readyPods();
    await place.kubectl('delete', 'pod', pods[0]?.NAME ?? '');
    await place.kubectl('scale', 'deployment/payment', '--replicas=1');
    await eventually('one pod', async () => expect((await readyPods()).length).toBe(1));
    await place.kubectl('scale', 'deployment/payment', '--replicas=3');
    await eventually('three pods', async () => expect((await readyPods()).length).toBe(3));
    stop = true;
    await client;
    expect(requests).toBeGreaterThan(10);
    expect(failures).toEqual([]);
  });

  it('answers the questions of kops users', async () => {
    expect(rows((await place.kops('get', 'clusters')).stdout)).toEqual([{ NAME: cluster, CLOUD: 'local', ZONES: 'local-1a,local-1b,local-1c' }]);
    expect(
      rows((await place.kops('get', 'instancegroups')).stdout)
        .map((row) => row.ROLE)
        .sort(),
    ).toEqual(['ControlPlane', 'Node', 'Node', 'Node']);
    expect(JSON.parse((await place.kops('get', 'instances', '-o', 'json')).stdout)).toHaveLength(4);
    const validated = await place.kops('validate', 'cluster');
    expect(validated.code, validated.stdout + validated.stderr).toBe(0);
    expect(validated.stdout).toContain(`Your cluster ${cluster} is ready`);
  });

  it('changes the number of nodes: edit, preview, apply, nothing left to do', async () => {
    const groups = JSON.parse((await place.kops('get', 'ig', '-o', 'json')).stdout) as { metadata: { name: string }; spec: { role: string } }[];
    const group = groups.find((item) => item.spec.role === 'Node')?.metadata.name ?? '';
    const edited = await place.kops('edit', 'ig', group, '--set', 'spec.minSize=2', '--set', 'spec.maxSize=2');
    expect(edited.code, edited.stderr).toBe(0);
    const preview = await place.kops('update', 'cluster', '-o', 'json');
    const plan = JSON.parse(preview.stdout) as { actions?: unknown[]; plan?: { actions: unknown[] } };
    expect((plan.actions ?? plan.plan?.actions)?.length, preview.stdout).toBe(1);
    expect(rows((await place.kubectl('get', 'nodes')).stdout)).toHaveLength(4);
    const applied = await place.kops('update', 'cluster', '--yes');
    expect(applied.code, applied.stderr).toBe(0);
    await eventually('the fourth worker is ready', async () => expect(rows((await place.kubectl('get', 'nodes')).stdout).filter((row) => row.STATUS === 'Ready')).toHaveLength(5));
    expect((await place.kops('update', 'cluster', '--yes')).stdout).toContain('No changes need to be applied');
  });

  it('replaces a worker that is terminated, and its pods run elsewhere', async () => {
    const instances = JSON.parse((await place.kops('get', 'instances', '-o', 'json')).stdout) as Record<string, string>[];
    const victim = instances.find((instance) => /node/i.test(JSON.stringify(instance)) && !/control-plane/i.test(JSON.stringify(instance)));
    const deleted = await place.kops('delete', 'instance', String(victim?.id ?? victim?.ID), '--yes');
    expect(deleted.code, deleted.stderr).toBe(0);
    await eventually('five nodes are ready again and the pods run', async () => {
      const nodes = rows((await place.kubectl('get', 'nodes')).stdout);
      expect(nodes.filter((row) => row.STATUS === 'Ready')).toHaveLength(5);
      expect(nodes).toHaveLength(5);
      expect(await readyPods()).toHaveLength(3);
    });
  });

  it('replaces the control plane without losing anything, at the same address', async () => {
    const before = (await place.kubectl('get', 'deployment', 'payment', '-o', 'jsonpath={.metadata.uid}')).stdout;
    const instances = JSON.parse((await place.kops('get', 'instances', '-o', 'json')).stdout) as Record<string, string>[];
    const victim = instances.find((instance) => /control-plane/i.test(JSON.stringify(instance)));
    expect((await place.kops('delete', 'instance', String(victim?.id ?? victim?.ID), '--yes')).code).toBe(0);
    await eventually('the API answers with the same objects', async () =>
      expect((await place.kubectl('get', 'deployment', 'payment', '-o', 'jsonpath={.metadata.uid}')).stdout).toBe(before),
    );
  });

  it('comes back after kill -9 with everything that was acknowledged', async () => {
    const status = JSON.parse((await place.kops('local', 'status', '-o', 'json')).stdout) as { pid: number };
    expect((await place.kubectl('create', 'configmap', 'precious', '--from-literal=a=b')).code).toBe(0);
    process.kill(status.pid, 'SIGKILL');
    expect((await place.kops('get', 'instances')).code).toBe(0);
    await eventually('the object is there', async () => expect((await place.kubectl('get', 'configmap', 'precious', '-o', 'jsonpath={.data.a}')).stdout).toBe('b'));
    await eventually('the pods run again', async () => expect(await readyPods()).toHaveLength(3));
    await eventually('the cluster validates', async () => expect((await place.kops('validate', 'cluster')).code).toBe(0));
  });

  it('deletes everything and leaves nothing behind', async () => {
    const preview = await place.kops('delete', 'cluster', cluster);
    expect(preview.stdout).toContain('InstanceGroup');
    const deleted = await place.kops('delete', 'cluster', cluster, '--yes');
    expect(deleted.code, deleted.stderr).toBe(0);
    expect((await place.kops('get', 'clusters', '-o', 'json')).stdout.trim()).toBe('[]');
    expect(readFileSync(place.kubeconfig, 'utf8')).not.toContain(cluster);
    expect(readFileSync(place.kubeconfig, 'utf8')).toContain('name: other');
    await place.kops('local', 'stop');
    expect(await processesWith(place.home)).toEqual([]);
    expect(existsSync(`${place.home}/local/daemon.sock`)).toBe(false);
  });
});
