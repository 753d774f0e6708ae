package store

import "syscall"

func changed(stat *syscall.Stat_t) (seconds, nanoseconds int64) {
	return int64(stat.Ctim.Sec), int64(stat.Ctim.Nsec)
}
