import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/lib/clock.ts';
import { simulated } from './runtime-fixture.ts';

const never = new AbortController().signal;
let world: ReturnType<typeof simulated>;
beforeEach(() => {
  world = simulated();
});
afterEach(async () => {
  await world.fabric.close();
  expect(world.problems).toEqual([]);
});

const sleeper = { spec: { command: ['sleep', '3600'] } };

/** Somebody at a terminal: types, and waits for what the screen shows. */
class Person {
  screen = '';
  private keys: ((chunk: Uint8Array | undefined) => void) | undefined;
  private readonly typed: Uint8Array[] = [];
  private waiting: (() => void) | undefined;
  readonly streams = {
    stdin: this.input(),
    stdout: (chunk: Uint8Array) => {
      this.screen += Buffer.from(chunk).toString();
      this.waiting?.();
    },
    stderr: () => {},
    tty: true,
    signal: never,
  };

  private async *input(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = this.typed.shift() ?? (await new Promise<Uint8Array | undefined>((resolve) => (this.keys = resolve)));
      this.keys = undefined;
      if (!chunk) return;
      yield chunk;
    }
  }

  type(text: string): void {
    if (this.keys) this.keys(Buffer.from(text));
    else this.typed.push(Buffer.from(text));
  }

  async sees(text: string): Promise<void> {
    while (!this.screen.includes(text)) await new Promise<void>((resolve) => (this.waiting = resolve));
    this.screen = this.screen.slice(this.screen.indexOf(text) + text.length);
  }
}

describe('terminal', () => {
  it('prompts, echoes, edits, interrupts and ends with Ctrl-D', async () => {
    const { id } = await world.h.start('busybox', sleeper);
    const person = new Person();
    const exited = world.runtime.exec(id, ['sh'], person.streams);
    await person.sees('/ # ');
    person.type('echo hellox\x7f there\r');
    await person.sees('echo hellox\b \b there\r\nhello there\r\n/ # ');
    person.type('cd /tmp\r');
    await person.sees('/tmp # ');
    person.type('sleep 100\r');
    await person.sees('sleep 100\r\n');
    await expect.poll(() => world.h.exec(id, ['ps']).then(({ out }) => out)).toContain('sleep 100');
    person.type('\x03');
    await person.sees('^C\r\n/tmp # ');
    person.type('echo $?\r');
    await person.sees('130\r\n/tmp # ');
    person.type('while true; do echo loop; sleep 0.01; done\r');
    await person.sees('\r\nloop\r\n');
    person.type('\x03');
    await person.sees('/tmp # ');
    person.type('half a line\x03');
    await person.sees('^C\r\n/tmp # ');
    person.type('if true\r');
    await person.sees('if true\r\n> ');
    person.type('then echo multi; fi\r');
    await person.sees('then echo multi; fi\r\nmulti\r\n/tmp # ');
    person.type('\x1b[A\x1b[A\r');
    await person.sees('if true\r\n> ');
    person.type('then echo again; fi\r');
    await person.sees('again\r\n/tmp # ');
    person.type('\x04');
    expect(await exited).toBe(0);
  });

  it('serves the container itself with kubectl run -it', async () => {
    const { id } = await world.h.start('busybox', { spec: { stdin: true, tty: true, stdinOnce: true }, stdin: true, tty: true });
    const person = new Person();
    const attached = world.runtime.attach(id, person.streams);
    person.type('echo $TERM\rexit 3\r');
    await attached;
    expect(person.screen).toContain('xterm\r\n');
    expect(await world.h.exited(id)).toMatchObject({ exitCode: 3 });
  });

  it('ends what runs when the client goes away', async () => {
    const { id } = await world.h.start('busybox', sleeper);
    const client = new AbortController();
    const code = world.runtime.exec(id, ['sh', '-c', 'sleep 50 & sleep 60'], { stdout: () => {}, stderr: () => {}, tty: false, signal: client.signal });
    await expect.poll(() => world.h.exec(id, ['ps']).then(({ out }) => out)).toContain('sleep 60');
    client.abort();
    expect(await code).toBe(137);
    expect((await world.h.exec(id, ['ps'])).out).not.toContain('sleep 60');
  });
});

describe('isolation', () => {
  it('no program reaches the machine: neither its servers, nor its files, nor its variables', async () => {
    const reached: string[] = [];
    const server = createServer((socket) => {
      reached.push('reached');
      socket.destroy();
    });
    server.listen({ host: '0.0.0.0', port: 0 });
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    process.env.KOPS_TS_TEST_SECRET = 'secret';
    const conf = `server { listen 80; location / { proxy_pass http://127.0.0.1:${port}; } }`;
    const proxy = await world.h.start('nginx', { mounts: [{ mountPath: '/etc/nginx/conf.d', readOnly: true, volume: new Map([['x.conf', Buffer.from(conf)]]) }] });
    await expect
      .poll(() =>
        world.h.get(proxy.sandbox.ip, 80).then(
          ({ status }) => status,
          () => 0,
        ),
      )
      .toBe(502);
    const { id } = await world.h.start('busybox', sleeper);
    for (const host of ['127.0.0.1', 'localhost', '127.1.2.3', '0.0.0.0', '[::1]', '127.1', '2130706433', '10.0.0.1', '169.254.169.254']) {
      for (const tool of [`wget -T 5 -qO- http://${host}:${port}/`, `nc -w 5 ${host.replace(/[[\]]/g, '')} ${port} < /dev/null`])
        expect((await world.h.exec(id, ['sh', '-c', tool])).code).toBe(1);
    }
    expect(reached).toEqual([]);
    expect((await world.h.exec(id, ['cat', import.meta.filename])).code).toBe(1);
    expect((await world.h.exec(id, ['cat', '/etc/passwd', '/proc/self/environ', '/proc/1/environ'])).out).toBe('');
    expect((await world.h.exec(id, ['env'])).out).not.toContain('KOPS_TS_TEST_SECRET');
    expect(await world.h.exec(id, ['node', '-e', '1']).catch((error: Error) => error.message)).toContain('executable file not found');
    delete process.env.KOPS_TS_TEST_SECRET;
    server.close();
  });
});

