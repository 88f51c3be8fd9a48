// Bills a visit with JavaScript's own fetch, and prints what it was told: node fetch.mjs http://localhost:8080
const address = process.argv[2];

async function ask(path, body) {
  const post = body && { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(address + path, post);
  return { status: answer.status, type: answer.headers.get("Content-Type"), content: await answer.json() };
}

const patient = await ask("/patients/", { first_name: "John", last_name: "Oberly" });
const encounters = `/patients/${patient.content.id}/encounters/`;
const encounter = await ask(encounters, { date: "2024-03-01" });
const items = `/encounters/${encounter.content.id}/line_items/`;
const visit = await ask(items, { cpt_code: "G0438", units: 1 });
const injection = await ask(items, { cpt_code: "J1885", units: 4 });

console.log(
  JSON.stringify({
    patient,
    encounter,
    visit,
    injection,
    encounters: await ask(encounters),
    items: await ask(items),
    bill: await ask(`/superbills/${encounter.content.id}`),
    refused: await ask(items, { cpt_code: "G0438", units: 0 }),
    missing: await ask(`/patients/${encounter.content.id}`),
  }),
);
