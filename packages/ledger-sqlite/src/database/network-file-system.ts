import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';

/** `f_type` of file systems that other hosts may write at the same time (linux/magic.h). */
const networkTypes: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x5346414f, 'AFS'],
  [0x00c36400, 'Ceph'],
  [0x0bd00bd0, 'Lustre'],
  [0x7461636f, 'OCFS2'],
  [0x01161970, 'GFS2'],
]);

/**
 * The name of the network file system a path is on; null when it is local or cannot be told. SQLite's WAL needs memory
 * that all processes share, so one file can only be used from one host.
 */
export function networkFileSystem(path: string): string | null {
  if (process.platform !== 'linux') return null;
  for (const place of [path, dirname(path)]) {
    try {
      return networkTypes.get(statfsSync(place).type >>> 0) ?? null;
    } catch {
      // Not there (yet): its folder tells the same.
    }
  }
  return null;
}
