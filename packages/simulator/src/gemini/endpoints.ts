import type { Endpoint } from '../endpoint.js';
import { countContentTokens } from './count.js';
import { deleteFile, showFile, uploadFile } from './files.js';
import { generateContent } from './generate.js';
import { listModels, showModel } from './models.js';
import { predictImages } from './picture.js';
import { conversationText } from './request.js';
import { geminiWire } from './wire.js';

const bare = { wire: geminiWire, model: () => null, stream: () => false, prompt: () => '' };

const ofModel = {
  ...bare,
  model: (pathModel: string | undefined) => pathModel ?? null,
  prompt: conversationText,
};

const filePath = /^\/v1beta\/files\/[^/]+$/;

/** Everything that Google's Developer API is asked for. */
export const geminiEndpoints: readonly Endpoint[] = [
  {
    ...ofModel,
    name: 'gemini.generate',
    method: 'POST',
    path: /^\/v1beta\/models\/([^/:]+):generateContent$/,
    reply: generateContent,
  },
  {
    ...ofModel,
    name: 'gemini.stream',
    method: 'POST',
    path: /^\/v1beta\/models\/([^/:]+):streamGenerateContent$/,
    stream: () => true,
    reply: generateContent,
  },
  {
    ...ofModel,
    name: 'gemini.count',
    method: 'POST',
    path: /^\/v1beta\/models\/([^/:]+):countTokens$/,
    reply: countContentTokens,
  },
  {
    ...ofModel,
    name: 'gemini.predict',
    method: 'POST',
    path: /^\/v1beta\/models\/([^/:]+):predict$/,
    reply: predictImages,
  },
  { ...ofModel, name: 'gemini.model', method: 'GET', path: /^\/v1beta\/models\/([^/:]+)$/, reply: showModel },
  { ...bare, name: 'gemini.models', method: 'GET', path: /^\/v1beta\/models$/, reply: listModels },
  { ...bare, name: 'gemini.upload', method: 'POST', path: /^\/upload\/v1beta\/files$/, reply: uploadFile },
  { ...bare, name: 'gemini.file', method: 'GET', path: filePath, reply: showFile },
  { ...bare, name: 'gemini.file.delete', method: 'DELETE', path: filePath, reply: deleteFile },
];
