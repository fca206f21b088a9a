import { CreateSecretCommand } from '../../../cli/create-secret.ts';

export default class CreateSecretCiliumPassword extends CreateSecretCommand {
  static override summary = 'Keep the key with which Cilium encrypts traffic between nodes.';
  static override examples = [
    '<%= config.bin %> create secret ciliumpassword -f password --name demo.k8s.local',
    '<%= config.bin %> create secret ciliumpassword -f password --force',
  ];

  run(): Promise<void> {
    return this.keep('ciliumpassword');
  }
}
