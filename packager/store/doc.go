// Package store keeps the files that artifacts are made of, each under the sha256 of its bytes, and small results under
// the keys that led to them.
//
// A wheel is fetched or built once and used by every service, every branch and every run after that. So the store is what
// makes packaging fast, and it must never be what makes it wrong:
//
//   - A name is a hash. What does not have the hash of its name is not there: it is removed and reported as a miss, and
//     whoever asked makes the file anew. A file that was checked gets a seal, a note of its size, times and inode; as long
//     as the file still looks so, it is not read again only to be hashed.
//   - A file appears whole or not at all. It is written under another name and renamed, so a process can be killed at any
//     moment. There is no call that flushes it to the disk: a file that a power cut left short no longer has the size in its
//     seal, and is a miss.
//   - Any number of processes may share a store. Locks of the operating system guard what has to be one step, and they end
//     with the process that holds them. While one process writes a content that is known beforehand, the others that want it
//     wait for it; what a killed process has left of a download is continued.
//   - It is bounded. Pruning removes what was used longest ago, but never what a live session has used: every session is a
//     locked file whose time is its beginning, and every use of a file is noted in the time of its seal.
//   - It may be read-only. Then what is new is kept in a directory of the session's own, and goes with it.
//
// A [Remote] is a store that machines share. It is asked for what is not here, and given what was made here. It is a help
// and not a condition: what goes wrong with it is told to [Config.Warn], and the file is made on this machine.
//
//	<dir>/v1/blobs/ab/abcd…     a file, under its sha256
//	<dir>/v1/seals/ab/abcd…     what the file looked like when it was checked; its time is that of the last use
//	<dir>/v1/results/ab/abcd…   a result, under the sha256 of its key
//	<dir>/v1/making/            files that are not whole yet
//	<dir>/v1/sessions/          a locked file for each session
//	<dir>/v1/lock               what pruning takes alone, and everybody else together
package store
