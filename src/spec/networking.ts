import { KopsError } from '../lib/errors.ts';
import { hintFor } from './schema.ts';

interface NetworkingOption {
  networking: Record<string, unknown>;
  kubeProxy?: { enabled: boolean };
}

const withoutKubeProxy = { kubeProxy: { enabled: false } };

/** `--networking` by name → the fields it stands for. */
const options: Record<string, NetworkingOption> = {
  kubenet: { networking: { kubenet: {} } },
  external: { networking: { external: {} } },
  cni: { networking: { cni: {} } },
  flannel: { networking: { flannel: { backend: 'vxlan' } } },
  'flannel-vxlan': { networking: { flannel: { backend: 'vxlan' } } },
  'flannel-udp': { networking: { flannel: { backend: 'udp' } } },
  calico: { networking: { calico: {} } },
  'kube-router': { networking: { kuberouter: {} }, ...withoutKubeProxy },
  amazonvpc: { networking: { amazonvpc: {} } },
  'amazon-vpc-routed-eni': { networking: { amazonvpc: {} } },
  cilium: { networking: { cilium: { enableNodePort: true } }, ...withoutKubeProxy },
  'cilium-etcd': { networking: { cilium: { enableNodePort: true, etcdManaged: true } }, ...withoutKubeProxy },
  'cilium-eni': { networking: { cilium: { enableNodePort: true, ipam: 'eni' } }, ...withoutKubeProxy },
  kopeio: { networking: { kopeio: {} } },
  'kopeio-vxlan': { networking: { kopeio: {} } },
  kindnet: { networking: { kindnet: {} } },
  gce: { networking: { gce: {} } },
  gcp: { networking: { gce: {} } },
};

/** Throws a usage error that names the nearest option. */
export function networkingOption(name: string): NetworkingOption {
  const found = Object.hasOwn(options, name) ? options[name] : undefined;
  if (found) return structuredClone(found);
  const hint = hintFor(name, Object.keys(options));
  throw new KopsError(`--networking ${name} is not known${hint === undefined ? '' : `: ${hint}`}`, {
    code: 'UNKNOWN_NETWORKING',
    exit: 'usage',
    object: name,
    expected: Object.keys(options).join(', '),
    suggestions: [`Use one of ${Object.keys(options).join(', ')}.`],
  });
}
