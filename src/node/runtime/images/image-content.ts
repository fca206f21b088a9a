import { baseName } from '../container/file-system.ts';
import type { Program } from '../container/process.ts';
import { tools } from '../utilities/tools.ts';
import type { ImageDefinition } from './image-definition.ts';
import type { ImageName } from './image-name.ts';
import { rootFolders, toolFolders } from './root-folders.ts';

/** What all containers of an image share. */
export interface ImageContent {
  /** Absolute path to content; a key that ends with `/` is a directory. Programs are files too. */
  files: ReadonlyMap<string, string | Uint8Array>;
  /** Programs by name, and by path where the image says where they are. */
  programs: ReadonlyMap<string, Program>;
}

const made = new WeakMap<ImageDefinition, Map<string, ImageContent>>();
/** How an executable file begins: what `cat` shows of a program. */
const executable = Buffer.from('\x7fELF');

/** Made once for an image. */
export function contentOf(definition: ImageDefinition, image: ImageName): ImageContent {
  const known = made.get(definition) ?? new Map<string, ImageContent>();
  made.set(definition, known);
  const key = definition.files ? `${image.repository}:${image.tag ?? ''}` : '';
  const content = known.get(key) ?? makeContent(definition, image);
  known.set(key, content);
  return content;
}

function makeContent(definition: ImageDefinition, image: ImageName): ImageContent {
  const own = Object.entries(definition.programs ?? {});
  const shared = Object.entries(tools[definition.tools]);
  const files = new Map<string, string | Uint8Array>(rootFolders[definition.tools].map((folder) => [`/${folder}/`, '']));
  for (const folder of toolFolders[definition.tools]) for (const [name] of shared) files.set(`${folder}/${name}`, executable);
  for (const [name] of own) files.set(name.startsWith('/') ? name : `/usr/local/bin/${name}`, executable);
  for (const [path, text] of definition.files?.(image) ?? []) files.set(path, text);
  return {
    files,
    programs: new Map([
      ...shared,
      ...own.flatMap(([name, program]): [string, Program][] => [
        [name, program],
        [baseName(name), program],
      ]),
    ]),
  };
}
