/** A row of a file: texts of separated values, or what JSON has. */
export type Row = Record<string, string | number | boolean | null>;
