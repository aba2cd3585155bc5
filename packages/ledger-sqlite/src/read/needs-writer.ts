/** The `sqliteCode` of the failure that only a writer can mend: the file has to be created or migrated. */
export const needsWriter = 'NEEDS_WRITER';
