package store

import "syscall"

func changed(stat *syscall.Stat_t) (seconds, nanoseconds int64) {
	return stat.Ctimespec.Sec, stat.Ctimespec.Nsec
}
