// Package archive reads zip archives that strangers made, and writes zip archives that come out the same every time.
//
// A zip says everything twice: in a header before each entry, and in a directory at the end, with two records of the
// directory's place after that. Readers differ in which they believe, and the difference is how an archive shows one
// content to who checks it and another to who installs it. So [Read] believes nothing that is not said the same way in
// all places, and refuses what some reader could understand otherwise: entries that overlap, hidden entries between the
// listed ones, two entries of one name, names that lead out of the directory that they are unpacked in, sizes that the
// compressed bytes cannot have.
//
// What the directory says about an entry's bytes (its checksum and size) is only known to be true when the bytes have
// been inflated once: [Archive.Open] does that. It costs a hundred times the reading of the directory, so a caller
// remembers that it was done, by the hash of the archive.
//
// The [Writer] takes compressed bytes as another archive has them, without inflating them, which is why an artifact
// of many megabytes is written in the time that copying takes. Nothing in what it writes depends on the clock, the
// machine or its settings: entries have one fixed time and one of two modes, sizes stand before the bytes and not after
// them, and what has to be compressed here is compressed by code that is linked in, never by the system's zlib. It writes the
// records itself, too, so that a new version of the standard library gives no new bytes.
//
// Formats: PKWARE's APPNOTE.TXT 6.3 (zip), RFC 1951 (deflate).
package archive
