import { z } from 'zod';

/**
 * The form of registry data, for files: what `llm prices check FILE` and the tests of the built-in data hold it to. It is
 * an entry of its own, `@vibe/pricing-registry/schema`, because only it needs zod.
 */
const day = z.iso.date({ error: "a day like '2026-11-22'" });
const text = z.string({ error: 'a text that is not empty' }).min(1);
const decimal = z.string({ error: "a decimal in quotes, like '0.30'" }).regex(/^\d{1,18}(\.\d{1,18})?$/, {
  error: "a decimal in quotes, like '0.30'",
});
const confidence = z.enum(['high', 'medium', 'low'], { error: 'one of high, medium, low' });
const tokens = z.int({ error: 'a whole number of tokens' }).nonnegative();

const shared = {
  effectiveFrom: day,
  effectiveTo: day.optional(),
  source: text,
  verifiedAt: day,
  conflicts: z.array(text).optional(),
};

const tier = z.strictObject({
  fromTokens: tokens,
  toTokens: tokens.nullable(),
  rule: z.enum(['whole_request', 'marginal'], { error: 'whole_request or marginal' }).optional(),
});

export const priceRowSchema = z.strictObject({
  ...shared,
  id: text,
  provider: text,
  model: text,
  region: text,
  unitType: z.enum(['token', 'image', 'audio_seconds', 'character', 'request']),
  unit: z.string().regex(/^[a-z][a-z0-9_]*$/, { error: 'a billing unit like input_token' }),
  price: decimal,
  per: z.int({ error: 'how many units the price is for' }).positive(),
  currency: z.string().regex(/^[A-Z]{3}$/, { error: 'a currency like USD or CNY' }),
  tier: tier.optional(),
  covers: z.array(text).optional(),
  thinking: z.enum(['whole_output', 'split']).optional(),
  confidence,
  note: text.optional(),
  origin: text.optional(),
});

/** A row as a user writes it: the rest has defaults (`toPriceRow`). */
export const priceInputSchema = priceRowSchema
  .partial()
  .required({ provider: true, model: true, region: true, unit: true, price: true, per: true });

export const fxRowSchema = z.strictObject({ ...shared, currency: priceRowSchema.shape.currency, usdPerUnit: decimal });

export const aliasRowSchema = z.strictObject({
  ...shared,
  provider: text,
  alias: text,
  model: text,
  kind: z.enum(['same', 'rerouted']),
});

export const serviceTierRowSchema = z.strictObject({
  ...shared,
  id: text,
  provider: text,
  model: text,
  serviceTier: text,
  multiplier: decimal,
  confidence,
});

/** A file of prices: the options of the plugin, under the same names. */
export const priceFileSchema = z.strictObject({
  prices: z.array(priceInputSchema).optional(),
  currencies: z.array(fxRowSchema.partial().required({ currency: true, usdPerUnit: true })).optional(),
  serviceTiers: z
    .array(
      serviceTierRowSchema.partial().required({ provider: true, model: true, serviceTier: true, multiplier: true }),
    )
    .optional(),
});
