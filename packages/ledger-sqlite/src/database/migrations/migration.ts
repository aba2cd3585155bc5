import type { Database } from 'better-sqlite3';

/** One step forward of the schema. Steps are never changed once they were released; a mistake is mended by the next one. */
export interface Migration {
  /** What `PRAGMA user_version` is afterwards: the steps count 1, 2, 3 … */
  readonly version: number;
  /** Runs inside one transaction with the steps before and after it. */
  up(db: Database): void;
  /**
   * For a connection that may not write: what a file from before this step lacks, as temporary tables. Without it such a
   * file has to be migrated before it can be read.
   */
  readonly forReading?: (db: Database) => void;
}
