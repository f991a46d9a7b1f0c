//go:build !unix

package main

import (
	"runtime"
	"time"
)

// used is what the runtime has from the system; processor time is not known here.
func used() (int64, time.Duration) {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys), 0
}
