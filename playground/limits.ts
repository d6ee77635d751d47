// Limits from the page's query, "?epochs=100&turn=5#/race": with them, training and races end at the same point on every machine,
// independent of its speed. The tests set them; a page without them trains until it is stopped.

/** A whole number of at least 1 from the query, or what holds without it. */
function limit(name: string, usual: number): number {
  const value = Number(new URLSearchParams(location.search).get(name));
  return Number.isInteger(value) && value >= 1 ? value : usual;
}

/** Training pauses after this many epochs. */
export const MOST_EPOCHS = limit("epochs", Infinity);
/** A lane's turn in the race, in milliseconds. */
export const TURN_MS = limit("turn", 250);
/** The race stops after this many rounds. */
export const MOST_ROUNDS = limit("rounds", Infinity);
/** The lanes of the race train on no more rows than this. */
export const MOST_ROWS = limit("rows", Infinity);
