// Package deployer runs what deploys services: phases, hooks, and each service's own tool.
//
// # The tools know how to deploy
//
// A service is deployed by what its authors chose: Serverless, SAM, CDK, SST, or a command of their own. This package
// knows how each wants to be told a stage, a region and an artifact, where each is found, and nothing of clouds. So a
// Runner does not deploy: it says which commands do, and there is one place that runs commands, hooks among them, with
// the same environment, log, and end.
//
// # The end is what matters
//
// A deploy is remembered by its outcome, so each outcome has to be true. A service has succeeded when all its commands
// ended with status 0 and nobody asked them to stop before that; it was interrupted when somebody did; anything else is
// a failure that names the command and the last lines of its output. What never began is skipped, and says why. The
// caller is told at that moment, once for each service, and before the next phase begins: nothing is deployed on top of
// what could not be remembered.
//
// # Processes come in families
//
// A tool starts compilers, package managers and shells. Each command leads a process group, and what is told to stop,
// or killed, is the group.
//
// # The working tree is one
//
// Seed builds each service in a checkout of its own. Here they share one, so the hooks that prepare it (before_compile,
// compile, before_build) run one service after another, before the first service of the phase is packaged or deployed;
// from there the services of a phase run side by side.
//
// # Secrets
//
// Tools print what they are given. What they print passes a filter on its way to a log, to an event and to an error, in
// which the values of variables that are named like secrets become asterisks, those that a hook sets for the next
// command among them.
package deployer
