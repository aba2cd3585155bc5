const verdicts = new Map([
  [true, 'ok'],
  [false, '**missed**'],
  [null, ''],
]);

export function markdownTable(rows) {
  const lines = rows.map(
    ({ what, measured, target, ok, comparison }) =>
      `| ${what} | ${measured} | ${target} | ${verdicts.get(ok)} | ${comparison} |`,
  );
  return ['| what | measured | must reach | | for comparison |', '|---|---|---|---|---|', ...lines].join('\n');
}
