/** The windows a call is held against: a hold has them, an extension has all of them once more when others joined. */
export const lastCharges = `SELECT charges FROM event
  WHERE call_id = ? AND kind IN ('hold', 'extend') AND charges IS NOT NULL ORDER BY seq DESC LIMIT 1`;
