import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AwsApi } from '../../providers/aws/api/clients.ts';
import { hastyEnvironment } from '../integration/aws/aws-cloud.ts';
import { motoMissing, startMoto } from '../integration/moto.ts';
import { Workplace } from './harness.ts';

const name = 'shop.example.com';

describe.skipIf(motoMissing !== '')(`a cluster for Terraform${motoMissing}`, () => {
  let moto: Awaited<ReturnType<typeof startMoto>>;
  let place: Workplace;
  let aws: AwsApi;
  let folder = '';
  const configuration = () => JSON.parse(readFileSync(join(folder, 'kubernetes.tf.json'), 'utf8'));

  beforeAll(async () => {
    moto = await startMoto();
    const credentials = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', AWS_REGION: 'us-east-1' };
    place = new Workplace({
      ...credentials,
      AWS_ENDPOINT_URL: moto.endpoint,
      S3_ENDPOINT: moto.endpoint,
      S3_REGION: 'us-east-1',
      S3_ACCESS_KEY_ID: 'a',
      S3_SECRET_ACCESS_KEY: 'b',
      KOPS_STATE_STORE: 's3://state',
    });
    folder = join(place.folder, 'configuration');
    process.env.AWS_ENDPOINT_URL = moto.endpoint;
    aws = new AwsApi('us-east-1', hastyEnvironment(moto.endpoint));
    await (await aws.service('s3')).createBucket({ Bucket: 'state', CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } });
    await (await aws.service('route53')).createHostedZone({ Name: 'example.com', CallerReference: 'one' });
  });

  afterAll(async () => {
    await aws?.close();
    await place?.close();
    await moto?.stop();
  });

  it('is written as it is created, with what AWS knows and without a change there', async () => {
    const ec2 = await aws.service('ec2');
    const { Images = [] } = await ec2.describeImages({ Filters: [{ Name: 'architecture', Values: ['x86_64'] }] });
    const image = Images[0]?.ImageId ?? '';
    const words = ['--zones', 'us-east-1a', '--topology', 'private', '--dns', 'public', '--dns-zone', 'example.com', '--image', image];
    const created = await place.kops('create', 'cluster', name, ...words, '--target', 'terraform', '--out', folder);
    expect(created).toMatchObject({ code: 0, stdout: expect.stringContaining(`Terraform output has been placed into ${folder}`) });
    expect(created.stdout).toContain('terraform apply');
    const { provider, resource } = configuration();
    expect(resource.aws_launch_template['nodes-us-east-1a-shop-example-com'].image_id).toBe(image);
    expect(resource.aws_route53_record['api-shop-example-com'].zone_id).toMatch(/^\/hostedzone\/Z?\w+$/);
    expect(provider.aws).toEqual([{ region: 'us-east-1' }, { alias: 'files', region: 'eu-west-1' }]);
    const files = Object.values(resource.aws_s3_object);
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) expect(file).toMatchObject({ bucket: 'state', provider: 'aws.files' });
    const { Vpcs = [] } = await ec2.describeVpcs({});
    expect(Vpcs.filter(({ IsDefault }) => IsDefault !== true)).toEqual([]);
  });

  it('is written again without asking, and is the same', async () => {
    const files = () =>
      Object.fromEntries(
        ['kubernetes.tf.json', ...readdirSync(join(folder, 'data')).map((file) => join('data', file))].map((file) => [file, readFileSync(join(folder, file)).toString('base64')]),
      );
    const before = files();
    const updated = await place.kops('update', 'cluster', name, '--target', 'terraform', '--out', folder);
    expect(updated).toMatchObject({ code: 0, stdout: `Terraform output has been placed into ${folder}\n` });
    expect(files()).toEqual(before);
  });

  it('refuses what only an update of the cloud can do, and a cloud that Terraform does not know', async () => {
    const pruned = await place.kops('update', 'cluster', name, '--target', 'terraform', '--prune');
    expect(pruned).toMatchObject({ code: 64, stderr: expect.stringContaining('--prune has no meaning with --target terraform') });
    const local = await place.kops('create', 'cluster', 'demo.k8s.local', '--zones', 'local-1a', '--target', 'terraform');
    expect(local).toMatchObject({ code: 64, stderr: expect.stringContaining('Terraform does not know the cloud local') });
    expect((await place.kops('get', 'clusters', '-o', 'name')).stdout).not.toContain('demo.k8s.local');
  });
});
