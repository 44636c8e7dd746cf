// How portald is started, for everybody who finds that it does not run.

/** To follow `hint: `. */
export const startHint = 'start it in another terminal: portald (in a clone: npx portald)';
