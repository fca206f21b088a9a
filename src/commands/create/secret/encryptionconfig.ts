import { CreateSecretCommand } from '../../../cli/create-secret.ts';

export default class CreateSecretEncryptionConfig extends CreateSecretCommand {
  static override summary = 'Keep the configuration with which the API server encrypts what it stores.';
  static override examples = [
    '<%= config.bin %> create secret encryptionconfig -f config.yaml --name demo.k8s.local',
    '<%= config.bin %> create secret encryptionconfig -f config.yaml --force',
  ];

  run(): Promise<void> {
    return this.keep('encryptionconfig');
  }
}
