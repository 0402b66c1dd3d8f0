// One process, Node's own HTTP server: what the documentation calls library mode.
import { createServer } from "node:http";
import { grafserv } from "postgraphile/grafserv/node";
import { postgraphile } from "postgraphile";
import preset from "./graphile.config.mjs";

const server = createServer();
server.on("error", (error) => {
  throw error;
});
const instance = postgraphile(preset);
await instance.createServ(grafserv).addTo(server);
server.listen(Number(process.env.PORT), "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));
