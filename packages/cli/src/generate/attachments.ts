import { readFile } from 'node:fs/promises';
import { basename, extname, resolve } from 'node:path';
import type { Part } from '@vibe/core';
import type { Session } from '../session.js';
import { UsageError } from '../usage-error.js';

/** More than any provider takes inline. */
const maxFileBytes = 100 * 1_048_576;

const mediaTypes: Readonly<Record<string, string>> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.webp': 'image/webp',
  '.gif': 'image/gif',
  '.bmp': 'image/bmp',
  '.heic': 'image/heic',
  '.wav': 'audio/wav',
  '.mp3': 'audio/mpeg',
  '.m4a': 'audio/mp4',
  '.aac': 'audio/aac',
  '.flac': 'audio/flac',
  '.ogg': 'audio/ogg',
  '.opus': 'audio/ogg',
  '.webm': 'audio/webm',
};

const examples = [
  'llm generate "What is this?" -f photo.png',
  'llm generate "Summarise" -f notes.txt -f https://example.org/chart.png',
];

const audioExamples = ['llm transcribe talk.mp3'];

/** The parts of a message that `-f` adds: pictures and sound as they are, everything else as text below its name. */
export async function readAttachments(session: Session, files: readonly string[]): Promise<readonly Part[]> {
  return Promise.all(files.map((file) => readAttachment(session, file)));
}

async function readAttachment(session: Session, file: string): Promise<Part> {
  const mediaType = mediaTypeOf(file);
  const url = urlOf(file);
  if (url !== null) {
    if (mediaType === null)
      throw new UsageError(
        `${file} does not end like a picture or a sound: fetch it first and attach the file.`,
        examples,
      );
    return mediaPart(mediaType, url);
  }
  const bytes = await readBytes(session, file, examples);
  if (mediaType !== null) return mediaPart(mediaType, bytes);
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { type: 'text', text: `${basename(file)}:\n\n${text}` };
  } catch {
    throw new UsageError(`${file} is neither a picture nor a sound nor text in UTF-8.`, examples);
  }
}

/** A sound file for `transcribe`, or the address of one. */
export async function readAudio(
  session: Session,
  file: string,
): Promise<Part & { readonly type: 'audio' | 'file_ref' }> {
  const mediaType = mediaTypeOf(file);
  if (mediaType?.startsWith('audio/') !== true) {
    throw new UsageError(`${file} does not end like a sound file: ${extensions('audio/')}.`, audioExamples);
  }
  if (urlOf(file) !== null) return { type: 'file_ref', uri: file, mediaType };
  return { type: 'audio', mediaType, data: await readBytes(session, file, audioExamples) };
}

function mediaPart(mediaType: string, data: Uint8Array | URL): Part {
  return mediaType.startsWith('image/') ? { type: 'image', mediaType, data } : { type: 'audio', mediaType, data };
}

function mediaTypeOf(file: string): string | null {
  return mediaTypes[extname(urlOf(file)?.pathname ?? file).toLowerCase()] ?? null;
}

function extensions(prefix: string): string {
  return Object.keys(mediaTypes)
    .filter((extension) => mediaTypes[extension]?.startsWith(prefix))
    .join(', ');
}

function urlOf(file: string): URL | null {
  return /^https?:\/\//i.test(file) && URL.canParse(file) ? new URL(file) : null;
}

async function readBytes({ world }: Session, file: string, next: readonly string[]): Promise<Uint8Array> {
  try {
    const bytes = await readFile(resolve(world.cwd, file), { signal: world.signal });
    if (bytes.length <= maxFileBytes) return bytes;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (world.signal.aborted || !reasons.has(code)) throw error;
    throw new UsageError(`${file} cannot be read: ${reasons.get(code)}.`, next);
  }
  throw new UsageError(`${file} is larger than ${maxFileBytes / 1_048_576} MB.`, next);
}

const reasons: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'there is no such file'],
  ['EACCES', 'you may not read it'],
  ['EISDIR', 'it is a folder'],
  ['ENOTDIR', 'a part of its path is no folder'],
]);
