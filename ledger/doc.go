// Package ledger remembers what was deployed: for each stage and service the commit of the last deploy that succeeded,
// and how the last one ended.
//
// # What a ledger promises
//
// It never lies. A plan compares head with what the ledger says is live, so a record that is ahead of the truth leaves a
// change undeployed, and nobody notices. Therefore a service is written when its deploy has ended and not before, each one
// by itself; a write replaces exactly the state that its writer had read, or fails; and what cannot be read (damaged,
// or of a newer version) is an error, and never an empty ledger.
//
// # One logic, three stores
//
// A Store keeps one document a stage, and knows one trick: to replace a document only if it is still the one that was
// read. Git refs, a locked file and S3's conditional writes can each do that. All else (locks, outcomes, what a
// change is, trying again when somebody was faster, the journal) is in Ledger and Hold, once, above any store.
//
// # Locks
//
// A lock is a part of the document: so it is taken for all services of a run or for none, in one write, and a record is
// written only while the lock is still held, by the same comparison. A lock ends at the time that it says, as its store's
// clock has it where the store has one (S3 tells its time with each answer), or else the reader's. A reader whose clock is
// behind waits longer than it had to; it takes nothing away. One whose clock is ahead by more than a lock's length
// (Claim.For) may take a lock that is held: its holder finds out at its next write, which is refused. A lock whose
// holder was killed on this very machine is known to be free at once (see Options.Dir).
//
// # The journal
//
// A deploy that succeeded and could not be recorded, because a remote is gone, is not forgotten: it is written down on this
// machine, counts in every plan that is made here, and goes into the ledger at the next chance, unless somebody
// has recorded that service meanwhile.
package ledger
