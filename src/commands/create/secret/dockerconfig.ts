import { CreateSecretCommand } from '../../../cli/create-secret.ts';

export default class CreateSecretDockerConfig extends CreateSecretCommand {
  static override summary = 'Keep the credentials of container registries for the machines of a cluster.';
  static override examples = [
    '<%= config.bin %> create secret dockerconfig -f ~/.docker/config.json --name demo.k8s.local',
    '<%= config.bin %> create secret dockerconfig -f ~/.docker/config.json --force',
  ];

  run(): Promise<void> {
    return this.keep('dockerconfig');
  }
}
