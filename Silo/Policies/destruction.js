// Destruction.
//
// What it is for: what is gone is gone. Everybody who approves sees what a plan deletes or replaces, and production
// does not lose much in one go.
//
// It reports every deletion and replacement. In production it blocks when a plan deletes or replaces more than 3
// resources, or when it deletes a directory in a plan of more than 5 changes, where it is easily overlooked.
//
// Facts it reads: environment, plan.changes[].{action, address}.

const MOST_IN_PRODUCTION = 3;
const SMALL_PLAN = 5;

function judge(facts) {
  const changes = facts.plan.changes;
  const destroyed = changes.filter(change => change.action === "delete" || change.action === "replace");
  const found = destroyed.map(change => ({
    message: change.address + (change.action === "delete" ? " is deleted." : " is replaced."),
    blocks: false
  }));
  if (facts.environment !== "production") {
    return found;
  }
  if (destroyed.length > MOST_IN_PRODUCTION) {
    found.unshift({
      message: "The plan destroys " + destroyed.length + " resources of production; at most " + MOST_IN_PRODUCTION + " are allowed.",
      blocks: true
    });
  }
  if (changes.length > SMALL_PLAN && destroyed.some(change => change.address.startsWith("directory."))) {
    found.unshift({
      message: "The plan deletes a directory of production among " + changes.length + " changes; it needs a plan of at most " + SMALL_PLAN + ".",
      blocks: true
    });
  }
  return found;
}
