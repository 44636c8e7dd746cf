// How portald is started, for everybody who finds that it does not run.

/** To follow `hint: `. */
export const startHint =
  'start it: portalctl daemon start, or portald in another terminal (in a clone: with npx)';
