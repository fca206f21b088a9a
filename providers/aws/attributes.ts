/**
 * What each kind of AWS resource is described by: the words of the AWS API in camelCase, the same in the model (desired), in the
 * inventory (actual), in Terraform and in prices. `T` is what an id is: `Attribute` in the model, where another resource's id is a Ref,
 * `string` in what exists. What is optional and absent is the cloud's to choose.
 *
 * Names of resources are kops' own (reference in README.md): the map from kind to name is in `model/names.ts`.
 */
import type { Ref } from '../../src/cloud/resource.ts';

/** An id: of the model's own resources a Ref, of existing things (a shared VPC, a NAT gateway somebody made) the id itself. */
export type Id = string | Ref;

export type Tags = Readonly<Record<string, string>>;

export interface AwsAttributes {
  /** outputs: id */
  VPC: { cidrBlock: string; amazonProvidedIpv6CidrBlock: boolean; enableDnsHostnames: boolean; enableDnsSupport: boolean; tags: Tags };
  /** Another block of a VPC. Name: `CIDR.cluster`. outputs: id */
  VPCCIDRBlock: { vpcId: Id; cidrBlock: string };
  /** outputs: id */
  DHCPOptions: { domainName: string; domainNameServers: string; tags: Tags };
  /** outputs: id (the VPC's) */
  VPCDHCPOptionsAssociation: { vpcId: Id; dhcpOptionsId: Id };
  /** outputs: id */
  InternetGateway: { vpcId: Id; tags: Tags };
  /** outputs: id */
  EgressOnlyInternetGateway: { vpcId: Id; tags: Tags };
  /** `ipv6CidrBlock`: a block, or `/64#1`: the second /64 of the block that the VPC was given. outputs: id, cidrBlock, availabilityZone */
  Subnet: {
    vpcId: Id;
    availabilityZone: string;
    cidrBlock?: string;
    ipv6CidrBlock?: string;
    assignIpv6AddressOnCreation?: boolean;
    enableDns64?: boolean;
    ipv6Native?: boolean;
    enableResourceNameDnsARecordOnLaunch?: boolean;
    enableResourceNameDnsAAAARecordOnLaunch?: boolean;
    privateDnsHostnameTypeOnLaunch: string;
    tags: Tags;
  };
  /** outputs: id */
  RouteTable: { vpcId: Id; tags: Tags };
  /** One destination, one target. outputs: none */
  Route: {
    routeTableId: Id;
    destinationCidrBlock?: string;
    destinationIpv6CidrBlock?: string;
    gatewayId?: Id;
    natGatewayId?: Id;
    egressOnlyInternetGatewayId?: Id;
    transitGatewayId?: Id;
    vpcPeeringConnectionId?: Id;
    instanceId?: Id;
    networkInterfaceId?: Id;
  };
  /** outputs: id */
  RouteTableAssociation: { routeTableId: Id; subnetId: Id };
  /** outputs: id (the allocation's), publicIp */
  ElasticIP: { domain: 'vpc'; tags: Tags };
  /** outputs: id */
  NatGateway: { allocationId: Id; subnetId: Id; tags: Tags };
  /** outputs: id */
  SecurityGroup: { groupName: string; description: string; vpcId: Id; tags: Tags };
  /** One rule of one group with one peer. `protocol` as AWS writes it: `tcp`, `-1`, `icmp`, `4`. outputs: id */
  SecurityGroupRule: {
    groupId: Id;
    type: 'ingress' | 'egress';
    protocol: string;
    fromPort: number;
    toPort: number;
    cidrBlock?: string;
    ipv6CidrBlock?: string;
    prefixListId?: string;
    sourceGroupId?: Id;
  };
  /** `keyName` holds the MD5 fingerprint with colons. outputs: id (the key's name) */
  KeyPair: { keyName: string; publicKey: string; tags: Tags };
  /** `assumeRolePolicy`: JSON text. outputs: id (= roleName), arn */
  IAMRole: { roleName: string; assumeRolePolicy: string; permissionsBoundary?: string; tags: Tags };
  /** An inline policy. outputs: none */
  IAMRolePolicy: { policyName: string; roleName: Id; policyDocument: string };
  /** outputs: none */
  IAMRolePolicyAttachment: { roleName: Id; policyArn: string };
  /** outputs: id (= name), arn */
  IAMInstanceProfile: { instanceProfileName: string; roleName: Id; tags: Tags };
  /** outputs: arn */
  IAMOIDCProvider: { url: string; clientIdList: readonly string[]; thumbprintList: readonly string[]; tags: Tags };
  /** outputs: id, latestVersion */
  LaunchTemplate: {
    launchTemplateName: string;
    imageId: string;
    instanceType: string;
    keyName?: Id;
    iamInstanceProfileName: Id;
    blockDeviceMappings: readonly BlockDeviceMapping[];
    ebsOptimized?: boolean;
    creditSpecification?: { cpuCredits: string };
    marketOptions?: { marketType: 'spot'; maxPrice?: string; blockDurationMinutes?: number; instanceInterruptionBehavior?: string };
    metadataOptions: { httpEndpoint: string; httpProtocolIpv6: string; httpPutResponseHopLimit: number; httpTokens: string };
    monitoring: boolean;
    placementTenancy?: string;
    networkInterface: { associatePublicIpAddress?: boolean; ipv6AddressCount: number; deleteOnTermination: boolean; securityGroupIds: readonly Id[] };
    /** Of instances, volumes and network interfaces. */
    tags: Tags;
    /** Plain text; base64 on the wire. Absent where the group has none. */
    userData?: string;
  };
  /** outputs: id (= name), arn */
  AutoscalingGroup: {
    autoScalingGroupName: string;
    launchTemplate: { id: Id; version: Id };
    /**
     * Types instead of the launch template's, in order of preference, or what they must have. One of the two, even empty, makes a mixed
     * instances policy. Each of its settings is an attribute of the group: AWS fills in those that are left out.
     */
    overrideInstanceTypes?: readonly string[];
    instanceRequirements?: InstanceRequirements;
    onDemandAllocationStrategy?: string;
    onDemandBaseCapacity?: number;
    onDemandPercentageAboveBaseCapacity?: number;
    spotAllocationStrategy?: string;
    spotInstancePools?: number;
    /** Empty: the price on demand. */
    spotMaxPrice?: string;
    minSize: number;
    maxSize: number;
    maxInstanceLifetime: number;
    newInstancesProtectedFromScaleIn: boolean;
    capacityRebalance?: boolean;
    subnetIds: readonly Id[];
    /** Classic ones, sorted. */
    loadBalancerNames: readonly string[];
    targetGroupArns: readonly Id[];
    suspendedProcesses: readonly string[];
    /** All of a group's metrics, every minute. */
    enabledMetrics: readonly string[];
    metricsGranularity: string;
    warmPool?: { minSize: number; maxGroupPreparedCapacity?: number };
    /** Each propagated to instances at launch. */
    tags: Tags;
  };
  /** outputs: none */
  AutoscalingLifecycleHook: {
    autoScalingGroupName: Id;
    lifecycleHookName: string;
    lifecycleTransition: string;
    defaultResult: string;
    heartbeatTimeout: number;
  };
  /** outputs: id */
  EBSVolume: {
    availabilityZone: string;
    size: number;
    volumeType: string;
    iops?: number;
    throughput?: number;
    encrypted: boolean;
    kmsKeyId?: string;
    tags: Tags;
  };
  /** outputs: id (= arn), arn, dnsName, hostedZoneId */
  NetworkLoadBalancer: {
    loadBalancerName: string;
    scheme: 'internal' | 'internet-facing';
    ipAddressType?: string;
    crossZone: boolean;
    subnetMappings: readonly { subnetId: Id; privateIPv4Address?: string; allocationId?: Id }[];
    securityGroupIds: readonly Id[];
    accessLog?: { bucket: string; bucketPrefix?: string };
    tags: Tags;
  };
  /** outputs: id (= arn) */
  NetworkLoadBalancerListener: {
    loadBalancerArn: Id;
    port: number;
    protocol: 'TCP' | 'TLS';
    targetGroupArn: Id;
    certificateArn?: string;
    sslPolicy?: string;
  };
  /** outputs: id (= arn), arn */
  TargetGroup: {
    targetGroupName: string;
    vpcId: Id;
    port: number;
    protocol: 'TCP' | 'TLS';
    healthCheck: { protocol: string; port?: string; path?: string; intervalSeconds: number; healthyThresholdCount: number; unhealthyThresholdCount: number };
    deregistrationDelaySeconds: number;
    connectionTermination: boolean;
    preserveClientIp?: boolean;
    tags: Tags;
  };
  /** An alias to a load balancer, or fixed values. `hostedZoneId`: `Z1…` without `/hostedzone/`. outputs: none */
  DNSRecord: {
    hostedZoneId: string;
    recordName: string;
    type: 'A' | 'AAAA';
    alias?: { dnsName: Id; hostedZoneId: Id };
    ttl?: number;
    values?: readonly string[];
  };
  /** A private hosted zone is visible in a VPC. outputs: none */
  HostedZoneAssociation: { hostedZoneId: string; vpcId: Id };
  /** `policy`: JSON text. outputs: id (= url), arn */
  SQSQueue: { queueName: string; messageRetentionPeriod: number; policy: string; tags: Tags };
  /** `eventPattern`: JSON text. outputs: id (= name), arn */
  EventBridgeRule: { ruleName: string; eventPattern: string; tags: Tags };
  /** outputs: none */
  EventBridgeTarget: { ruleName: Id; targetArn: Id };
  /** A node document in the state store's bucket. `content` is not compared when secret: `sha256` is. outputs: none */
  ManagedFile: { bucket: string; key: string; sha256: string; secret: boolean };
}

export interface BlockDeviceMapping {
  deviceName: string;
  /** `ephemeral0`: a disk of the host. */
  virtualName?: string;
  ebs?: { volumeSize?: number; volumeType?: string; iops?: number; throughput?: number; encrypted?: boolean; kmsKeyId?: string; deleteOnTermination?: boolean };
}

export interface InstanceRequirements {
  vCpuCount: { min: number; max?: number };
  memoryMiB: { min: number; max?: number };
  /** Sorted; a type may be a pattern: `t2.*`. */
  excludedInstanceTypes?: readonly string[];
}

export type AwsKindName = keyof AwsAttributes;
