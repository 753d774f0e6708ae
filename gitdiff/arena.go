package gitdiff

import (
	"encoding/hex"
	"unsafe"
)

// arena makes many short strings out of few pieces of memory. A listing of a million files would else spend most of its
// time on asking for each path and ID by itself.
type arena struct{ free []byte }

const arenaSize = 32 << 10

// keep gives a string of these bytes.
func (a *arena) keep(text []byte) string {
	room := a.room(len(text))
	copy(room, text)
	return stringOf(room)
}

// join gives the string of a directory and a name in it.
func (a *arena) join(dir string, name []byte) string {
	room := a.room(len(dir) + len(name))
	copy(room[copy(room, dir):], name)
	return stringOf(room)
}

// hex gives the string of these bytes in hex.
func (a *arena) hex(raw []byte) string {
	room := a.room(hex.EncodedLen(len(raw)))
	hex.Encode(room, raw)
	return stringOf(room)
}

// room gives memory that nobody else writes to.
func (a *arena) room(n int) []byte {
	if n > len(a.free) {
		a.free = make([]byte, max(n, arenaSize))
	}
	room := a.free[:n:n]
	a.free = a.free[n:]
	return room
}

// stringOf gives bytes as a string without a copy: they are not written to again.
func stringOf(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
