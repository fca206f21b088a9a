/** Who a node is and how it was told to run; what a kubelet takes from its flags, its configuration and its machine. */
export interface NodeIdentity {
  /** Name of the Node object. */
  name: string;
  ip: string;
  hostname?: string;
  role: 'ControlPlane' | 'Node';
  /** `v1.36.0` */
  kubernetesVersion: string;
  machineType?: string;
  vcpus: number;
  memoryGib: number;
  architecture: 'amd64' | 'arm64';
  zone?: string;
  region?: string;
  providerId?: string;
  labels: Readonly<Record<string, string>>;
  /** `key=value:Effect` */
  taints: readonly string[];
  maxPods: number;
  /** Cloud controllers run in the cluster: they set addresses and zone, and take the taint `node.cloudprovider.kubernetes.io/uninitialized` away. */
  cloudControllers: boolean;
  /** This node's part of the pod network. Undefined: a controller assigns `spec.podCIDR`. */
  podCIDR?: string;
  clusterDomain: string;
}
