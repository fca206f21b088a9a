import type { NodeObject, Service } from '../kube/objects.ts';

/** The cloud-controller-manager facet: the shape of Kubernetes' cloud provider interface. */
export interface CloudControllers {
  instances: {
    /** By spec.providerID, else by name among the cluster's instances: another cluster may have one of the same name. */
    exists(clusterName: string, node: NodeObject): Promise<boolean>;
    shutDown(clusterName: string, node: NodeObject): Promise<boolean>;
    metadata(clusterName: string, node: NodeObject): Promise<InstanceMetadata>;
    /** Instances that were terminated or stopped since: the node controller looks at once instead of polling. Returns a stop function. */
    onChange?(callback: (nodeName: string) => void): () => void;
  };
  loadBalancers: {
    /** Undefined: there is none. */
    get(clusterName: string, service: Service): Promise<LoadBalancerStatus | undefined>;
    /** Creates or changes it to match; idempotent. */
    ensure(clusterName: string, service: Service, nodes: readonly NodeObject[]): Promise<LoadBalancerStatus>;
    update(clusterName: string, service: Service, nodes: readonly NodeObject[]): Promise<void>;
    /** Gone already is success. */
    delete(clusterName: string, service: Service): Promise<void>;
  };
  /** Undefined where the cloud routes pods by itself. */
  routes?: {
    list(clusterName: string): Promise<{ name: string; targetNode: string; destinationCidr: string }[]>;
    create(clusterName: string, targetNode: string, destinationCidr: string): Promise<void>;
    delete(clusterName: string, name: string): Promise<void>;
  };
}

export interface InstanceMetadata {
  providerId: string;
  instanceType: string;
  zone: string;
  region: string;
  addresses: { type: 'InternalIP' | 'ExternalIP' | 'Hostname' | 'InternalDNS' | 'ExternalDNS'; address: string }[];
}

export interface LoadBalancerStatus {
  ingress: { ip?: string; hostname?: string; ports?: { port: number; protocol: string; error?: string }[] }[];
  /** What people should know about its addresses; they become events of the Service. */
  notes?: readonly string[];
}
