//go:build unix

package main

import (
	"runtime"
	"syscall"
	"time"
)

// used is the most memory that was resident in this process, and its processor time.
func used() (int64, time.Duration) {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0, 0
	}
	resident := int64(u.Maxrss)
	if runtime.GOOS != "darwin" {
		resident *= 1024
	}
	return resident, time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
