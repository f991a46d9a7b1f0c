package filelock

import (
	"errors"
	"os"
	"syscall"
	"unsafe"
)

var (
	kernel32   = syscall.NewLazyDLL("kernel32.dll")
	lockFile   = kernel32.NewProc("LockFileEx")
	unlockFile = kernel32.NewProc("UnlockFileEx")
)

const (
	failImmediately = 1
	exclusive       = 2
	lockViolation   = syscall.Errno(33) // ERROR_LOCK_VIOLATION
	ioPending       = syscall.Errno(997)
)

// lockedByte is far behind the file's content, because a lock on Windows
// keeps others from reading what it covers.
func lockedByte() *syscall.Overlapped { return &syscall.Overlapped{OffsetHigh: 1 << 30} }

// Try takes the lock of f's handle; false when another holds it.
func Try(f *os.File) (bool, error) {
	ok, _, err := lockFile.Call(f.Fd(), exclusive|failImmediately, 0, 1, 0, uintptr(unsafe.Pointer(lockedByte())))
	switch {
	case ok != 0:
		return true, nil
	case errors.Is(err, lockViolation), errors.Is(err, ioPending):
		return false, nil
	}
	return false, err
}

func Unlock(f *os.File) error {
	if ok, _, err := unlockFile.Call(f.Fd(), 0, 1, 0, uintptr(unsafe.Pointer(lockedByte()))); ok == 0 {
		return err
	}
	return nil
}

// syncFolder does nothing: Windows keeps names without being asked.
func syncFolder(string) error { return nil }
