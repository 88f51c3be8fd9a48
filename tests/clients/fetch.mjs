// Bill a visit with JavaScript's fetch, and print the answers: node fetch.mjs http://localhost:8080
const address = process.argv[2];

async function send(path, body) {
  const post = body && {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  };
  const response = await fetch(address + path, post);
  const type = response.headers.get("Content-Type");
  return { status: response.status, type, content: await response.json() };
}

const patient = await send("/patients/", { first_name: "John", last_name: "Oberly" });
const encounters = `/patients/${patient.content.id}/encounters/`;
const encounter = await send(encounters, { date: "2024-03-01" });
const items = `/encounters/${encounter.content.id}/line_items/`;
const visit = await send(items, { cpt_code: "G0438", units: 1 });
const injection = await send(items, { cpt_code: "J1885", units: 4 });

console.log(
  JSON.stringify({
    patient,
    encounter,
    visit,
    injection,
    encounters: await send(encounters),
    items: await send(items),
    bill: await send(`/superbills/${encounter.content.id}`),
    refused: await send(items, { cpt_code: "G0438", units: 0 }),
    missing: await send(`/patients/${encounter.content.id}`),
  }),
);
