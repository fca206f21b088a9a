import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { simulated } from './runtime-fixture.ts';

let world: ReturnType<typeof simulated>;
beforeEach(() => {
  world = simulated({ names: { web: ['127.26.9.9'] } });
});
afterEach(async () => {
  await world.fabric.close();
  expect(world.problems).toEqual([]);
});

async function shell(image: string): Promise<(script: string) => Promise<{ code: number; out: string; err: string }>> {
  const mounts = [{ mountPath: '/etc/settings', readOnly: true, volume: new Map([['a', Buffer.from('1')]]) }];
  const { id } = await world.h.start(image, { spec: { command: ['sleep', '3600'] }, mounts });
  return (script) => world.h.exec(id, ['sh', '-c', script]);
}

describe('an image', () => {
  it.each([
    ['busybox', 'bin dev etc home lib proc root run sbin sys tmp usr var'],
    ['alpine', 'bin dev etc home lib media mnt opt proc root run sbin srv sys tmp usr var'],
    ['debian', 'bin boot dev etc home lib lib64 media mnt opt proc root run sbin srv sys tmp usr var'],
    ['nginx', 'bin boot dev docker-entrypoint.d docker-entrypoint.sh etc home lib lib64 media mnt opt proc root run sbin srv sys tmp usr var'],
  ])('%s has its folders', async (image, expected) => {
    const sh = await shell(image);
    expect((await sh('ls / | xargs echo')).out).toBe(`${expected}\n`);
    expect((await sh('rm -r /tmp /home && ls -d /tmp /home; mkdir /home && ls -d /home')).out).toBe('/home\n');
  });

  it('shows its programs where they are', async () => {
    const busybox = await shell('busybox');
    expect((await busybox('which ls wget; command -v ls; ls /bin | grep -c .; test -x /bin/sh && echo yes')).out).toMatch(/^\/bin\/ls\n\/bin\/wget\n\/bin\/ls\n\d{2,}\nyes\n$/);
    expect(await busybox('which nginx curl')).toEqual({ code: 1, out: '', err: '' });
    expect((await busybox('ls -l /bin/ls /etc/hosts; ls -l /etc/settings')).out).toMatch(/^-rwxr-xr-x .* \/bin\/ls\n-rw-r--r-- .* \/etc\/hosts\ntotal 0\n-rw-r--r-- .* a\n$/);
    const nginx = await shell('nginx');
    expect((await nginx('which nginx ls curl; ls /usr/share/nginx/html /bin/ls')).out).toBe(
      '/usr/sbin/nginx\n/usr/bin/ls\n/usr/bin/curl\n/bin/ls\n\n/usr/share/nginx/html:\n50x.html\nindex.html\n',
    );
    expect((await nginx("printf '#!/bin/sh\necho mine $1\n' > /usr/local/bin/mine; chmod +x /usr/local/bin/mine; mine one; which mine; command -v nope")).out).toBe(
      'mine one\n/usr/local/bin/mine\n',
    );
  });

  it('keeps the files of images apart that share a definition', async () => {
    expect((await (await shell('debian:12'))('cat /etc/os-release')).out).toContain('ID=debian');
    expect((await (await shell('fedora:12'))('cat /etc/os-release')).out).toContain('ID=fedora');
  });
});

describe('a container about itself', () => {
  it('tells its mounts and its space', async () => {
    const sh = await shell('busybox');
    expect((await sh('mount')).out.split('\n')).toEqual(expect.arrayContaining(['overlay on / type overlay (rw,relatime)', 'tmpfs on /etc/settings type tmpfs (ro,relatime)']));
    expect((await sh('df')).out.split('\n')[1]).toMatch(/^overlay +32768 +0 +32768 +0% \/$/);
    await sh('head -c 1048576 /dev/zero > /tmp/x');
    expect((await sh('df -h /tmp')).out).toMatch(/Filesystem +Size +Used Available Use% Mounted on\noverlay +32\.0M +1\.0M +31\.0M +4% \/\n/);
    expect((await sh('df /etc/settings/a')).out).toContain('% /etc/settings\n');
    expect((await sh('cat /proc/mounts')).out).toContain('tmpfs /etc/settings tmpfs ro,relatime 0 0\n');
  });

  it('tells its processes and memory', async () => {
    const sh = await shell('busybox');
    expect((await sh('free -m | grep Mem')).out).toMatch(/^Mem: +4096 +0 +4096/);
    expect((await sh('grep MemTotal /proc/meminfo; nproc; uptime')).out).toMatch(/^MemTotal: +4194304 kB\n2\n.* up 0 min, {2}load average/);
    expect((await sh('top -b -n1')).out).toMatch(/COMMAND\n +1 +0 root +S .*sleep 3600\n/);
    expect((await sh('ps aux')).out).toMatch(/^PID {3}USER {5}TIME {2}COMMAND\n +1 root +0:00 sleep 3600\n/);
    const debian = await shell('debian');
    expect((await debian('ps aux')).out).toMatch(/^USER +PID %CPU .*\nroot +1 .* sleep 3600\n/);
    expect((await debian('ps -ef')).out).toMatch(/^UID +PID +PPID .*\nroot +1 +0 .* sleep 3600\n/);
  });

  it('tells its network', async () => {
    const sh = await shell('busybox');
    for (const words of ['ip addr', 'ip a', 'ip -4 addr show eth0', 'ip address show dev eth0'])
      expect((await sh(words)).out).toContain('    inet 127.26.1.1/32 scope global eth0\n');
    expect((await sh('ip addr show eth0')).out).not.toContain('lo:');
    expect((await sh('ip route; ip r')).out).toBe('default via 169.254.1.1 dev eth0 \n169.254.1.1 dev eth0 scope link \n'.repeat(2));
    expect((await sh('ip link')).out).toContain('link/ether 0a:58:7f:1a:01:01 ');
    expect((await sh('ifconfig eth0')).out).toContain('inet addr:127.26.1.1 ');
    expect((await sh('route -n')).out).toContain('0.0.0.0         169.254.1.1     0.0.0.0         UG ');
    expect(await sh('ip addr add 10.0.0.1/8 dev eth0')).toMatchObject({ code: 2, err: 'ip: RTNETLINK answers: Operation not permitted\n' });
    await sh('nc -l -p 7777 & sleep 0.01; netstat -tln').then(({ out }) => expect(out).toMatch(/tcp +0 +0 0\.0\.0\.0:7777 +0\.0\.0\.0:\* +LISTEN\n/));
    expect(await sh('ping -c 1 web')).toMatchObject({
      code: 1,
      out: 'PING web (127.26.9.9): 56 data bytes\n',
      err: expect.stringMatching(/^ping: permission denied \(are you root\?\)\n/),
    });
    expect(await sh('ping -c1 nope')).toMatchObject({ code: 1, err: "ping: bad address 'nope'\n" });
  });
});
