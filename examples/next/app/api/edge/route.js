// The edge runtime may not compile WebAssembly; the condition `edge-light` brings it as modules.
import { learnXor } from "../../xor.js";

export const runtime = "edge";

export async function GET() {
  return Response.json(await learnXor());
}
