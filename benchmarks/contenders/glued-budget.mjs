import { fromPackage } from '../lib/from-package.mjs';

const Database = fromPackage('ledger-sqlite', 'better-sqlite3');

/** One budget in a file, written in the thread of the caller. */
export function openBudget(path, limitNanoUsd) {
  const db = new Database(path);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec(`
    CREATE TABLE total (id INTEGER PRIMARY KEY, spent INTEGER NOT NULL, held INTEGER NOT NULL);
    CREATE TABLE hold (id INTEGER PRIMARY KEY AUTOINCREMENT, call TEXT NOT NULL, amount INTEGER NOT NULL, ts INTEGER NOT NULL);
    CREATE TABLE call (id INTEGER PRIMARY KEY, ts INTEGER NOT NULL, status TEXT NOT NULL, cost INTEGER NOT NULL);
    INSERT INTO total VALUES (1, 0, 0);`);
  const take = db.prepare('UPDATE total SET held = held + ? WHERE id = 1 AND spent + held + ? <= ?');
  const addHold = db.prepare('INSERT INTO hold (call, amount, ts) VALUES (?, ?, ?)');
  const dropHold = db.prepare('DELETE FROM hold WHERE id = ? RETURNING amount');
  const book = db.prepare('UPDATE total SET held = held - ?, spent = spent + ? WHERE id = 1');
  const addCall = db.prepare('INSERT INTO call (id, ts, status, cost) VALUES (?, ?, ?, ?)');
  const hold = db.transaction((call, amount) => {
    if (take.run(amount, amount, limitNanoUsd).changes === 0) throw new Error('The budget is spent.');
    return addHold.run(String(call), amount, Date.now()).lastInsertRowid;
  });
  const settle = db.transaction((id, cost, status) => {
    const { amount } = dropHold.get(id);
    book.run(amount, cost);
    addCall.run(id, Date.now(), status, cost);
  });
  return { hold: hold.immediate, settle: settle.immediate, close: () => db.close() };
}
