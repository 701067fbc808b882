// Public endpoints.
//
// What it is for: nobody opens a door to the outside that an administrator did not register, and everybody who
// approves sees which doors a plan opens, moves or closes.
//
// It blocks when a plan opens a port below 1024, a port that is not registered for the environment, or a port
// whose number it cannot tell. It reports every other touch of an endpoint without blocking.
//
// Facts it reads: environment, allowedPorts, plan.changes[].{action, address, endpoint, port}.

const FIRST_FREE_PORT = 1024;

function judge(facts) {
  return facts.plan.changes.filter(change => change.endpoint).map(change => judgeOne(change, facts));
}

function judgeOne(change, facts) {
  const name = "The public endpoint " + change.address;
  if (change.action === "delete") {
    return { message: name + " is closed.", blocks: false };
  }
  if (typeof change.port !== "number") {
    return { message: name + " has a port that the plan does not tell.", blocks: true };
  }
  if (change.port < FIRST_FREE_PORT) {
    return { message: name + " uses port " + change.port + ", which is below " + FIRST_FREE_PORT + ".", blocks: true };
  }
  if (!facts.allowedPorts.includes(change.port)) {
    return { message: name + " uses port " + change.port + ", which is not registered for " + facts.environment + ".", blocks: true };
  }
  return { message: name + " will be at port " + change.port + ".", blocks: false };
}
