"use client";
// Learns in the visitor's browser, once the page is there.
import { useEffect, useState } from "react";
import { learnXor } from "./xor.js";

export default function Page() {
  const [result, setResult] = useState();
  useEffect(() => {
    learnXor().then(setResult, (error) => setResult({ error: String(error) }));
  }, []);
  useEffect(() => {
    if (result) console.log(JSON.stringify(result));
  }, [result]);
  return <pre>{result ? JSON.stringify(result) : "learning…"}</pre>;
}
