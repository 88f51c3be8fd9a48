// PostGraphile on the schema `api`, configured for production as its manual says: without GraphiQL,
// subscriptions and watching.
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { makePgService } from "postgraphile/adaptors/pg";
import { jsonPgSmartTags } from "postgraphile/utils";

// A view has no keys, so tags name them.
const keys = {
  version: 1,
  config: {
    class: {
      "api.patients": { tags: { primaryKey: "id" } },
      "api.encounters": {
        tags: { primaryKey: "id", foreignKey: "(patient_id) references api.patients (id)" },
      },
      "api.line_items": {
        tags: { primaryKey: "id", foreignKey: "(encounter_id) references api.encounters (id)" },
      },
      "api.superbills": { tags: { primaryKey: "encounter_id" } },
    },
  },
};

export default {
  extends: [PostGraphileAmberPreset],
  plugins: [jsonPgSmartTags(keys)],
  pgServices: [
    makePgService({
      connectionString: process.env.DATABASE_URL,
      schemas: ["api"],
      poolConfig: { max: Number(process.env.POOL) },
    }),
  ],
  grafserv: {
    host: "127.0.0.1",
    port: Number(process.env.PORT),
    graphiql: false,
    websockets: false,
    watch: false,
  },
};
