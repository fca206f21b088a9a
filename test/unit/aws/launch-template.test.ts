import {
  CreateLaunchTemplateVersionCommand,
  DeleteLaunchTemplateVersionsCommand,
  DescribeLaunchTemplatesCommand,
  DescribeLaunchTemplateVersionsCommand,
  ModifyLaunchTemplateCommand,
} from '@aws-sdk/client-ec2';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WantedResource } from '../../../providers/aws/resources/aws-kind.ts';
import { Inventory } from '../../../providers/aws/resources/inventory.ts';
import { launchTemplate } from '../../../providers/aws/resources/launch-template.ts';
import { fromTemplateData, toTemplateData } from '../../../providers/aws/resources/launch-template-data.ts';
import type { ActualResource } from '../../../src/cloud/resource.ts';
import { awsFailure, cluster, mockedAws, ownTags, tagList, writes } from './aws-mocks.ts';

type Attributes = WantedResource<'LaunchTemplate'>['attributes'];

const name = `nodes.${cluster}`;
const template: Attributes = {
  launchTemplateName: name,
  imageId: 'ami-1',
  instanceType: 't3.medium',
  iamInstanceProfileName: name,
  blockDeviceMappings: [{ deviceName: '/dev/xvda', ebs: { volumeSize: 32, volumeType: 'gp3', encrypted: true } }],
  metadataOptions: { httpEndpoint: 'enabled', httpProtocolIpv6: 'disabled', httpPutResponseHopLimit: 1, httpTokens: 'required' },
  monitoring: false,
  networkInterface: { ipv6AddressCount: 0, deleteOnTermination: true, securityGroupIds: ['sg-1'] },
  tags: ownTags(name),
};
const wanted: WantedResource<'LaunchTemplate'> = { kind: 'LaunchTemplate', name, cluster, attributes: { ...template, imageId: 'ami-2' } };
const actual: ActualResource = { kind: 'LaunchTemplate', name, id: 'lt-1', attributes: { ...template }, outputs: { id: 'lt-1', latestVersion: '1' }, owned: true };

/** A template with these versions, oldest first. */
function versions(mock: ReturnType<typeof mockedAws>, contents: readonly Attributes[], defaultVersion: number): void {
  const all = contents.map((content, index) => ({ VersionNumber: index + 1, LaunchTemplateData: toTemplateData(content) as object }));
  mock.ec2.on(DescribeLaunchTemplatesCommand).resolves({
    LaunchTemplates: [{ LaunchTemplateId: 'lt-1', LaunchTemplateName: name, DefaultVersionNumber: defaultVersion, LatestVersionNumber: all.length, Tags: tagList(ownTags(name)) }],
  });
  mock.ec2.on(DescribeLaunchTemplateVersionsCommand).callsFake(({ Versions, MaxVersion }) => {
    if (MaxVersion) return { LaunchTemplateVersions: all.filter(({ VersionNumber }) => VersionNumber <= Number(MaxVersion)) };
    const number = Versions[0] === '$Latest' ? all.length : Number(Versions[0]);
    return { LaunchTemplateVersions: all.filter(({ VersionNumber }) => VersionNumber === number) };
  });
  mock.ec2.on(CreateLaunchTemplateVersionCommand).resolves({ LaunchTemplateVersion: { VersionNumber: all.length + 1 } });
}

