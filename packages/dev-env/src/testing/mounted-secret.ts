import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../machine/index.ts';

/** A Secret as the kubelet mounts it: all its files change in one step, by a link that leads to another folder. */
export type MountedSecret = {
  path(file: string): string;
  /** Replaces all that is there. */
  put(files: Record<string, string>): Promise<void>;
};

export async function mountedSecret(files: Record<string, string>): Promise<MountedSecret> {
  const folder = await temporaryFolder();
  let version = 0;
  const secret: MountedSecret = {
    path: (file) => join(folder, 'data', file),
    async put(next) {
      version += 1;
      const name = `version-${version}`;
      await mkdir(join(folder, name));
      for (const [file, content] of Object.entries(next)) await writeFile(join(folder, name, file), content);
      await symlink(name, join(folder, 'data.new'));
      await rename(join(folder, 'data.new'), join(folder, 'data'));
      await rm(join(folder, `version-${version - 1}`), { recursive: true, force: true });
    },
  };
  await secret.put(files);
  return secret;
}
