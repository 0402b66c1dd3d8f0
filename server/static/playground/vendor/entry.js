// Everything that ../playground.js uses of npm, as one global: `Vendored`.
import "@graphiql/react/dist/style.css";
import "graphiql/src/style.css";

export { createGraphiQLFetcher } from "@graphiql/toolkit";
export { setNonce } from "get-nonce";
export { GraphiQL } from "graphiql";
export { createElement, useState } from "react";
export { createRoot } from "react-dom/client";
