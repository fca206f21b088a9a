import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { simulated } from './runtime-fixture.ts';

let world: ReturnType<typeof simulated>;
beforeEach(() => {
  world = simulated({ names: { web: ['127.26.1.1'], 'web.default.svc': ['127.26.1.1'] } });
});
afterEach(async () => {
  await world.fabric.close();
  expect(world.problems).toEqual([]);
});

const up = (ip: string, port: number) =>
  expect
    .poll(() =>
      world.h.get(ip, port).then(
        ({ status }) => status,
        () => 0,
      ),
    )
    .toBeGreaterThan(0);
const configMap = (files: Record<string, string>) => new Map(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)]));

describe('nginx', () => {
  it('serves files that are mounted, and says what is missing', async () => {
    const mounts = [{ mountPath: '/usr/share/nginx/html', readOnly: true, volume: configMap({ 'index.html': '<p>mine</p>', 'a/b.json': '{}' }) }];
    const { id, sandbox } = await world.h.start('nginx:1.27-alpine', { mounts });
    await up(sandbox.ip, 80);
    expect(await world.h.get(sandbox.ip, 80)).toMatchObject({
      status: 200,
      body: '<p>mine</p>',
      headers: { server: 'nginx/1.27.0', 'content-type': 'text/html', 'content-length': '11' },
    });
    expect(await world.h.get(sandbox.ip, 80, '/a/b.json')).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } });
    expect(await world.h.get(sandbox.ip, 80, '/../../etc/passwd')).toMatchObject({ status: 404 });
    expect(await world.h.logLine(id, /open\(\)/)).toMatch(/open\(\) "\/usr\/share\/nginx\/html\/etc\/passwd" failed \(2: No such file or directory\), client: 127\.26\.0\.10/);
  });

  it('follows its configuration: ports, locations, return, proxy', async () => {
    const backend = await world.h.start('nginx:1.14.2');
    await up(backend.sandbox.ip, 80);
    const conf = `server {
      listen 8080 default_server;
      location = /health { access_log off; return 200 "fine $hostname\\n"; }
      location /old { return 301 https://example.org$request_uri; }
      location ~ \\.txt$ { add_header X-Kind text; return 200 $uri; }
      location /web/ { proxy_pass http://web/; }
      location / { return 404; }
    }`;
    const mounts = [{ mountPath: '/etc/nginx/conf.d', readOnly: true, volume: configMap({ 'default.conf': conf }) }];
    const { sandbox } = await world.h.start('nginx', { mounts });
    await up(sandbox.ip, 8080);
    expect(await world.h.get(sandbox.ip, 8080, '/health')).toMatchObject({ status: 200, body: `fine ${sandbox.hostname}\n` });
    expect(await world.h.get(sandbox.ip, 8080, '/old?x=1')).toMatchObject({ status: 301, headers: { location: 'https://example.org/old?x=1' } });
    expect(await world.h.get(sandbox.ip, 8080, '/a.txt')).toMatchObject({ body: '/a.txt', headers: { 'x-kind': 'text' } });
    expect((await world.h.get(sandbox.ip, 8080, '/web/')).body).toContain('Welcome to nginx!');
    expect((await world.h.get(sandbox.ip, 8080, '/else')).status).toBe(404);
    await expect(world.h.get(sandbox.ip, 80)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it.each([
    ['server { listn 80; }', 'unknown directive "listn" in /etc/nginx/conf.d/default.conf:1'],
    ['server {\n listen 80;', 'unexpected end of file, expecting "}" in /etc/nginx/conf.d/default.conf:2'],
    ['server { location / { proxy_pass http://nobody; } }', 'host not found in upstream "nobody" in /etc/nginx/conf.d/default.conf:1'],
    ['server { if ($x) { } }', 'directive "if" is not part of this simulation, in /etc/nginx/conf.d/default.conf:1'],
  ])('does not start with %s', async (conf, message) => {
    const { id } = await world.h.start('nginx:1.14.2', { mounts: [{ mountPath: '/etc/nginx/conf.d', readOnly: true, volume: configMap({ 'default.conf': conf }) }] });
    expect(await world.h.exited(id)).toMatchObject({ exitCode: 1, reason: 'Error' });
    expect(await world.h.logs(id)).toContain(`nginx: [emerg] ${message}`);
  });

  it('finishes running requests when it is asked to stop', async () => {
    const conf = 'server { listen 80; location / { proxy_pass http://web:8080; } }';
    const slow = await world.h.start('registry.k8s.io/e2e-test-images/agnhost:2.53', { spec: { args: ['netexec', '--http-port=8080'] } });
    await up(slow.sandbox.ip, 8080);
    const { id, sandbox } = await world.h.start('nginx', { mounts: [{ mountPath: '/etc/nginx/conf.d', readOnly: true, volume: configMap({ 'default.conf': conf }) }] });
    await up(sandbox.ip, 80);
    const answer = world.h.get(sandbox.ip, 80, '/shutdown?wait=200ms');
    await world.h.logLine(slow.id, /GET \/shutdown/);
    await world.runtime.stopContainer(id, 30);
    expect((await answer).status).toBe(200);
    expect(await world.runtime.containerStatus(id)).toMatchObject({ exitCode: 0 });
  });

  it('answers -v and a shell inside', async () => {
    const { id } = await world.h.start('nginx:1.14.2');
    expect(await world.h.exec(id, ['nginx', '-v'])).toEqual({ code: 0, out: '', err: 'nginx version: nginx/1.14.2\n' });
    expect((await world.h.exec(id, ['bash', '-c', 'ls /usr/share/nginx/html; cat /etc/hostname'])).out).toBe(`50x.html\nindex.html\npod-1\n`);
  });
});

describe('agnhost', () => {
  it('answers as the test image does', async () => {
    const { id, sandbox } = await world.h.start('registry.k8s.io/e2e-test-images/agnhost:2.53', { spec: { args: ['netexec', '--http-port=8080', '--udp-port=8081'] } });
    await up(sandbox.ip, 8080);
    const get = (path: string, headers = {}) => world.h.get(sandbox.ip, 8080, path, headers);
    expect((await get('/hostname')).body).toBe(sandbox.hostname);
    expect((await get('/echo?msg=hi%20there')).body).toBe('hi there');
    expect((await get('/healthz')).status).toBe(200);
    expect((await get('/clientip')).body).toMatch(/^127\.26\.0\.10:\d+$/);
    expect((await get('/header?key=X-Test', { 'x-test': 'value' })).body).toBe('value');
    expect((await get('/shell?cmd=ls')).status).toBe(501);
    expect((await get('/exit?code=3')).status).toBe(200);
    expect(await world.h.exited(id)).toMatchObject({ exitCode: 3 });
  });

  it('pauses until it is stopped', async () => {
    const { id } = await world.h.start('registry.k8s.io/e2e-test-images/agnhost:2.53', { spec: { args: ['pause'] } });
    await world.h.logLine(id, /Paused/);
    await world.runtime.stopContainer(id, 30);
    expect(await world.runtime.containerStatus(id)).toMatchObject({ exitCode: 2 });
  });
});

describe('servers', () => {
  it.each([
    ['httpd:2.4', {}, 80, '<html><body><h1>It works!</h1></body></html>\n'],
    ['hashicorp/http-echo:1.0', { args: ['-text=hello', '-listen=:5000'] }, 5000, 'hello\n'],
    ['gcr.io/google-samples/hello-app:2.0', {}, 8080, 'Hello, world!\nVersion: 2.0.0\nHostname: pod-1\n'],
    ['nginxdemos/hello:plain-text', {}, 80, 'Server name: pod-1'],
    ['traefik/whoami', {}, 80, 'Hostname: pod-1\n'],
    ['quay.io/acme/shop:v3', { ports: [{ containerPort: 9000 }] }, 9000, 'pod: pod-1\nnamespace: default\nnode: node-1\nimage: quay.io/acme/shop:v3\npath: /\n'],
    ['acme/api', { command: ['/app/server', '--fast'], ports: [{ containerPort: 9000 }] }, 9000, 'image: acme/api'],
    ['python:3.12', { command: ['python', '-m', 'http.server', '8000'], workingDir: '/srv' }, 8000, 'Directory listing'],
  ])('%s answers', async (image, spec, port, expected) => {
    const { sandbox } = await world.h.start(image, { spec });
    await up(sandbox.ip, port);
    expect((await world.h.get(sandbox.ip, port)).body).toContain(expected);
  });

  it('two programs of a pod cannot have the same port', async () => {
    const { sandbox } = await world.h.start('nginx:1.14.2');
    await up(sandbox.ip, 80);
    const { id } = await world.h.start('nginx:1.14.2', { name: 'second' }, sandbox);
    expect(await world.h.exited(id)).toMatchObject({ exitCode: 1 });
    expect(await world.h.logs(id)).toEqual(['nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)']);
  });

  it('redis keeps values while it lives', async () => {
    const { id, sandbox } = await world.h.start('redis:7');
    await world.h.logLine(id, /Ready to accept/);
    const cli = (...args: string[]) => world.h.exec(id, ['redis-cli', ...args]).then(({ out }) => out);
    expect([await cli('SET', 'k', 'v w'), await cli('GET', 'k'), await cli('INCR', 'n'), await cli('INCR', 'n')]).toEqual(['OK\n', 'v w\n', '1\n', '2\n']);
    const other = await world.h.start('busybox', { spec: { command: ['sleep', '3600'] } });
    expect((await world.h.exec(other.id, ['sh', '-c', `printf 'PING\\r\\n' | nc ${sandbox.ip} 6379 | head -n 1`])).out).toBe('+PONG\r\n');
  });
});

describe('python', () => {
  const run = async (source: string) => {
    const { id } = await world.h.start('python:3.12', { spec: { command: ['python', '-c', source] } });
    const { exitCode } = await world.h.exited(id);
    return { exitCode, lines: await world.h.logs(id) };
  };

  it.each([
    ["print('x')", 0, ['x']],
    ['import os\nfor i in range(2):\n    print(f"{i}: {os.environ.get(\'HOME\')}")', 0, ['0: /root', '1: /root']],
    ['def add(a, b=2):\n    return a + b\nprint(add(1), add(1, b=5), 7 // 2, 7 / 2, "a" * 3)', 0, ['3 6 3 3.5 aaa']],
    ['import sys; print("bye"); sys.exit(4)', 4, ['bye']],
    [
      'raise ValueError("no database")',
      1,
      ['Traceback (most recent call last):', '  File "<string>", line 1, in <module>', '    raise ValueError("no database")', 'ValueError: no database'],
    ],
    ['x = 1\nprint(y)', 1, ['Traceback (most recent call last):', '  File "<string>", line 2, in <module>', '    print(y)', "NameError: name 'y' is not defined"]],
    ['print("hello"', 1, ['  File "<string>", line 1', '    print("hello"', '         ^', "SyntaxError: '(' was never closed"]],
    ['print "hello"', 1, ['  File "<string>", line 1', '    print "hello"', '    ^', "SyntaxError: Missing parentheses in call to 'print'. Did you mean print(...)?"]],
    ['if True\n  pass', 1, ['  File "<string>", line 1', '    if True', '           ^', "SyntaxError: expected ':'"]],
    ['import flask', 1, ['Traceback (most recent call last):', '  File "<string>", line 1, in <module>', '    import flask', "ModuleNotFoundError: No module named 'flask'"]],
    [
      'def f():\n    return 1/0\nf()',
      1,
      [
        'Traceback (most recent call last):',
        '  File "<string>", line 3, in <module>',
        '    f()',
        '  File "<string>", line 2, in f',
        '    return 1/0',
        'ZeroDivisionError: division by zero',
      ],
    ],
    ['class A:\n    pass', 1, ['python: <string>, line 1: this statement is not part of this simulation: class A:']],
  ])('%s', async (source, exitCode, lines) => {
    expect(await run(source)).toEqual({ exitCode, lines });
  });

  it('runs a script from a volume', async () => {
    const mounts = [{ mountPath: '/app', readOnly: true, volume: configMap({ 'main.py': 'print("started")\nfoo()\n' }) }];
    const { id } = await world.h.start('python:3.12-slim', { spec: { command: ['python', '/app/main.py'] }, mounts });
    expect(await world.h.exited(id)).toMatchObject({ exitCode: 1, reason: 'Error' });
    expect((await world.h.logs(id)).at(-1)).toBe("NameError: name 'foo' is not defined");
  });
});

describe('network tools', () => {
  it('find services by name and say why they cannot', async () => {
    const web = await world.h.start('nginx:1.14.2');
    await up(web.sandbox.ip, 80);
    const { id } = await world.h.start('busybox', { spec: { command: ['sleep', '3600'] } });
    const sh = (script: string) => world.h.exec(id, ['sh', '-c', script]);
    expect((await sh('wget -qO- web')).out).toContain('Welcome to nginx!');
    expect(await sh('wget -qO- http://web.default.svc/nope')).toMatchObject({ code: 1, err: 'wget: server returned error: HTTP/1.1 404 Not Found\n' });
    expect(await sh('wget -qO- nobody')).toMatchObject({ code: 1, err: "wget: bad address 'nobody'\n" });
    expect(await sh('wget -qO- web:81')).toMatchObject({ code: 1, err: "wget: can't connect to remote host (127.26.1.1): Connection refused\n" });
    expect(await sh('wget -qO- 8.8.8.8')).toMatchObject({ code: 1, err: "wget: can't connect to remote host (8.8.8.8): No route to host\n" });
    expect((await sh('nslookup web')).out).toContain('Name:\tweb.default.svc.cluster.local\nAddress: 127.26.1.1\n');
    expect(await sh('nc -zv web 80')).toMatchObject({ code: 0, err: 'web (127.26.1.1:80) open\n' });
    const debian = await world.h.start('nginx');
    const curl = (...args: string[]) => world.h.exec(debian.id, ['curl', ...args]);
    expect(await curl('-s', '-o', '/dev/null', '-w', '%{http_code}', 'http://web/')).toMatchObject({ code: 0, out: '200' });
    expect((await curl('-sI', 'web')).out).toContain('HTTP/1.1 200 OK\r\n');
    expect(await curl('-sS', 'nobody')).toMatchObject({ code: 6, err: 'curl: (6) Could not resolve host: nobody\n' });
    expect((await curl('-sS', 'web:81')).err).toMatch(/^curl: \(7\) Failed to connect to web port 81 after \d+ ms: Couldn't connect to server\n$/);
  });
});