describe('launch template', () => {
  it('makes a new version the default one', async () => {
    const mock = mockedAws();
    versions(mock, [template], 1);
    const made = await launchTemplate.update?.(mock.aws, actual, wanted, ['imageId'], mock.context);
    expect(writes(mock.ec2)).toEqual(['CreateLaunchTemplateVersion', 'ModifyLaunchTemplate']);
    expect(mock.ec2.commandCalls(ModifyLaunchTemplateCommand)[0]?.args[0].input).toEqual({ LaunchTemplateId: 'lt-1', DefaultVersion: '2' });
    expect(made?.outputs.latestVersion).toBe('2');
  });

  it('goes on with the version that an interrupted update had made, and shows such a template as not updated', async () => {
    const mock = mockedAws();
    versions(mock, [template, wanted.attributes], 1);
    const [listed] = await launchTemplate.list(new Inventory(mock.aws, cluster, mock.context.signal));
    expect(listed?.attributes.imageId).toBe('ami-1');
    expect(listed?.outputs.latestVersion).toBe('1');
    await launchTemplate.update?.(mock.aws, actual, wanted, ['imageId'], mock.context);
    expect(writes(mock.ec2)).toEqual(['ModifyLaunchTemplate']);
  });

  it('keeps the ten newest versions, and does not fail when old ones cannot go', async () => {
    const mock = mockedAws();
    versions(mock, Array<Attributes>(12).fill(template), 12);
    await launchTemplate.update?.(mock.aws, actual, wanted, ['imageId'], mock.context);
    expect(mock.ec2.commandCalls(DeleteLaunchTemplateVersionsCommand).map((call) => call.args[0].input.Versions)).toEqual([['1', '2', '3']]);
    mock.ec2.on(DeleteLaunchTemplateVersionsCommand).rejects(awsFailure('ec2', 'DeleteLaunchTemplateVersions', 'UnauthorizedOperation'));
    await launchTemplate.update?.(mock.aws, actual, wanted, ['imageId'], mock.context);
    expect(mock.told.join()).toContain('old versions');
  });

  it('never replaces a template for what is in it', () => {
    expect(launchTemplate.effect(['userData', 'tags', 'imageId'])).toBe('roll');
    expect(launchTemplate.newOutputs?.(['userData'])).toEqual(['latestVersion']);
  });

  it('reads back what it wrote, whatever is in it', () => {
    const text = fc.string({ minLength: 1, maxLength: 12 });
    const disk = fc.record(
      { volumeSize: fc.nat(), volumeType: text, iops: fc.nat(), throughput: fc.nat(), encrypted: fc.boolean(), kmsKeyId: text, deleteOnTermination: fc.boolean() },
      { requiredKeys: [] },
    );
    const attributes: fc.Arbitrary<Attributes> = fc.record(
      {
        launchTemplateName: fc.constant(name),
        imageId: text,
        instanceType: text,
        keyName: text,
        iamInstanceProfileName: text,
        blockDeviceMappings: fc.array(fc.record({ deviceName: text, virtualName: text, ebs: disk }, { requiredKeys: ['deviceName'] }), { maxLength: 3 }),
        ebsOptimized: fc.boolean(),
        creditSpecification: fc.record({ cpuCredits: text }),
        marketOptions: fc.record(
          { marketType: fc.constant('spot' as const), maxPrice: text, blockDurationMinutes: fc.nat(), instanceInterruptionBehavior: text },
          { requiredKeys: ['marketType'] },
        ),
        metadataOptions: fc.record({ httpEndpoint: text, httpProtocolIpv6: text, httpPutResponseHopLimit: fc.nat(), httpTokens: text }),
        monitoring: fc.boolean(),
        placementTenancy: text,
        networkInterface: fc.record(
          { associatePublicIpAddress: fc.boolean(), ipv6AddressCount: fc.nat(), deleteOnTermination: fc.boolean(), securityGroupIds: fc.array(text) },
          { requiredKeys: ['ipv6AddressCount', 'deleteOnTermination', 'securityGroupIds'] },
        ),
        tags: fc.dictionary(
          fc.string({ minLength: 1 }).filter((key) => !key.startsWith('aws:') && key !== '__proto__'),
          fc.string(),
        ),
        userData: fc.string({ unit: 'grapheme' }),
      },
      {
        requiredKeys: [
          'launchTemplateName',
          'imageId',
          'instanceType',
          'iamInstanceProfileName',
          'blockDeviceMappings',
          'metadataOptions',
          'monitoring',
          'networkInterface',
          'tags',
        ],
      },
    );
    const check = fc.property(attributes, (value) => {
      expect(fromTemplateData(name, toTemplateData(value) as object)).toEqual(value);
    });
    fc.assert(check, { numRuns: 200 });
  });
});