describe('containers', () => {
  it('keep the end of a long log, in bounded memory', async () => {
    const { id } = await world.h.start('busybox', { spec: { command: ['sh', '-c', 'seq 1 25000; seq 1 3 | tr "\\n" " "'] } });
    await world.h.exited(id);
    const lines = await world.h.logs(id);
    expect(lines.length).toBeLessThanOrEqual(10_000);
    expect(lines.slice(-2)).toEqual(['25000', '1 2 3 ']);
    const { id: loud } = await world.h.start('busybox', { spec: { command: ['sh', '-c', 'yes $(seq 1 2000) | head -n 400'] } });
    await world.h.exited(loud);
    expect((await world.h.logs(loud)).join('').length).toBeLessThan(1024 * 1024);
  });

  it('ignore TERM as PID 1 without a handler, and handle it with one', async () => {
    const deaf = await world.h.start('busybox', { spec: { command: ['sh', '-c', 'sleep 3600'] } });
    await world.runtime.stopContainer(deaf.id, 0.05);
    expect(await world.runtime.containerStatus(deaf.id)).toMatchObject({ exitCode: 137 });
    const polite = await world.h.start('busybox', { spec: { command: ['sh', '-c', 'trap "echo bye; exit 7" TERM; echo ready; sleep 3600 & wait'] } });
    await world.h.logLine(polite.id, /ready/);
    await world.runtime.stopContainer(polite.id, 30);
    expect(await world.runtime.containerStatus(polite.id)).toMatchObject({ exitCode: 7 });
    expect(await world.h.logs(polite.id)).toEqual(['ready', 'bye']);
  });

  it('run on a virtual clock', async () => {
    const clock = new VirtualClock();
    const virtual = simulated({ clock });
    const starting = virtual.h.start('busybox', { spec: { command: ['sh', '-c', 'date +%s; sleep 86400; date +%s'] } });
    await clock.advance(1000);
    const { id } = await starting;
    await clock.advance(86_400_000 + 1000);
    const [before, after] = await virtual.h.logs(id);
    expect(Number(after) - Number(before)).toBe(86_400);
    expect(await virtual.runtime.containerStatus(id)).toMatchObject({ state: 'exited', exitCode: 0 });
    await virtual.fabric.close();
  });

  it('run scripts from volumes and keep their own changes to the image', async () => {
    const volume = new Map([['run.sh', Buffer.from('#!/bin/sh\necho "script $1 in $(pwd)"\n')]]);
    const { id } = await world.h.start('alpine:3', {
      spec: { command: ['/scripts/run.sh', 'one'], workingDir: '/tmp' },
      mounts: [{ mountPath: '/scripts', readOnly: true, volume }],
    });
    await world.h.exited(id);
    expect(await world.h.logs(id)).toEqual(['script one in /tmp']);
    const web = await world.h.start('nginx');
    const html = '/usr/share/nginx/html/index.html';
    await world.h.exec(web.id, ['sh', '-c', `echo changed > ${html}; rm /usr/share/nginx/html/50x.html; mkdir -p /data/a; echo b > /data/a/b`]);
    expect((await world.h.get(web.sandbox.ip, 80)).body).toBe('changed\n');
    expect((await world.h.exec(web.id, ['sh', '-c', 'ls /usr/share/nginx/html /data; find /data -type f'])).out).toBe(
      '/usr/share/nginx/html:\nindex.html\n\n/data:\na\n/data/a/b\n',
    );
    const other = await world.h.start('nginx');
    expect((await world.h.exec(other.id, ['cat', html])).out).toContain('Welcome to nginx!');
  });

  it('mount single files by subPath', async () => {
    const volume = new Map([['app.conf', Buffer.from('setting\n')]]);
    const { id } = await world.h.start('busybox', {
      ...sleeper,
      mounts: [
        { mountPath: '/etc/app/app.conf', subPath: 'app.conf', readOnly: true, volume },
        { mountPath: '/work', subPath: 'inner', readOnly: false, volume: new Map() },
      ],
    });
    expect((await world.h.exec(id, ['sh', '-c', 'cat /etc/app/app.conf; ls /etc/app; echo x > /work/f; cat /work/f; ls -d /work'])).out).toBe('setting\napp.conf\nx\n/work\n');
  });

  it.each([
    ['library/nginx:1.14.2', 'docker.io/library/nginx:1.14.2'],
    [
      'registry.example.com:5000/team/app@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
      'registry.example.com:5000/team/app@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
    ],
    ['postgres:17-bookworm', 'docker.io/library/postgres:17-bookworm'],
    ['node:22.11-alpine3.20', 'docker.io/library/node:22.11-alpine3.20'],
    ['user/thing:any-tag_at.all', 'docker.io/user/thing:any-tag_at.all'],
  ])('pull %s', async (image, name) => {
    expect((await world.runtime.pullImage(image, { signal: never })).names).toContain(name);
  });
});
