// The part of Papa Parse that is used here: its parser of text in pieces.
declare module "papaparse" {
  interface ParseResult {
    readonly data: string[][];
    readonly errors: readonly { readonly code: string; readonly message: string; readonly row: number }[];
    /** Characters of complete rows. */
    readonly meta: { readonly cursor: number };
  }
  const Papa: {
    readonly Parser: new (config: { delimiter: string; newline: "\n" | "\r"; quoteChar?: string; preview?: number }) => {
      parse(text: string, baseIndex: number, ignoreLastRow: boolean): ParseResult;
    };
  };
  export default Papa;
}
