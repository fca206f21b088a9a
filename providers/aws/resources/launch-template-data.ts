import type { LaunchTemplateBlockDeviceMapping, RequestLaunchTemplateData, ResourceType, ResponseLaunchTemplateData } from '@aws-sdk/client-ec2';
import { fromTagList, toTagList } from '../api/tag-list.ts';
import type { BlockDeviceMapping } from '../attributes.ts';
import type { WantedResource } from './aws-kind.ts';

type TemplateAttributes = WantedResource<'LaunchTemplate'>['attributes'];

/** What is made from a template and can carry its tags. */
const taggedTypes: readonly ResourceType[] = ['instance', 'volume', 'network-interface'];

/** A version's content as the API takes it. */
export function toTemplateData(attributes: TemplateAttributes): RequestLaunchTemplateData {
  const { networkInterface, userData, marketOptions } = attributes;
  const data: { [Key in keyof RequestLaunchTemplateData]: RequestLaunchTemplateData[Key] | undefined } = {
    ImageId: attributes.imageId,
    InstanceType: attributes.instanceType as RequestLaunchTemplateData['InstanceType'],
    KeyName: attributes.keyName,
    IamInstanceProfile: { Name: attributes.iamInstanceProfileName },
    BlockDeviceMappings: attributes.blockDeviceMappings.map(toDevice),
    EbsOptimized: attributes.ebsOptimized,
    CreditSpecification: attributes.creditSpecification && { CpuCredits: attributes.creditSpecification.cpuCredits },
    InstanceMarketOptions: marketOptions && { MarketType: marketOptions.marketType, SpotOptions: toSpotOptions(marketOptions) },
    MetadataOptions: toMetadataOptions(attributes),
    Monitoring: { Enabled: attributes.monitoring },
    Placement: attributes.placementTenancy === undefined ? undefined : { Tenancy: attributes.placementTenancy as 'default' },
    NetworkInterfaces: [
      {
        DeviceIndex: 0,
        AssociatePublicIpAddress: networkInterface.associatePublicIpAddress,
        Ipv6AddressCount: networkInterface.ipv6AddressCount,
        DeleteOnTermination: networkInterface.deleteOnTermination,
        Groups: [...networkInterface.securityGroupIds],
      },
    ],
    TagSpecifications: taggedTypes.map((ResourceType) => ({ ResourceType, Tags: toTagList(attributes.tags) })),
    UserData: userData === undefined ? undefined : Buffer.from(userData).toString('base64'),
  };
  return withoutUndefined(data) as RequestLaunchTemplateData;
}

function toDevice({ deviceName, virtualName, ebs }: BlockDeviceMapping) {
  const Ebs = ebs && {
    VolumeSize: ebs.volumeSize,
    VolumeType: ebs.volumeType as 'gp3' | undefined,
    Iops: ebs.iops,
    Throughput: ebs.throughput,
    Encrypted: ebs.encrypted,
    KmsKeyId: ebs.kmsKeyId,
    DeleteOnTermination: ebs.deleteOnTermination,
  };
  return withoutUndefined({ DeviceName: deviceName, VirtualName: virtualName, Ebs: Ebs && withoutUndefined(Ebs) });
}

function toSpotOptions({ maxPrice, blockDurationMinutes, instanceInterruptionBehavior }: NonNullable<TemplateAttributes['marketOptions']>) {
  return withoutUndefined({
    MaxPrice: maxPrice,
    BlockDurationMinutes: blockDurationMinutes,
    InstanceInterruptionBehavior: instanceInterruptionBehavior as 'terminate' | undefined,
  });
}

function toMetadataOptions({
  metadataOptions: { httpEndpoint, httpProtocolIpv6, httpPutResponseHopLimit, httpTokens },
}: TemplateAttributes): RequestLaunchTemplateData['MetadataOptions'] {
  return {
    HttpEndpoint: httpEndpoint as 'enabled',
    HttpProtocolIpv6: httpProtocolIpv6 as 'disabled',
    HttpPutResponseHopLimit: httpPutResponseHopLimit,
    HttpTokens: httpTokens as 'required',
  };
}

/** A version's content as the model writes it. */
export function fromTemplateData(launchTemplateName: string, data: ResponseLaunchTemplateData): TemplateAttributes {
  const { MetadataOptions: metadata = {}, InstanceMarketOptions: market, NetworkInterfaces: [network = {}] = [], UserData } = data;
  const attributes: { [Key in keyof TemplateAttributes]: TemplateAttributes[Key] | undefined } = {
    launchTemplateName,
    imageId: data.ImageId,
    instanceType: data.InstanceType,
    keyName: data.KeyName,
    iamInstanceProfileName: data.IamInstanceProfile?.Name,
    blockDeviceMappings: (data.BlockDeviceMappings ?? []).map(fromDevice),
    ebsOptimized: data.EbsOptimized,
    creditSpecification: data.CreditSpecification?.CpuCredits === undefined ? undefined : { cpuCredits: data.CreditSpecification.CpuCredits },
    marketOptions: market?.MarketType === 'spot' ? fromSpotOptions(market.SpotOptions) : undefined,
    metadataOptions: {
      httpEndpoint: metadata.HttpEndpoint ?? 'enabled',
      httpProtocolIpv6: metadata.HttpProtocolIpv6 ?? 'disabled',
      httpPutResponseHopLimit: metadata.HttpPutResponseHopLimit ?? 1,
      httpTokens: metadata.HttpTokens ?? 'optional',
    },
    monitoring: data.Monitoring?.Enabled ?? false,
    placementTenancy: data.Placement?.Tenancy,
    networkInterface: {
      ...(network.AssociatePublicIpAddress === undefined ? {} : { associatePublicIpAddress: network.AssociatePublicIpAddress }),
      ipv6AddressCount: network.Ipv6AddressCount ?? 0,
      deleteOnTermination: network.DeleteOnTermination ?? true,
      securityGroupIds: network.Groups ?? [],
    },
    tags: fromTagList(data.TagSpecifications?.find((specification) => specification.ResourceType === 'instance')?.Tags),
    userData: UserData === undefined ? undefined : Buffer.from(UserData, 'base64').toString(),
  };
  return withoutUndefined(attributes) as TemplateAttributes;
}

function fromDevice({ DeviceName: deviceName = '', VirtualName: virtualName, Ebs }: LaunchTemplateBlockDeviceMapping): BlockDeviceMapping {
  const ebs = Ebs && {
    volumeSize: Ebs.VolumeSize,
    volumeType: Ebs.VolumeType,
    iops: Ebs.Iops,
    throughput: Ebs.Throughput,
    encrypted: Ebs.Encrypted,
    kmsKeyId: Ebs.KmsKeyId,
    deleteOnTermination: Ebs.DeleteOnTermination,
  };
  return withoutUndefined({ deviceName, virtualName, ebs: ebs && withoutUndefined(ebs) }) as BlockDeviceMapping;
}

function fromSpotOptions(options: NonNullable<ResponseLaunchTemplateData['InstanceMarketOptions']>['SpotOptions'] = {}): TemplateAttributes['marketOptions'] {
  const { MaxPrice: maxPrice, BlockDurationMinutes: blockDurationMinutes, InstanceInterruptionBehavior: instanceInterruptionBehavior } = options;
  return { marketType: 'spot', ...withoutUndefined({ maxPrice, blockDurationMinutes, instanceInterruptionBehavior }) };
}

type Defined<Type> = { [Key in keyof Type]: Exclude<Type[Key], undefined> };

function withoutUndefined<Type extends object>(value: Type): Partial<Defined<Type>> {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as Partial<Defined<Type>>;
}
