import { form } from './form.ts';

export const documentForms = {
  /** Keys stay out of Terraform's state, where everyone who plans could read them: instances find them in the state store. */
  ManagedFile: form('ManagedFile', 'aws_s3_object', (file, name) =>
    file.secret
      ? undefined
      : {
          bucket: file.bucket,
          content_base64: { $file: { name: `aws_s3_object_${name.replaceAll('/', '--')}_content`, sha256: file.sha256, base64: true } },
          key: file.key,
          server_side_encryption: 'AES256',
        },
  ),
};
