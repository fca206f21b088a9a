import type { TerraformForm } from '../../../src/cloud/provider.ts';
import { form } from './form.ts';

export const documentForms = {
  /** Keys stay out of Terraform's state, where everyone who plans could read them: instances find them in the state store. */
  ManagedFile: {
    ...form('ManagedFile', 'aws_s3_object', ({ bucket, key, secret, sha256 }, name) => {
      if (secret) return undefined;
      const file = `aws_s3_object_${name.replaceAll('/', '--')}_content`;
      // By its path: the packed kops-ts has no place in a state either.
      const source = { $file: { name: file, sha256, path: true } };
      return { bucket, key, server_side_encryption: 'AES256', source, source_hash: { $expression: `filemd5("\${path.module}/data/${file}")` } };
    }),
    document: true,
  } satisfies TerraformForm,
};
