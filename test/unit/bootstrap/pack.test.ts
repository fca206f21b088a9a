import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { archiveName, packSoftware } from '../../../src/bootstrap/software/pack.ts';
import { publishedSoftware } from '../../../src/bootstrap/software/publish.ts';
import type { Cluster } from '../../../src/spec/types.ts';

const manifest = (name: string, more: object = {}) => JSON.stringify({ name, version: '1.2.3', ...more });

/** kops-ts needs a (which needs b 2) and b 1: whoever installed them, each must find its own b. */
const layouts = {
  'below it': { '': 'app', a: 'app/node_modules/a', b1: 'app/node_modules/b', b2: 'app/node_modules/a/node_modules/b' },
  'beside it': { '': 'x/node_modules/app', a: 'x/node_modules/a', b1: 'x/node_modules/app/node_modules/b', b2: 'x/node_modules/b' },
};

function files(at: Record<'' | 'a' | 'b1' | 'b2', string>): Record<string, string> {
  return {
    [`${at['']}/package.json`]: manifest('kops-ts', { files: ['bin', 'dist', 'README.md'], dependencies: { a: '1', b: '1' } }),
    [`${at['']}/LICENSE`]: 'licence',
    [`${at['']}/README.md`]: 'read me',
    [`${at['']}/bin/run.js`]: `console.log(require('a'), require('b'))`,
    [`${at['']}/dist/long/${'folder/'.repeat(15)}main.js`]: 'long',
    [`${at['']}/dist/main.d.ts`]: 'types',
    [`${at['']}/src/main.ts`]: 'source',
    [`${at.a}/package.json`]: manifest('a', { main: 'dist-cjs/index.js', dependencies: { b: '2' }, optionalDependencies: { absent: '1' } }),
    [`${at.a}/dist-cjs/index.js`]: `module.exports = 'a with ' + require('b')`,
    [`${at.a}/dist-es/index.js`]: 'export {}',
    [`${at.a}/LICENSE.md`]: 'a licence',
    [`${at.b1}/package.json`]: manifest('b'),
    [`${at.b1}/index.js`]: `module.exports = 'b 1'`,
    [`${at.b2}/package.json`]: manifest('b'),
    [`${at.b2}/index.js`]: `module.exports = 'b 2'`,
  };
}

describe('packed kops-ts', () => {
  let root = '';
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'kops-ts-pack-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  function install(layout: keyof typeof layouts): string {
    for (const [path, text] of Object.entries(files(layouts[layout]))) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    chmodSync(join(root, layouts[layout][''], 'bin/run.js'), 0o700);
    return join(root, layouts[layout]['']);
  }

  it.each(Object.keys(layouts) as (keyof typeof layouts)[])('runs where it is unpacked: dependencies installed %s', async (layout) => {
    const packed = await packSoftware(install(layout));
    mkdirSync(join(root, 'machine'));
    execFileSync('tar', ['-xz', '-C', join(root, 'machine')], { input: packed.archive });
    expect(execFileSync(process.execPath, [join(root, 'machine/package/bin/run.js')]).toString()).toBe('a with b 2 b 1\n');
    const listed = execFileSync('tar', ['-tvz'], { input: packed.archive }).toString();
    expect(listed).toMatch(/^-rwxr-xr-x root\/root .* package\/bin\/run\.js$/m);
    expect(listed).toContain('folder/main.js');
    expect(listed).not.toMatch(/main\.ts|\.d\.ts|dist-es/);
  });

  it('is the same whenever and wherever it is packed', async () => {
    const folder = install('below it');
    const first = await packSoftware(folder);
    utimesSync(join(folder, 'bin/run.js'), new Date(0), new Date(0));
    const again = await packSoftware(folder);
    expect([again.sha256, again.bytes]).toEqual([first.sha256, first.bytes]);
    const tar = execFileSync('gzip', ['-dc'], { input: first.archive });
    expect(execFileSync('sha256sum', { input: tar }).toString()).toContain(first.sha256);
    writeFileSync(join(folder, 'node_modules/b/index.js'), `module.exports = 'b 3'`);
    expect((await packSoftware(folder)).sha256).not.toBe(first.sha256);
  });

  it('says what is missing', async () => {
    const folder = install('below it');
    rmSync(join(folder, 'dist'), { recursive: true });
    await expect(packSoftware(folder)).rejects.toMatchObject({ code: 'NOT_BUILT', object: 'dist', suggestions: ['Build it: npm run build'] });
    rmSync(join(folder, 'node_modules/a'), { recursive: true });
    await expect(packSoftware(folder)).rejects.toThrow('kops-ts needs the package a, which is not installed');
  });
});

describe('where instances find it', () => {
  const packed = { version: '1.2.3', sha256: 'ab'.repeat(32), bytes: { tar: 3, archive: 3 }, archive: Buffer.from('tgz') };
  const cluster = (spec: object) => ({ spec: { configBase: 's3://state/demo.example.com', ...spec } }) as Cluster;

  it('in the folder of the cluster, for both roles', () => {
    const { software, documents } = publishedSoftware(packed, cluster({}), {});
    expect(software).toEqual({ version: '1.2.3', sha256: packed.sha256, url: `s3://state/demo.example.com/kops-ts/1.2.3/${archiveName(packed)}` });
    expect(documents).toEqual([
      { path: 'kops-ts/1.2.3/kops-ts-1.2.3-abababab.tgz', content: Buffer.from('tgz').toString('base64'), base64: true, roles: ['ControlPlane', 'Node'], secret: false },
    ]);
  });

  it('elsewhere: nothing is published', () => {
    const { software, documents } = publishedSoftware(packed, cluster({}), { KOPS_TS_BASE_URL: 'https://files.example.com/kops-ts/' });
    expect(software.url).toBe('https://files.example.com/kops-ts/kops-ts-1.2.3-abababab.tgz');
    expect(documents).toEqual([]);
  });

  it.each([
    [{}, {}, undefined],
    [{ assets: { fileRepository: 'https://files.example.com/' } }, {}, 'https://files.example.com/dist'],
    [{ assets: { fileRepository: 'https://files.example.com' } }, { KOPS_TS_NODE_MIRROR: 's3://mirror/node' }, 's3://mirror/node'],
  ])('Node.js by %j and %j: %s', (spec, variables, mirror) => {
    expect(publishedSoftware(packed, cluster(spec), variables).software.nodeMirror).toBe(mirror);
  });

  it.each([
    [{}, {}, undefined],
    [{ assets: { fileRepository: 'https://files.example.com/' } }, {}, 'https://files.example.com/etcd-io/etcd/releases/download'],
    [{ assets: { fileRepository: 'https://files.example.com' } }, { KOPS_TS_ETCD_MIRROR: 's3://mirror/etcd/' }, 's3://mirror/etcd'],
  ])('etcd by %j and %j: %s', (spec, variables, mirror) => {
    expect(publishedSoftware(packed, cluster(spec), variables).software.etcdMirror).toBe(mirror);
  });
});
