import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import type { Rate } from '@vibe/core';
import { nobody, type PricingBench, type PricingTheme } from './bench.js';

/** Some of every unit the known model is billed by. */
const someOfAll = (bench: PricingBench) => Object.fromEntries(bench.units().map((unit) => [unit, 1_000]));

const isInForce = ({ effectiveFrom, effectiveTo }: Rate, atMs: number) =>
  Date.parse(effectiveFrom) <= atMs && (effectiveTo === null || atMs < Date.parse(effectiveTo));

/** When, by whom and how fast it was answered decides what it costs. */
export const circumstances: PricingTheme = {
  'lists the rows that are in force at the time it is asked about, and prices by no other': (bench) => {
    for (const changeMs of bench.changes())
      for (const atMs of [changeMs - 1, changeMs]) {
        const at = new Date(atMs).toISOString();
        const rows = new Map(bench.ratesAt(atMs).map((rate) => [rate.priceId, rate]));
        for (const rate of rows.values()) ok(isInForce(rate, atMs), `${rate.priceId} is listed for ${at}`);
        for (const unit of bench.units())
          for (const { priceId } of bench.pricing.price(bench.query({ [unit]: 1_000 }, { atMs }))?.lines ?? [])
            ok(rows.has(priceId), `${unit} is priced at ${at} by ${priceId}, which is not in force then`);
      }
  },

  'says when its next price begins or ends, when it says so at all': (bench) => {
    const { pricing } = bench;
    if (pricing.nextChangeMs === undefined) return;
    for (const changeMs of bench.changes()) strictEqual(pricing.nextChangeMs(changeMs - 1), changeMs);
  },

  'bills the model that answered, where that is known': (bench) => {
    const expected = bench.priced(someOfAll(bench));
    const { model } = bench.query({});
    for (const [asked, servedModel] of [
      [nobody, model],
      [model, model],
      [model, null],
    ] as const)
      deepStrictEqual(bench.pricing.price(bench.query(someOfAll(bench), { model: asked, servedModel })), expected);
  },

  'knows no price of a service tier it does not know, and takes none for the standard one': (bench) => {
    const quantities = someOfAll(bench);
    const at = (serviceTier: string) =>
      bench.pricing.price(bench.query(quantities, { usage: { ...bench.query(quantities).usage, serviceTier } }));
    strictEqual(at(nobody), null);
    deepStrictEqual(at('standard'), bench.priced(quantities));
  },
};
