//go:build race

package assemble

// underRace says that the tests run under the race detector.
const underRace = true
