// Computes the digest with the built library and prints it.
import { NN } from "../../dist/index.js";
import { trainingDigest } from "../consumers/fixtures/src/digest.js";

console.log(JSON.stringify(await trainingDigest(NN, { threads: 2 })));
