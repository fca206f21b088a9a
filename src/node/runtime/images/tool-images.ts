import { baseName } from '../container/file-system.ts';
import type { Program } from '../container/process.ts';
import { perl } from '../programs/perl.ts';
import { python } from '../programs/python.ts';
import { shellProgram } from '../shell/shell-program.ts';
import { curl } from '../utilities/curl.ts';
import { dig } from '../utilities/dig.ts';
import type { ImageDefinition } from './image-definition.ts';
import { versionOf } from './image-version.ts';

const hub = 'docker.io/library';

/** Shells, interpreters and boxes of tools. */
export const toolImages: ImageDefinition[] = [
  {
    names: [`${hub}/busybox`, 'registry.k8s.io/busybox', 'registry.k8s.io/e2e-test-images/busybox', 'quay.io/prometheus/busybox'],
    command: ['sh'],
    tools: 'busybox',
  },
  {
    names: [`${hub}/alpine`],
    command: ['/bin/sh'],
    tools: 'busybox',
    files: () =>
      new Map([
        ...['media', 'mnt', 'opt', 'srv'].map((name): [string, string] => [`/${name}/`, '']),
        ['/etc/alpine-release', '3.22.2\n'],
        ['/etc/os-release', 'NAME="Alpine Linux"\nID=alpine\n'],
      ]),
  },
  { names: [`${hub}/bash`], command: ['bash'], tools: 'debian' },
  {
    names: [`${hub}/debian`, `${hub}/ubuntu`, `${hub}/fedora`, `${hub}/almalinux`, `${hub}/rockylinux`, `${hub}/amazonlinux`, `${hub}/oraclelinux`, `${hub}/buildpack-deps`],
    command: ['bash'],
    tools: 'debian',
    files: (image) => new Map([['/etc/os-release', `NAME="${baseName(image.repository)}"\nID=${baseName(image.repository)}\n`]]),
  },
  { names: ['docker.io/curlimages/curl'], entrypoint: ['/entrypoint.sh'], command: ['curl'], tools: 'debian', programs: { '/entrypoint.sh': curlEntrypoint } },
  {
    names: [`${hub}/python`],
    command: ['python3'],
    tools: 'debian',
    env: (image) => ({ PYTHON_VERSION: versionOf(image, '3.14.0') }),
    programs: { python, python3: python },
  },
  { names: [`${hub}/perl`], command: ['perl', '-de0'], tools: 'debian', programs: { perl } },
  {
    names: [
      'docker.io/radial/busyboxplus',
      'docker.io/nicolaka/netshoot',
      'docker.io/wbitt/network-multitool',
      'docker.io/praqma/network-multitool',
      'docker.io/tutum/dnsutils',
      'docker.io/infoblox/dnstools',
      'registry.k8s.io/e2e-test-images/jessie-dnsutils',
    ],
    command: ['sh'],
    tools: 'busybox',
    programs: { bash: shellProgram, zsh: shellProgram, curl, dig },
  },
];

function curlEntrypoint(process: Parameters<Program>[0]): Promise<number> {
  const [, first = 'curl', ...rest] = process.argv;
  const known = process.machine.find(first, process.cwd);
  process.argv = known ? [first, ...rest] : ['curl', first, ...rest];
  return (known ?? process.machine.find('curl', process.cwd))?.(process) ?? Promise.resolve(127);
}
