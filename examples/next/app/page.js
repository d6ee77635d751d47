"use client";
// Learns in the visitor's browser, once the page is there.
import { useEffect, useState } from "react";
import { learnXor } from "./xor.js";

export default function Page() {
  const [text, setText] = useState("learning…");
  useEffect(() => {
    learnXor().then((result) => {
      setText(JSON.stringify(result));
      console.log(JSON.stringify(result));
    }, (error) => setText(String(error)));
  }, []);
  return <pre>{text}</pre>;
}
