import { describe } from 'vitest';
import { describeInChromium } from './testing/browsing.js';
import { chatTests } from './testing/chat-tests.js';
import { mediaTests } from './testing/media-tests.js';
import { reportTests } from './testing/report-tests.js';
import { troubleTests } from './testing/trouble-tests.js';

// One file, so that there is one browser process.
describeInChromium('the pages, in Chromium', (browsing) => {
  describe('a conversation', () => chatTests(browsing));
  describe('trouble', () => troubleTests(browsing));
  describe('pictures and sound', () => mediaTests(browsing));
  describe('the report', () => reportTests(browsing));
});
