import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Fabric, Source } from '../../../src/fabric/fabric.ts';
import type { Container } from '../../../src/kube/objects.ts';
import type { ContainerConfig, ExecStreams, Runtime, RuntimeContainer, Sandbox } from '../../../src/node/runtime/runtime.ts';

export interface RuntimeUnderTest {
  runtime: Runtime;
  fabric: Fabric;
  close(): Promise<void>;
}

const node: Source = { type: 'node', name: 'node-1', ip: '127.26.0.10' };
const never = new AbortController().signal;

export interface Extra {
  spec?: Partial<Container>;
  env?: Record<string, string>;
  mounts?: ContainerConfig['mounts'];
  tty?: boolean;
  stdin?: boolean;
  attempt?: number;
  name?: string;
}

/** Starting containers and talking to them, for tests of any runtime. */
export class RuntimeHarness {
  readonly runtime: Runtime;
  readonly fabric: Fabric;
  private pods = 0;

  constructor(under: RuntimeUnderTest) {
    this.runtime = under.runtime;
    this.fabric = under.fabric;
  }

  sandbox(name = `pod-${this.pods + 1}`): Promise<Sandbox> {
    this.pods++;
    return this.runtime.runSandbox({
      namespace: 'default',
      name,
      uid: `uid-${this.pods}`,
      ip: `127.26.1.${this.pods}`,
      hostname: name,
      hostNetwork: false,
      nodeName: 'node-1',
      labels: {},
    });
  }

  async create(image: string, extra: Extra = {}, sandbox?: Sandbox): Promise<{ id: string; sandbox: Sandbox }> {
    const pod = sandbox ?? (await this.sandbox());
    await this.runtime.pullImage(image, { signal: never });
    const { env = {}, mounts = [], tty = false, stdin = false, attempt = 0, name = 'main' } = extra;
    const id = await this.runtime.createContainer(pod.id, { name, attempt, image, spec: { name, image, ...extra.spec }, env, mounts, tty, stdin });
    return { id, sandbox: pod };
  }

  async start(image: string, extra: Extra = {}, sandbox?: Sandbox): Promise<{ id: string; sandbox: Sandbox }> {
    const made = await this.create(image, extra, sandbox);
    await this.runtime.startContainer(made.id);
    return made;
  }

  /** Status once the container has exited. */
  async exited(id: string): Promise<RuntimeContainer> {
    const status = await this.runtime.containerStatus(id);
    if (status.state === 'exited') return status;
    await new Promise<void>((resolve) => {
      const stop = this.runtime.onEvent((event) => {
        if (event.containerId !== id || event.type !== 'stopped') return;
        stop();
        resolve();
      });
    });
    return this.runtime.containerStatus(id);
  }

  async logs(id: string, options: { tailLines?: number; sinceMs?: number } = {}): Promise<string[]> {
    const lines: string[] = [];
    for await (const line of this.runtime.logs(id, { follow: false, signal: never, ...options })) lines.push(line.text);
    return lines;
  }

  /** The first log line that matches, waiting for it. */
  async logLine(id: string, pattern: RegExp): Promise<string> {
    for await (const line of this.runtime.logs(id, { follow: true, signal: never })) if (pattern.test(line.text)) return line.text;
    throw new Error(`no line matches ${pattern}`);
  }

  async exec(id: string, command: string[], stdin?: string): Promise<{ code: number; out: string; err: string }> {
    const result = { code: 0, out: '', err: '' };
    const streams: ExecStreams = {
      stdout: (chunk) => {
        result.out += Buffer.from(chunk).toString();
      },
      stderr: (chunk) => {
        result.err += Buffer.from(chunk).toString();
      },
      tty: false,
      signal: never,
      ...(stdin === undefined ? {} : { stdin: once(stdin) }),
    };
    result.code = await this.runtime.exec(id, command, streams);
    return result;
  }

  /** A GET from the node. */
  async get(
    ip: string,
    port: number,
    path = '/',
    headers: Record<string, string> = {},
    from: Source = node,
  ): Promise<{ status: number; body: string; headers: Record<string, unknown> }> {
    const stream = await this.fabric.connect(from, ip, port);
    return new Promise((resolve, reject) => {
      const call = request({ path, headers: { host: ip, connection: 'close', ...headers }, createConnection: () => stream }, (response) => {
        text(response).then((body) => resolve({ status: response.statusCode ?? 0, body, headers: response.headers }), reject);
      });
      call.on('error', reject);
      call.end();
    });
  }
}

async function* once(value: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(value);
}

