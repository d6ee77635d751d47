// A TypeDoc plugin: writes out the unions that the sources derive from tables, `keyof typeof ACTIVATION_FACTS` or
// `(typeof DTYPES)[number]`, as readers want them: "linear" | "sigmoid" | … The tables are not exported.
import { Converter, LiteralType, ReflectionKind, UnionType } from "typedoc";
import ts from "typescript";

/** @param {import("typedoc").Application} app */
export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, (context) => {
    for (const alias of context.project.getReflectionsByKind(ReflectionKind.TypeAlias)) {
      const names = namesOf(context, alias);
      if (names) alias.type = new UnionType(names.map((name) => new LiteralType(name)));
    }
  });
}

/** The strings that an alias stands for, in the table's order; undefined if it stands for anything else. */
function namesOf(context, alias) {
  const declaration = context.getSymbolFromReflection(alias)?.declarations?.find(ts.isTypeAliasDeclaration);
  if (!declaration || !(ts.isTypeOperatorNode(declaration.type) || ts.isIndexedAccessTypeNode(declaration.type)))
    return undefined;
  const type = context.programs[0].getTypeChecker().getTypeAtLocation(declaration.name);
  const members = type.isUnion() ? type.types : [type];
  return members.every((member) => member.isStringLiteral()) ? members.map(({ value }) => value) : undefined;
}
