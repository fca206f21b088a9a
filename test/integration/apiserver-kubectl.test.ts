import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resourceTypes } from '../../src/kube/resource-types.ts';
import { startApiServer } from './apiserver-fixture.ts';

/** kubectl by version, beside whatever `kubectl` is on the PATH. */
function kubectlOf(version: string): string | undefined {
  const found = (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'kubectl'))
    .find(existsSync);
  const versioned = found && join(dirname(realpathSync(found)), `kubectl.${version}`);
  return versioned && existsSync(versioned) ? versioned : undefined;
}

const podYaml = `
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec: {containers: [{name: nginx, image: "nginx:1.27", ports: [{containerPort: 80}]}]}
`;
const deploymentYaml = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: dep}
spec:
  replicas: 3
  selector: {matchLabels: {app: dep}}
  template:
    metadata: {labels: {app: dep}}
    spec: {containers: [{name: nginx, image: "nginx:1.27"}]}
`;

for (const version of ['1.33', '1.29']) {
  const kubectl = kubectlOf(version);
  describe.skipIf(!kubectl)(`kubectl ${version} (needs kubectl.${version} beside the kubectl on the PATH)`, () => {
    let server: Awaited<ReturnType<typeof startApiServer>>;
    let folder: string;
    const children: ChildProcess[] = [];

    const file = (name: string, text: string) => {
      const path = join(folder, name);
      writeFileSync(path, text);
      return path;
    };
    const command = (args: string[]) => ['--kubeconfig', join(folder, 'config'), '--cache-dir', join(folder, 'cache'), ...args];
    const run = (args: string[], input?: string) =>
      new Promise<{ code: number; out: string; err: string }>((resolve) => {
        const child = execFile(kubectl as string, command(args), { timeout: 15_000, env: { PATH: process.env.PATH, HOME: folder } }, (error, out, err) => {
          resolve({ code: error ? Number(error.code ?? 1) : 0, out, err });
        });
        child.stdin?.end(input);
      });
    const ok = async (...args: string[]) => {
      const { code, out, err } = await run(args);
      expect(err.replace(/^warning: .*\n/gim, ''), `kubectl ${args.join(' ')}`).toBe('');
      expect(code).toBe(0);
      return out;
    };
    const start = (...args: string[]) => {
      const child = spawn(kubectl as string, command(args), { env: { PATH: process.env.PATH, HOME: folder } });
      children.push(child);
      return child;
    };
    const bind = (name: string, node: string) =>
      server.client.create(
        resourceTypes.pods,
        { apiVersion: 'v1', kind: 'Binding', metadata: { name, namespace: 'default' }, target: { kind: 'Node', name: node } },
        { name, subresource: 'binding' },
      );

    beforeAll(async () => {
      server = await startApiServer();
      folder = mkdtempSync(join(tmpdir(), 'kops-ts-kubectl-'));
      file('config', server.kubeconfig);
      file('pod.yaml', podYaml);
      file('dep.yaml', deploymentYaml);
    });
    afterAll(async () => {
      for (const child of children) child.kill();
      await server?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    it('knows the server and its resources', async () => {
      expect(await ok('version')).toContain('Server Version: v1.33.4');
      const resources = await ok('api-resources');
      for (const row of ['pods', 'deployments', 'configmaps', 'leases', 'clusterroles']) expect(resources).toMatch(new RegExp(`^${row} `, 'm'));
      expect(await ok('explain', 'pod.spec.containers.image')).toContain('FIELD: image <string>');
      expect(await ok('get', '--raw', '/readyz?verbose')).toContain('readyz check passed');
    });

    it('creates, shows, changes and deletes a pod', async () => {
      expect(await ok('create', '-f', join(folder, 'pod.yaml'))).toBe('pod/web created\n');
      expect((await ok('get', 'pods')).split('\n')[0]).toMatch(/^NAME +READY +STATUS +RESTARTS +AGE$/);
      expect(await ok('describe', 'pod', 'web')).toMatch(/Status: +Pending/);
      expect(await ok('label', 'pod', 'web', 'tier=front')).toBe('pod/web labeled\n');
      expect(await ok('get', 'pods', '-l', 'tier=front', '-o', 'name')).toBe('pod/web\n');
      expect(await ok('get', 'pod', 'web', '-o', 'jsonpath={.status.phase}')).toBe('Pending');
      expect((await run(['create', '-f', join(folder, 'pod.yaml')])).err).toContain('pods "web" already exists');
      expect(await ok('delete', 'pod', 'web')).toContain('pod "web" deleted');
      expect((await run(['get', 'pod', 'web'])).err).toBe('Error from server (NotFound): pods "web" not found\n');
    });

    it('applies, scales, patches and rolls a deployment', async () => {
      const path = join(folder, 'dep.yaml');
      expect(await ok('apply', '-f', path)).toBe('deployment.apps/dep created\n');
      expect(await ok('apply', '-f', path)).toBe('deployment.apps/dep unchanged\n');
      expect(await ok('apply', '-f', file('dep2.yaml', deploymentYaml.replace('replicas: 3', 'replicas: 4')))).toBe('deployment.apps/dep configured\n');
      expect(await ok('scale', 'deployment', 'dep', '--replicas=5')).toBe('deployment.apps/dep scaled\n');
      expect(await ok('set', 'image', 'deployment/dep', 'nginx=nginx:1.28')).toBe('deployment.apps/dep image updated\n');
      expect(await ok('patch', 'deployment', 'dep', '--type=json', '-p', '[{"op":"replace","path":"/spec/replicas","value":2}]')).toBe('deployment.apps/dep patched\n');
      expect(await ok('get', 'deployment', 'dep', '-o', 'jsonpath={.spec.replicas} {.spec.template.spec.containers[0].image} {.metadata.generation}')).toBe('2 nginx:1.28 5');
      expect(await ok('rollout', 'restart', 'deployment/dep')).toBe('deployment.apps/dep restarted\n');
      const conflict = await run(['apply', '--server-side', '-f', path]);
      expect(conflict.err).toContain('Apply failed with');
      expect(await ok('apply', '--server-side', '--force-conflicts', '-f', path)).toBe('deployment.apps/dep serverside-applied\n');
      expect((await run(['diff', '-f', path])).code).toBe(0);
      expect(await ok('delete', 'deployment', 'dep')).toContain('deleted');
    });

    it('sends protobuf bodies that are understood', async () => {
      expect(await ok('create', 'configmap', 'cm', '--from-literal=a=b')).toBe('configmap/cm created\n');
      expect(await ok('create', 'secret', 'generic', 'sec', '--from-literal=a=b')).toBe('secret/sec created\n');
      expect(await ok('get', 'configmap', 'cm', '-o', 'jsonpath={.data.a}')).toBe('b');
      expect(await ok('create', 'deployment', 'made', '--image=nginx', '--replicas=2')).toBe('deployment.apps/made created\n');
      expect(await ok('expose', 'deployment', 'made', '--port=80')).toBe('service/made exposed\n');
      expect(await ok('get', 'service', 'made', '-o', 'jsonpath={.spec.clusterIP}')).toMatch(/^10\.96\./);
      expect(await ok('create', 'token', 'default')).toMatch(/^ey[\w-]+\.[\w-]+\.[\w-]+/);
    });

    it('tells what a user may do', async () => {
      expect(await ok('auth', 'can-i', 'create', 'pods')).toBe('yes\n');
      expect((await run(['auth', 'can-i', 'create', 'pods', '--as', 'bob'])).out).toBe('no\n');
      await ok('create', 'role', 'reader', '--verb=list', '--resource=pods');
      await ok('create', 'rolebinding', 'readers', '--role=reader', '--user=bob');
      expect((await run(['get', 'pods', '--as', 'bob'])).code).toBe(0);
      expect((await run(['get', 'secrets', '--as', 'bob'])).err).toBe(
        'Error from server (Forbidden): secrets is forbidden: User "bob" cannot list resource "secrets" in API group "" in the namespace "default"\n',
      );
    });

    it('checks fields', async () => {
      const path = file('bad.yaml', podYaml.replace('ports:', 'prots:').replace('name: web', 'name: bad'));
      expect((await run(['create', '-f', path])).err).toContain('strict decoding error: unknown field "spec.containers[0].prots"');
      const warned = await run(['create', '-f', path, '--validate=warn']);
      expect([warned.err, warned.out]).toEqual(['Warning: unknown field "spec.containers[0].prots"\n', 'pod/bad created\n']);
    });

    it('says which kind is not there', async () => {
      const path = file('widget.yaml', 'apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\n');
      for (const verb of ['create', 'apply'])
        expect((await run([verb, '-f', path])).err).toMatch(
          /^error: resource mapping not found for name: "w" namespace: "" from ".*widget.yaml": no matches for kind "Widget" in version "example.com\/v1"\nensure CRDs are installed first\n$/,
        );
    });

    it('watches and waits', async () => {
      await ok('run', 'watched', '--image=nginx');
      const watch = start('get', 'pods', 'watched', '--watch', '--no-headers');
      let seen = '';
      const until = (text: string) =>
        new Promise<void>((resolve) => {
          const look = (chunk?: Buffer) => {
            seen += chunk ?? '';
            if (seen.includes(text)) resolve();
          };
          watch.stdout.on('data', look);
          look();
        });
      await until('Pending');
      await bind('watched', 'node-1');
      const waited = ok('wait', '--for=condition=Ready', 'pod/watched', '--timeout=10s');
      await ok('patch', 'pod', 'watched', '--subresource=status', '-p', '{"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}}');
      expect(await waited).toBe('pod/watched condition met\n');
      await until('Running');
      await ok('delete', 'pod', 'watched', '--wait=false');
      await until('Terminating');
    });

    it('reads logs', async () => {
      await ok('create', '-f', join(folder, 'pod.yaml'));
      expect(await ok('logs', 'web')).toBe('');
      await bind('web', 'node-1');
      expect(await ok('logs', 'web')).toBe('nginx one\nnginx two\nnginx three\n');
      expect(await ok('logs', 'web', '--tail=1')).toBe('nginx three\n');
      expect((await run(['logs', 'web', '-c', 'other'])).err).toContain('container other is not valid for pod web');
    });

    it('runs commands in containers', async () => {
      expect(await ok('exec', 'web', '--', 'echo', 'hello', 'there')).toBe('hello there\n');
      const failed = await run(['exec', 'web', '--', 'fail']);
      expect([failed.code, failed.err]).toEqual([7, 'it failed\ncommand terminated with exit code 7\n']);
      expect((await run(['exec', '-i', 'web', '--', 'cat'], 'from stdin')).out).toBe('from stdin');
      expect((await run(['attach', 'web'])).out).toBe('attached\n');
    });

    it('forwards ports', async () => {
      await ok('patch', 'pod', 'web', '--subresource=status', '-p', '{"status":{"phase":"Running"}}');
      const forward = start('port-forward', 'pod/web', ':80');
      const port = await new Promise<number>((resolve) => {
        let text = '';
        forward.stdout.on('data', (chunk: Buffer) => {
          text += chunk;
          const found = /Forwarding from 127\.0\.0\.1:(\d+)/.exec(text)?.[1];
          if (found) resolve(Number(found));
        });
      });
      for (const word of ['first', 'second']) expect(await fetch(`http://127.0.0.1:${port}/${word}`).then((response) => response.text())).toBe(`web answers /${word}`);
    });

    it('says when a node cannot be reached', async () => {
      await ok('run', 'lost', '--image=nginx');
      await bind('lost', 'node-2');
      expect((await run(['exec', 'lost', '--', 'echo'])).err).toContain('dial tcp node-2:10250: connect: connection refused');
    });
  });
}
