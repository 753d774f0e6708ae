package gitdiff

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// widenPipe lets a pipe hold more than the 64 KiB that it has. Where the system allows it not (fcntl(2) limits what a
// user's pipes hold together), it stays as it is.
func widenPipe(pipe any) {
	file, ok := pipe.(syscall.Conn)
	if !ok {
		return
	}
	conn, err := file.SyscallConn()
	if err != nil {
		return
	}
	conn.Control(func(fd uintptr) { unix.FcntlInt(fd, unix.F_SETPIPE_SZ, pipeSize) })
}