/** What every Runtime does, whatever runs its programs. It needs the images nginx, busybox and agnhost. */
export function runtimeContract(name: string, make: () => Promise<RuntimeUnderTest> | RuntimeUnderTest): void {
  describe(`runtime contract: ${name}`, () => {
    let under: RuntimeUnderTest;
    let h: RuntimeHarness;
    let runtime: Runtime;
    beforeEach(async () => {
      under = await make();
      h = new RuntimeHarness(under);
      runtime = under.runtime;
    });
    afterEach(() => under.close());

    it('serves a program on the pod address and logs on stdout', async () => {
      const { id, sandbox } = await h.start('nginx:1.14.2');
      await expect
        .poll(() =>
          h.get(sandbox.ip, 80).then(
            ({ status }) => status,
            () => 0,
          ),
        )
        .toBe(200);
      expect((await h.get(sandbox.ip, 80)).body).toContain('Welcome to nginx!');
      expect(await h.logLine(id, /GET/)).toMatch(/^127\.26\.0\.10 - - \[.*\] "GET \/ HTTP\/1\.1" 200 \d+ "-" "-" "-"$/);
      expect(await runtime.containerStatus(id)).toMatchObject({ state: 'running', image: 'nginx:1.14.2', name: 'main' });
    });

    it('stops in its grace period and gives the exit code', async () => {
      const { id, sandbox } = await h.start('nginx:1.27');
      await expect
        .poll(() =>
          h.get(sandbox.ip, 80).then(
            ({ status }) => status,
            () => 0,
          ),
        )
        .toBe(200);
      await runtime.stopContainer(id, 30);
      expect(await runtime.containerStatus(id)).toMatchObject({ state: 'exited', exitCode: 0, reason: 'Completed' });
      await expect(h.get(sandbox.ip, 80)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
      await runtime.stopContainer(id, 30);
    });

    it('kills what does not listen to TERM', async () => {
      const { id } = await h.start('busybox', { spec: { command: ['sleep', '3600'] } });
      await runtime.stopContainer(id, 0);
      expect(await runtime.containerStatus(id)).toMatchObject({ state: 'exited', exitCode: 137, reason: 'Error' });
    });

    it('runs a command to its end', async () => {
      const { id } = await h.start('busybox', { spec: { command: ['echo', 'hello', 'world'] } });
      expect(await h.exited(id)).toMatchObject({ state: 'exited', exitCode: 0, reason: 'Completed' });
      expect(await h.logs(id)).toEqual(['hello world']);
    });

    it('refuses a program that the image has not', async () => {
      const { id } = await h.create('busybox', { spec: { command: ['no-such-program'] } });
      await expect(runtime.startContainer(id)).rejects.toThrow('exec: "no-such-program": executable file not found in $PATH');
      expect(await runtime.containerStatus(id)).toMatchObject({ state: 'exited', exitCode: 128, reason: 'StartError' });
    });

    it('executes commands inside, with input, output and exit code', async () => {
      const { id } = await h.start('busybox', { spec: { command: ['sleep', '3600'] }, env: { COLOUR: 'blue' } });
      expect(await h.exec(id, ['sh', '-c', 'echo $COLOUR; echo oops >&2; exit 3'])).toEqual({ code: 3, out: 'blue\n', err: 'oops\n' });
      expect(await h.exec(id, ['cat'], 'through\n')).toEqual({ code: 0, out: 'through\n', err: '' });
      await expect(h.exec(id, ['nope'])).rejects.toThrow('exec: "nope": executable file not found in $PATH');
    });

    it('shares the network in a pod and keeps pods apart', async () => {
      const { sandbox } = await h.start('registry.k8s.io/e2e-test-images/agnhost:2.53', { spec: { args: ['netexec', '--http-port=8080'] } });
      const side = await h.start('busybox', { name: 'side', spec: { name: 'side', command: ['sleep', '3600'] } }, sandbox);
      const other = await h.start('busybox', { spec: { command: ['sleep', '3600'] } });
      const ask = (id: string) => h.exec(id, ['wget', '-qO-', 'http://127.0.0.1:8080/hostname']);
      await expect.poll(() => ask(side.id).then(({ out }) => out)).toBe(sandbox.hostname);
      expect((await ask(other.id)).code).toBe(1);
    });

    it('tells state changes as events', async () => {
      const events: string[] = [];
      const stop = runtime.onEvent(({ type }) => events.push(type));
      const { id } = await h.start('busybox', { spec: { command: ['true'] } });
      await h.exited(id);
      await runtime.removeContainer(id);
      await expect.poll(() => events).toEqual(['started', 'stopped', 'removed']);
      stop();
      await expect(runtime.containerStatus(id)).rejects.toMatchObject({ reason: 'NotFound' });
      await runtime.removeContainer(id);
    });

    it('follows a log until the program ends, and reads its tail', async () => {
      const { id } = await h.start('busybox', { spec: { command: ['sh', '-c', 'for i in 1 2 3 4; do echo line $i; done; printf end'] } });
      const lines: { text: string; partial?: boolean }[] = [];
      for await (const line of runtime.logs(id, { follow: true, signal: never })) lines.push(line);
      expect(lines.map((line) => line.text)).toEqual(['line 1', 'line 2', 'line 3', 'line 4', 'end']);
      expect(lines.at(-1)?.partial).toBe(true);
      expect(await h.logs(id, { tailLines: 2 })).toEqual(['line 4', 'end']);
    });

    it('stops following when the reader goes away', async () => {
      const { id } = await h.start('busybox', { spec: { command: ['sleep', '3600'] } });
      const reader = new AbortController();
      const following = (async () => {
        for await (const _ of runtime.logs(id, { follow: true, signal: reader.signal }));
      })();
      reader.abort();
      await following;
    });

    it('shows mounted files and shares volumes between the containers of a pod', async () => {
      const volume = new Map<string, Uint8Array>();
      const settings = new Map([['greeting', Buffer.from('hello')]]);
      const mounts = [
        { mountPath: '/shared', readOnly: false, volume },
        { mountPath: '/etc/settings', readOnly: true, volume: settings },
      ];
      const first = await h.start('busybox', { spec: { command: ['sh', '-c', 'cat /etc/settings/greeting > /shared/copy; sleep 3600'] }, mounts });
      const second = await h.start('busybox', { name: 'second', spec: { command: ['sleep', '3600'] }, mounts }, first.sandbox);
      await expect.poll(() => h.exec(second.id, ['cat', '/shared/copy']).then(({ out }) => out)).toBe('hello');
      expect(await h.exec(second.id, ['sh', '-c', 'echo no > /etc/settings/greeting'])).toMatchObject({ code: 1, err: expect.stringContaining('Read-only file system') });
    });

    it('ends everything with its sandbox', async () => {
      const { id, sandbox } = await h.start('nginx');
      await expect
        .poll(() =>
          h.get(sandbox.ip, 80).then(
            ({ status }) => status,
            () => 0,
          ),
        )
        .toBe(200);
      await runtime.stopSandbox(sandbox.id);
      expect(await runtime.containerStatus(id)).toMatchObject({ state: 'exited', exitCode: 137 });
      expect((await runtime.listSandboxes()).map(({ state }) => state)).toEqual(['notReady']);
      await runtime.removeSandbox(sandbox.id);
      await runtime.removeSandbox(sandbox.id);
      expect(await runtime.listSandboxes()).toEqual([]);
      expect(await runtime.listContainers()).toEqual([]);
    });

    it('pulls images and says what it has', async () => {
      expect(await runtime.imagePresent('nginx:1.14.2')).toBeUndefined();
      const pulled = await runtime.pullImage('nginx:1.14.2', { signal: never });
      expect(pulled.names).toContain('docker.io/library/nginx:1.14.2');
      expect(await runtime.imagePresent('docker.io/library/nginx:1.14.2')).toEqual(pulled);
      expect(await runtime.listImages()).toEqual([pulled]);
    });

    it.each([
      [
        'nginxx:latest',
        'ErrImagePull',
        'failed to pull and unpack image "docker.io/library/nginxx:latest": failed to resolve reference "docker.io/library/nginxx:latest": pull access denied, repository does not exist or may require authorization',
      ],
      ['nginx:99.99.99-nope', 'ErrImagePull', 'docker.io/library/nginx:99.99.99-nope: not found'],
      ['NGINX', 'InvalidImageName', 'couldn\'t parse image name "NGINX": invalid reference format'],
      ['nginx:la test', 'InvalidImageName', 'couldn\'t parse image name "nginx:la test": invalid reference format'],
    ])('refuses to pull %s', async (image, reason, message) => {
      await expect(runtime.pullImage(image, { signal: never })).rejects.toMatchObject({ reason, message: expect.stringContaining(message) });
    });

    it('attaches to the program itself', async () => {
      const { id } = await h.start('busybox', { spec: { command: ['cat'], stdinOnce: true }, stdin: true });
      let out = '';
      await runtime.attach(id, {
        stdin: once('over\n'),
        stdout: (chunk) => {
          out += Buffer.from(chunk).toString();
        },
        stderr: () => {},
        tty: false,
        signal: never,
      });
      expect(out).toBe('over\n');
      expect(await h.exited(id)).toMatchObject({ exitCode: 0 });
    });
  });
}
