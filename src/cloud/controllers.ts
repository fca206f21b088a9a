import type { NodeObject, Service } from '../kube/objects.ts';
import type { Log } from '../lib/log.ts';

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
  /** Undefined where the cloud does not announce that an instance will end. */
  interruptions?: {
    /**
     * Hands over each announcement for instances of the cluster until the signal aborts; resolves when the last of them is done with. Where
     * `handle` resolves the cloud need not wait any longer and the announcement is taken back; where it rejects, it comes again. Failures of
     * the cloud are logged and tried again.
     */
    follow(clusterName: string, source: InterruptionSettings['source'], options: FollowOptions): Promise<void>;
  };
}

export interface FollowOptions {
  handle(interruption: Interruption): Promise<void>;
  log: Log;
  signal: AbortSignal;
}

/** An instance will end, or is about to. */
export interface Interruption {
  providerId: string;
  /** Of an event of its node: `SpotInterruption`. */
  reason: string;
  message: string;
}

/** What the control plane does with announcements; part of its node document. */
export interface InterruptionSettings {
  /** Where the cloud announces them; only the provider reads it. */
  source: Readonly<Record<string, string>>;
  /** Load balancers let go of the node before its pods go. */
  excludeFromLoadBalancers: boolean;
  /** Seconds each pod has instead of what it asks for. */
  podTerminationGracePeriod?: number;
  /** An announcement for an instance that is no node is taken back. */
  dropIfNodeNotFound: boolean;
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
