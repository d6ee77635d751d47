// What each runtime runs: does with the built library what every consumer does, and prints the report.
import { NN } from "../../dist/index.js";
import { accuracy } from "../../dist/metrics.js";
import { use } from "../consumers/fixtures/src/use.js";

use({ NN, accuracy }).then((report) => console.log(JSON.stringify(report)));
