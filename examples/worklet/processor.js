// Computes in the audio thread: one row a sample, one block a call, from the platform's array into the platform's array.
import { NN } from "wasmlp";

registerProcessor("learnt-effect", class extends AudioWorkletProcessor {
  #nn;

  constructor({ processorOptions }) {
    super();
    this.#nn = NN.load(processorOptions.model);
    this.port.postMessage({ backend: this.#nn.backend });
  }

  process([[input]], [[output]]) {
    if (input) this.#nn.predict(input, output);
    return true;
  }
});
