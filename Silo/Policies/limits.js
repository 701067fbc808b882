// Limits of one plan.
//
// What it is for: a plan that people have to read must be short enough to be read. A change that needs more
// than this is split into several.
//
// It blocks when a plan has more than 50 changes, touches more than 5 ports, or weighs more than 1 MiB with all
// the content that it would write. It is silent otherwise.
//
// Facts it reads: plan.changes[].endpoint, plan.bytes.

const MOST_CHANGES = 50;
const MOST_PORTS = 5;
const MOST_BYTES = 1024 * 1024;

function judge(facts) {
  const found = [];
  const changes = facts.plan.changes;
  const ports = changes.filter(change => change.endpoint).length;
  if (changes.length > MOST_CHANGES) {
    found.push({ message: "The plan has " + changes.length + " changes; at most " + MOST_CHANGES + " are allowed.", blocks: true });
  }
  if (ports > MOST_PORTS) {
    found.push({ message: "The plan touches " + ports + " ports; at most " + MOST_PORTS + " are allowed.", blocks: true });
  }
  if (facts.plan.bytes > MOST_BYTES) {
    found.push({ message: "The plan weighs " + facts.plan.bytes + " bytes; at most " + MOST_BYTES + " are allowed.", blocks: true });
  }
  return found;
}
