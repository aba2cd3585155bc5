import { startClient } from './processes.mjs';

/** Starts a client per name, all with the same answers of the server, and closes them after `act`. */
export async function withClients(run, names, serverOptions, act, nodeOptions = [], options = {}) {
  const baseUrl = run.server.url(serverOptions);
  const clients = [];
  try {
    for (const name of names) {
      const all = [...nodeOptions, ...run.nodeOptions(name)];
      clients.push(await startClient(name, baseUrl, { ...options, nodeOptions: all }));
    }
    return await act(clients);
  } finally {
    for (const client of clients) await client.close();
  }
}
