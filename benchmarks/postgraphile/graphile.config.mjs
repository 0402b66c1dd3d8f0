// PostGraphile as its documentation sets it up: the recommended preset, the two plugins that it
// recommends for names and filters, `pg`'s pool, and what production does not need turned off.
import { PgSimplifyInflectionPreset } from "@graphile/simplify-inflection";
import { makePgService } from "postgraphile/adaptors/pg";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { makeJSONPgSmartTagsPlugin } from "postgraphile/utils";
import { PostGraphileConnectionFilterPreset } from "postgraphile-plugin-connection-filter";

// By default only columns with an index can be filtered by.
const searchable = { tags: { behavior: "+filterBy +attribute:filterBy" } };
const behaviors = makeJSONPgSmartTagsPlugin({
  version: 1,
  config: {
    attribute: {
      "public.accounts.search_text": searchable,
      "public.contacts.search_text": searchable,
    },
  },
});

export default {
  extends: [
    PostGraphileAmberPreset,
    PgSimplifyInflectionPreset,
    PostGraphileConnectionFilterPreset,
  ],
  plugins: [behaviors],
  pgServices: [
    makePgService({
      connectionString: process.env.DATABASE_URL,
      schemas: ["public", "postgraphile"],
      // As many connections as every other contender has.
      poolConfig: { max: 10 },
    }),
  ],
  schema: {
    defaultBehavior: "-insert -update -delete +list",
    connectionFilterRelations: true,
    dontSwallowErrors: true,
  },
  grafserv: { watch: false, graphiql: false, websockets: false },
  grafast: { explain: false },
};
