/**
 * A minimal correct reader of server-sent events: the data of the events of each network read. Lines end with LF or CRLF,
 * several data lines are joined, comments and other fields are skipped, characters may be split between reads.
 */
export async function* readEvents(body) {
  const decoder = new TextDecoder();
  let rest = '';
  let data = null;
  for await (const bytes of body) {
    const text = rest + decoder.decode(bytes, { stream: true });
    const batch = [];
    let from = 0;
    for (let end = text.indexOf('\n', from); end !== -1; end = text.indexOf('\n', from)) {
      const line = text.slice(from, text[end - 1] === '\r' ? end - 1 : end);
      from = end + 1;
      if (line.startsWith('data:')) {
        const value = line.slice(line[5] === ' ' ? 6 : 5);
        data = data === null ? value : `${data}\n${value}`;
      } else if (line === '' && data !== null) {
        batch.push(data);
        data = null;
      }
    }
    rest = text.slice(from);
    if (batch.length > 0) yield batch;
  }
}
