// Loaded by `node --import` before an example: installs the import hooks beside it.
import { register } from 'node:module';

register('./hooks.mjs', import.meta.url, { data: { simulatorUrl: process.env.VIBE_SIMULATOR_URL } });
