import { form } from './form.ts';

/** What instances of several groups share: their key, their disks, the events of their ends. */
export const instanceForms = {
  EBSVolume: form(
    'EBSVolume',
    'aws_ebs_volume',
    (volume) => ({
      availability_zone: volume.availabilityZone,
      encrypted: volume.encrypted,
      iops: volume.iops,
      kms_key_id: volume.kmsKeyId,
      size: volume.size,
      tags: volume.tags,
      throughput: volume.throughput,
      type: volume.volumeType,
    }),
    // Members of etcd may be numbers.
    { localName: (name) => (/^\d/.test(name) ? `ebs-${name}` : name) },
  ),
  KeyPair: form(
    'KeyPair',
    'aws_key_pair',
    (key, name) => ({
      key_name: key.keyName,
      public_key: { $file: { name: `aws_key_pair_${withoutColons(name)}_public_key`, content: key.publicKey } },
      tags: key.tags,
    }),
    { outputs: { id: 'id' }, localName: withoutColons },
  ),
  SQSQueue: form(
    'SQSQueue',
    'aws_sqs_queue',
    (queue, name) => ({
      message_retention_seconds: queue.messageRetentionPeriod,
      name: queue.queueName,
      policy: { $file: { name: `aws_sqs_queue_${name}_policy`, content: queue.policy } },
      tags: queue.tags,
    }),
    { outputs: { id: 'id', arn: 'arn' } },
  ),
  EventBridgeRule: form(
    'EventBridgeRule',
    'aws_cloudwatch_event_rule',
    (rule, name) => ({
      event_pattern: { $file: { name: `aws_cloudwatch_event_rule_${name}_event_pattern`, content: rule.eventPattern } },
      name: rule.ruleName,
      tags: rule.tags,
    }),
    { outputs: { id: 'id', arn: 'arn' } },
  ),
  EventBridgeTarget: form('EventBridgeTarget', 'aws_cloudwatch_event_target', (target) => ({ arn: target.targetArn, rule: target.ruleName }), { outputs: {} }),
};

function withoutColons(name: string): string {
  return name.replaceAll(':', '');
}
