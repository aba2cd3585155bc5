import { startClient } from './processes.mjs';

/** Starts a client per name, all with the same answers of the server, and closes them after `act`. */
export async function withClients(run, names, serverOptions, act) {
  const baseUrl = run.server.url(serverOptions);
  const clients = [];
  try {
    for (const name of names) clients.push(await startClient(name, baseUrl, { nodeOptions: run.nodeOptions(name) }));
    return await act(clients);
  } finally {
    for (const client of clients) await client.close();
  }
}
