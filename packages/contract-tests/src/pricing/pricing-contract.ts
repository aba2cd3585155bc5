import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import type { Quantities } from '@vibe/core';
import { present } from '../expect.js';
import { randomSource, wholeNumber } from '../random.js';
import type { TestRunner } from '../runner.js';
import { nobody, PricingBench, type PricingContractOptions, type PricingTheme } from './bench.js';
import { circumstances } from './circumstances.js';

/** Some usages of the known model, the same in every run, from nothing to millions of tokens. */
function* usages(bench: PricingBench): Generator<Quantities> {
  const random = randomSource(11);
  const units = bench.units();
  for (let round = 0; round < 200; round++)
    yield Object.fromEntries(units.map((unit) => [unit, wholeNumber(random, 0, 10 ** wholeNumber(random, 0, 6))]));
}

/** What may be priced at all. */
const knowledge: PricingTheme = {
  'knows no price of a model or a provider it does not know': (bench) => {
    const [unit = 'input_token'] = bench.units();
    const { model } = bench.query({});
    for (const unknown of [nobody, `${model}-${nobody}`, `${nobody}/${model}`, ''])
      strictEqual(bench.pricing.price(bench.query({ [unit]: 10 }, { model: unknown })), null, `the model "${unknown}"`);
    strictEqual(bench.pricing.price(bench.query({ [unit]: 10 }, { provider: nobody })), null);
  },

  'knows no price of a usage as soon as any quantity above 0 has none': (bench) => {
    const [unit = 'input_token'] = bench.units();
    strictEqual(bench.pricing.price(bench.query({ [unit]: 10, 'unit-of-nobody': 1 })), null);
    ok(
      bench.pricing.price(bench.query({ [unit]: 10, 'unit-of-nobody': 0 })) !== null,
      'nothing of a unit costs nothing',
    );
  },

  'lists the rows it prices by, each with its source': (bench) => {
    ok(bench.rates().length > 0, 'there are rates of the known model');
    for (const rate of bench.rates()) {
      ok(rate.priceId !== '' && rate.source !== '', `${rate.priceId} has an id and a source`);
      ok(/^\d+(\.\d+)?$/.test(rate.price), `${rate.priceId}: the price "${rate.price}" is a decimal`);
      ok(rate.per > 0 && rate.currency !== '', `${rate.priceId}: per ${rate.per} in "${rate.currency}"`);
      for (const date of [rate.effectiveFrom, rate.verifiedAt])
        ok(!Number.isNaN(Date.parse(date)), `${rate.priceId}: "${date}" is a date`);
    }
  },
};

/** What a price adds up to. */
const arithmetic: PricingTheme = {
  'counts in whole nano-USD, and its total is the sum of its lines': (bench) => {
    for (const quantities of usages(bench)) {
      const { lines, totalNanoUsd } = bench.priced(quantities);
      let sum = 0;
      for (const { nanoUsd, usd } of lines) {
        ok(Number.isSafeInteger(nanoUsd) && nanoUsd >= 0, `${nanoUsd} is a whole number of nano-USD`);
        strictEqual(usd, nanoUsd / 1e9);
        sum += nanoUsd;
      }
      strictEqual(totalNanoUsd, sum);
    }
  },

  'bills every unit once, in one line or in several': (bench) => {
    for (const quantities of usages(bench)) {
      const billed: Record<string, number> = Object.fromEntries(Object.keys(quantities).map((unit) => [unit, 0]));
      for (const { unit, quantity } of bench.priced(quantities).lines) billed[unit] = (billed[unit] ?? 0) + quantity;
      deepStrictEqual(billed, quantities);
    }
  },

  'names the row of the price list behind every line': (bench) => {
    for (const quantities of usages(bench)) {
      const { lines, priceIds } = bench.priced(quantities);
      const named = [...new Set(lines.map(({ priceId }) => priceId))];
      deepStrictEqual([...priceIds].sort(), named.sort());
    }
  },

  'charges what the row says that a line names': (bench) => {
    const rows = new Map(bench.rates().map((rate) => [rate.priceId, rate]));
    for (const quantities of usages(bench)) {
      const { lines, fxRate } = bench.priced(quantities);
      for (const { priceId, quantity, nanoUsd } of lines) {
        const { price, per } = present(rows.get(priceId), `the row ${priceId} among the rates`);
        const expected = ((quantity * Number(price)) / per) * (fxRate ?? 1) * 1e9;
        // A line is rounded to a whole nano-USD, and the expectation is no exact number.
        const differs = Math.abs(nanoUsd - expected) > 1 + expected / 1e9;
        ok(!differs, `${quantity} at ${price} per ${per} are ${expected} nano-USD, not ${nanoUsd} (${priceId})`);
      }
    }
  },

  'charges nothing for nothing': (bench) => {
    const nothing = Object.fromEntries(bench.units().map((unit) => [unit, 0]));
    strictEqual(bench.priced(nothing).totalNanoUsd, 0);
  },

  'never charges less for more': (bench) => {
    for (const unit of bench.units()) {
      let before = 0;
      for (let quantity = 1; quantity <= 2_000_000; quantity = Math.ceil(quantity * 1.7)) {
        const { totalNanoUsd } = bench.priced({ [unit]: quantity });
        ok(totalNanoUsd >= before, `${quantity} × ${unit} cost ${totalNanoUsd}, fewer cost ${before}`);
        before = totalNanoUsd;
      }
    }
  },

  'says in which currency it was listed, and at which rate': (bench) => {
    for (const quantities of usages(bench)) {
      const { currency, fxRate } = bench.priced(quantities);
      if (currency === 'USD') strictEqual(fxRate, null);
      else ok(fxRate !== null && fxRate > 0, `${currency} at ${fxRate} USD`);
    }
  },

  'gives the same price for the same usage, and changes nothing of the question': (bench) => {
    for (const quantities of usages(bench)) {
      const query = bench.query(Object.freeze(quantities));
      deepStrictEqual(bench.pricing.price(Object.freeze(query)), bench.priced({ ...quantities }));
    }
  },
};

const themes = { knowledge, arithmetic, circumstances };

/** Registers the tests that every pricing part must pass. */
export function pricingContract(runner: TestRunner, options: PricingContractOptions): void {
  runner.describe(`pricing contract: ${options.name}`, () => {
    for (const [name, theme] of Object.entries(themes))
      runner.describe(name, () => {
        for (const [sentence, test] of Object.entries(theme))
          runner.it(sentence, () => test(new PricingBench(options)));
      });
  });
}
