// Uses the published clients as applications do: node clients.mjs URL TOKEN NUMBER
// Each follows notifications over its own transport and prints a line of JSON for what it is told,
// and ends when it has been told NUMBER of them.
import { createClient as overSocket } from "graphql-ws";
import { createClient as overStream } from "graphql-sse";

const [url, token, number] = process.argv.slice(2);
const authorization = `Bearer ${token}`;
const query = "subscription ($after: ID) { notificationReceived(after: $after) { id title } }";
const print = (client, what) => console.log(JSON.stringify({ client, ...what }));

const clients = {
  "graphql-ws": overSocket({
    url: url.replace("http", "ws"),
    // As documented for applications: read anew at each connection.
    connectionParams: () => ({ Authorization: authorization }),
    keepAlive: 200,
    on: { closed: (event) => print("graphql-ws", { closed: event.code }) },
  }),
  "graphql-sse": overStream({ url, headers: () => ({ Authorization: authorization }) }),
};

async function use(name, client) {
  for await (const result of client.iterate({ query: "{ firm { name } }" })) {
    print(name, result);
  }
  try {
    for await (const result of client.iterate({ query: "{ nothing }" })) {
      print(name, result);
    }
  } catch (errors) {
    print(name, { errors });
  }
  print(name, { following: true });
  let told = 0;
  for await (const result of client.iterate({ query })) {
    print(name, result);
    told += 1;
    if (told === Number(number)) break;
  }
  await client.dispose();
}

await Promise.all(Object.entries(clients).map(([name, client]) => use(name, client)));
