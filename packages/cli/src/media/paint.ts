import type { GenerationResponse, ImagePart, PaintInput } from '@vibe/core';
import { readAttachments } from '../generate/attachments.js';
import { type CallFlags, callOf } from '../generate/flags.js';
import { readPrompt } from '../generate/prompt.js';
import type { Session } from '../session.js';
import { UsageError } from '../usage-error.js';
import { mediaCall } from './call.js';
import { bytesOf, noResult } from './media-bytes.js';
import { assertPlace, numbered, writeResult } from './output-file.js';

export interface PaintFlags extends CallFlags {
  readonly output?: string;
  readonly count?: number;
  readonly size?: NonNullable<PaintInput['size']>;
  readonly file?: readonly string[];
}

/** `llm paint PROMPT -o FILE`: pictures from a description. */
export async function paint(session: Session, words: readonly string[], flags: PaintFlags): Promise<number> {
  const { output, count, size, dryRun } = flags;
  if (dryRun !== true) await assertPlace(session, output, 'llm paint "A lighthouse in fog" -o lighthouse.png', count);
  const prompt = await readPrompt(words, session, ['llm paint "A lighthouse in fog" -o lighthouse.png']);
  const images = await readImages(session, flags.file ?? []);
  const request: PaintInput = {
    ...callOf(flags),
    prompt,
    ...(count !== undefined && { count }),
    ...(size !== undefined && { size }),
    ...(images.length > 0 && { images }),
    signal: session.world.signal,
  };
  return mediaCall(session, flags, {
    doing: `painting ${count === undefined || count === 1 ? 'a picture' : `${count} pictures`}`,
    schema: 'vibe.paint/1',
    call: ({ vibe }) => vibe.paint(request),
    take: (response) => takeImages(session, response, output),
  });
}

async function takeImages(session: Session, { content }: GenerationResponse, output: string | undefined) {
  const images = content.filter((part): part is ImagePart => part.type === 'image');
  if (images.length === 0) throw noResult('picture');
  const files: (string | null)[] = [];
  for (const [index, image] of images.entries()) {
    const bytes = bytesOf(image);
    if (bytes === null) await session.out.write(`${String(image.data)}\n`);
    files.push(
      bytes === null
        ? null
        : await writeResult(session, output === undefined ? undefined : numbered(output, index, images.length), bytes),
    );
  }
  return { files };
}

async function readImages(session: Session, files: readonly string[]): Promise<readonly ImagePart[]> {
  const parts = await readAttachments(session, files);
  return parts.map((part, index) => {
    if (part.type === 'image') return part as ImagePart;
    throw new UsageError(`${files[index]} is no picture.`, ['llm paint "Make it night" -f day.png -o night.png']);
  });
}
