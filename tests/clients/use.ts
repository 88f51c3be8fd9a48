// Uses what openapi-typescript and orval make of the document. It is only compiled, strictly: each
// line below `@ts-expect-error` has to be a fault.
import { lineItemsCreate, patientsCreate, patientsList } from "./client";
import type { components, paths } from "./types";

type Patient = components["schemas"]["patients"];
type Page = NonNullable<paths["/patients/"]["get"]["parameters"]["query"]>;

export async function names(): Promise<string[]> {
  const john: components["schemas"]["patients.create"] = { first_name: "John", last_name: "Oberly" };
  await patientsCreate(john);
  await patientsCreate([john, { first_name: "Ada", last_name: "Byron" }]);
  // @ts-expect-error A name is a text.
  await patientsCreate({ first_name: 1, last_name: "Byron" });
  // The units have a default.
  const item: components["schemas"]["line_items.create"] = { encounter_id: "", cpt_code: "G0438" };
  await lineItemsCreate(item);
  // @ts-expect-error The encounter is missing.
  await lineItemsCreate({ cpt_code: "G0438" });
  // @ts-expect-error There is no such order.
  const page: Page = { order: "first_name", limit: 10 };
  const answer = await patientsList({ limit: page.limit, order: "-id" });
  const rows: Patient[] = answer.status === 200 && Array.isArray(answer.data) ? answer.data : [];
  return rows.map((row) => row.first_name);
}
