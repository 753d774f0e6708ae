// Package wheel reads Python's wheels as an installer does, but for strangers' wheels and for another machine than this.
//
// A wheel is a zip archive whose name and .dist-info directory say what it is, and whose RECORD says which files it has
// and what their hashes are. To install one is to put its files where they belong; no code of its runs. So a wheel for
// another system, architecture or Python can be installed anywhere, and that is what monoplan's artifacts are made by.
//
// What can be known of a wheel comes in two steps, because they differ in cost a hundredfold:
//
//   - [Open] reads the archive's directory and the few small files that say what the wheel is. It refuses what no
//     installer should see (see package archive) and what is no wheel.
//   - [Wheel.Verify] inflates every file, and compares it with the archive's directory and with RECORD: all are listed,
//     nothing else is, the hashes are right. On the way it notes what else can only be seen in the bytes, above all which
//     machine and which glibc the shared objects need. These [Facts] are about the wheel's bytes and nothing else, so they
//     are kept under the wheel's hash, and the next time [Wheel.Trust] takes them instead of looking again.
//
// A wheel that was built here, and not fetched, has traces of how: the order and times of files, the directory it was
// built in where a path dependency names another, the machine's zlib. [Normalise] makes the same wheel without them.
//
// Formats: the binary distribution format (PEP 427, and "Binary distribution format" in the packaging user guide),
// core metadata (PEP 566), entry points specification, PEP 376 (RECORD), ELF.
package wheel
